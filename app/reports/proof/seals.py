"""A file and the evidence about it in one: each format takes it where readers of the format do not mind.

JSON has it as its last member, PDF as a comment before a repeated end of file, Excel and CSV (both ZIP
archives) as the comment of the archive. `unsealed` gives back the exact bytes that the evidence is about.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from typing import Any, Final

import orjson

from analytics.errors import InvalidInput

ZIP_END: Final = b"PK\x05\x06"
ZIP_END_BYTES: Final = 22
MOST_COMMENT: Final = 65_535
PDF_MARK: Final = b"\n%GEMBA "
JSON_MARK: Final = b',"evidence":'
NOT_OURS: Final = "The file carries no evidence: it is no report of Gemba, or somebody took the evidence off."


@dataclass(frozen=True, slots=True)
class Unsealed:
    """The bytes that were rendered, and what stands in the file about them."""

    kind: str
    """pdf, zip or json"""
    body: bytes
    evidence: dict[str, Any]


def sealed(body: bytes, evidence: dict[str, Any]) -> bytes:
    """The rendered file with its evidence."""
    said = orjson.dumps(evidence)
    if body.startswith(b"%PDF"):
        return body + PDF_MARK + base64.b64encode(said) + _pdf_end(body)
    if body.startswith(b"PK"):
        if len(said) > MOST_COMMENT:
            raise InvalidInput.at("evidence", "The evidence is too long for an archive.")
        return body[:-2] + struct.pack("<H", len(said)) + said
    return body[:-1] + JSON_MARK + said + b"}"


def unsealed(file: bytes) -> Unsealed:
    """A sealed file in its parts. InvalidInput for one that is none, or that something was added to."""
    try:
        if file.startswith(b"%PDF"):
            return _pdf(file)
        if file.startswith(b"PK"):
            return _zip(file)
        if file.startswith(b"{"):
            return _json(file)
    except (ValueError, binascii.Error, struct.error) as error:
        raise InvalidInput.at("file", NOT_OURS) from error
    raise InvalidInput.at("file", NOT_OURS)


def _pdf_end(body: bytes) -> bytes:
    """Where the cross-reference table is, once more, so that a reader finds it at the end."""
    place = body.rindex(b"startxref")
    return b"\n" + body[place:].rstrip() + b"\n"


def _pdf(file: bytes) -> Unsealed:
    place = file.rindex(PDF_MARK)
    body = file[:place]
    said, _, rest = file[place + len(PDF_MARK) :].partition(b"\n")
    if b"\n" + rest != _pdf_end(body):
        raise InvalidInput.at("file", "Something was added to the file behind its evidence.")
    return Unsealed("pdf", body, orjson.loads(base64.b64decode(said, validate=True)))


def _zip(file: bytes) -> Unsealed:
    place = file.rindex(ZIP_END)
    comment = file[place + ZIP_END_BYTES :]
    length = struct.unpack("<H", file[place + ZIP_END_BYTES - 2 : place + ZIP_END_BYTES])[0]
    if length != len(comment):
        raise InvalidInput.at("file", "Something was added to the file behind its evidence.")
    body = file[: place + ZIP_END_BYTES - 2] + b"\x00\x00"
    return Unsealed("zip", body, orjson.loads(comment))


def _json(file: bytes) -> Unsealed:
    whole = file.rstrip()
    place = whole.rindex(JSON_MARK)
    return Unsealed("json", whole[:place] + b"}", orjson.loads(whole[place + len(JSON_MARK) : -1]))
