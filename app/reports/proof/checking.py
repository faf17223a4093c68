"""Is a file the report that Gemba made? By the file alone, and by the plant's own log where it is there."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from analytics.errors import InvalidInput
from app.audit.merkle import is_included, leaf_hash
from app.audit.notes import opened
from app.bootstrap import Access
from app.reports.content.document import content_digest
from app.reports.proof.evidence import CONTENT, FILE
from app.reports.proof.seals import Unsealed, unsealed
from data.queries.audit import entry_at


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    what: str
    is_good: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found; `said` is what the log says of the report."""

    findings: tuple[Finding, ...]
    said: dict[str, Any]
    key: str

    @property
    def is_good(self) -> bool:
        """Whether all is as it was made."""
        return all(one.is_good for one in self.findings)

    @property
    def factory(self) -> str:
        """The slug of the factory whose log the proof is of, empty where it says none."""
        return str(self.said.get("factory", ""))


def verify(file: bytes, key: str = "") -> Verdict:
    """Check a report by itself: its bytes, its figures (JSON) and both proofs.

    `key` is the public key that is trusted; without one the file's own is taken, and the verdict names it.
    A file with nothing but a proof, as the QR code holds it, is checked for that. InvalidInput for a file
    that is no report.
    """
    parts = _proof_alone(file)
    if parts is not None:
        return _verdict([_proof("the entry about the figures", parts, key)], parts)
    found = unsealed(file)
    try:
        content, about_file = found.evidence["content"], found.evidence["file"]
        findings = [
            _bytes(found, _after(about_file, FILE)),
            _proof("the entry about the figures", content, key),
            _proof("the entry about the file", about_file, key),
            *_figures(found, content, about_file),
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput.at("file", "The evidence in the file cannot be read.") from error
    return _verdict(findings, content)


def verify_in_log(access: Access, file: bytes) -> list[Finding]:
    """Check a report against the factory's own log and its own key."""
    parts = _proof_alone(file)
    evidence = {"content": parts} if parts is not None else unsealed(file).evidence
    own = access.gemba.outside.verifier()
    findings = [Finding("the key is this plant's", all(one["key"] == own for one in evidence.values()))]
    for name, one in evidence.items():
        with access.read() as session:
            row = entry_at(session, int(one["index"]))
        is_same = row is not None and row.body == one["entry"]
        findings.append(Finding(f"entry {one['index']} of this plant's log says so ({name})", is_same))
    return findings


def _verdict(findings: list[Finding], content: dict[str, Any]) -> Verdict:
    entry = orjson.loads(content["entry"])
    origin = str(content["checkpoint"]).partition("\n")[0]
    said = {
        **(entry.get("after") or {}),
        "report": entry["object"][1],
        "made_by": entry["actor"],
        "made_at": entry["at"],
        "position": content["index"],
        "factory": origin.rpartition("/")[2],
    }
    return Verdict(tuple(findings), said, str(content["key"]))


def _proof_alone(file: bytes) -> dict[str, Any] | None:
    try:
        said = orjson.loads(file)
    except orjson.JSONDecodeError:
        return None
    if isinstance(said, dict) and {"entry", "index", "path", "checkpoint", "key"} <= said.keys():
        return said
    return None


def _bytes(found: Unsealed, after: dict[str, Any]) -> Finding:
    same = sha256(found.body).hexdigest() == after["digest"]
    return Finding("the file is as it was made", same, "" if same else "its bytes were changed")


def _figures(found: Unsealed, content: dict[str, Any], about_file: dict[str, Any]) -> list[Finding]:
    """Both entries are about the same figures, and a JSON report has these."""
    digest = _after(content, CONTENT)["content_digest"]
    same = digest == _after(about_file, FILE)["content_digest"] and _key(content) == _key(about_file)
    findings = [Finding("both entries are about the same report", same)]
    if found.kind == "json":
        said = orjson.loads(found.body)["report"]
        findings.append(Finding("the figures are as they were gathered", content_digest(said) == digest))
    return findings


def _key(part: dict[str, Any]) -> str:
    return str(orjson.loads(part["entry"])["object"][1])


def _after(part: dict[str, Any], action: str) -> dict[str, Any]:
    entry = orjson.loads(part["entry"])
    if entry["action"] != action:
        raise ValueError("an entry about something else")
    after: dict[str, Any] = entry["after"]
    return after


def _proof(what: str, part: dict[str, Any], key: str) -> Finding:
    """Whether an entry stands in a log that the key has signed."""
    name = f"{what} stands in the signed log"
    try:
        checkpoint = opened(part["checkpoint"], key or part["key"])
        steps = [base64.b64decode(step, validate=True) for step in part["path"]]
        leaf = leaf_hash(part["entry"].encode())
        index = int(part["index"])
    except (InvalidInput, ValueError) as error:
        return Finding(name, False, str(error))
    is_in = is_included(leaf, index, checkpoint.size, steps, checkpoint.root)
    return Finding(name, is_in, f"entry {index} of {checkpoint.size}" if is_in else "the proof does not fit")
