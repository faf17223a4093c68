"""One document, and what every engine can keep of it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from analytics.errors import InvalidInput

MOST_BYTES: Final = 1_000_000
KEY_LENGTH: Final = 120
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
INT64: Final = 2**63
OWN: Final = frozenset({"scan_sessions", "job_results", "forecasts"})
"""Collections that Gemba writes itself: nothing is imported into them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A body under a key that is its own within the collection; `at_us` is the event's time, UTC.

    The body holds what JSON holds: texts, numbers (integers of 64 bits), true, false, null, lists, objects.
    """

    key: str
    at_us: int
    body: dict[str, Any] = field(default_factory=dict)
    machine: str = ""


def content_key(*texts: str) -> str:
    """A key for a document that has none of its own: the same content, the same key."""
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:40]


def check(collection: str, documents: Sequence[Document]) -> None:
    """Raise InvalidInput at the document that some engine could not keep as it is."""
    check_name("collection", collection)
    for number, document in enumerate(documents):
        at = f"documents[{number}]"
        if not 0 < len(document.key) <= KEY_LENGTH:
            raise InvalidInput.at(f"{at}.key", f"A key has 1 to {KEY_LENGTH} characters.")
        if len(document.machine) > KEY_LENGTH:
            raise InvalidInput.at(f"{at}.machine", f"A machine key has at most {KEY_LENGTH} characters.")
        if not -INT64 <= document.at_us < INT64:
            raise InvalidInput.at(f"{at}.at_us", "The time lies outside what can be stored.")
        _check_body(at, document.body)


def check_name(field_name: str, name: str) -> None:
    """Raise InvalidInput unless the name is a plain one: it becomes part of a query."""
    if not NAME.fullmatch(name):
        raise InvalidInput.at(field_name, "A name has small letters, digits and _, and begins with a letter.")


def _check_body(at: str, body: dict[str, Any]) -> None:
    try:
        size = len(json.dumps(body, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput.at(f"{at}.body", f"This is not JSON: {error}.") from error
    if size > MOST_BYTES:
        raise InvalidInput.at(f"{at}.body", f"A document has at most {MOST_BYTES:,} bytes.")
    _check_values(at, body)


def _check_values(at: str, value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str) or "\x00" in key:
                raise InvalidInput.at(f"{at}.body", f"The name {key!r} cannot be stored.")
            _check_values(at, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_values(at, inner)
    elif isinstance(value, int) and not -INT64 <= value < INT64:
        raise InvalidInput.at(f"{at}.body", f"{value} has more than 64 bits.")
