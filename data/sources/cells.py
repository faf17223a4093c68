"""Values as databases give them, as the texts that the intake reads."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId

from data.sources.protocol import Page


def text_of(value: Any) -> str:
    """One value as a text; nothing is an empty one, a truth 1 or 0, a moment ISO 8601."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case float():
            return repr(value)
        case datetime():
            return value.isoformat(sep=" ")
        case int() | Decimal() | Decimal128() | ObjectId() | date() | time():
            return str(value)
        case timedelta():
            return _length(value)
        case bytes() | bytearray() | memoryview():
            return _bytes(bytes(value))
        case Mapping() | list() | tuple():
            return json.dumps(value, default=text_of, ensure_ascii=False)
    return str(value)


def _length(value: timedelta) -> str:
    """A time of day where it can be one (MySQL's TIME), else seconds."""
    seconds = value.total_seconds()
    if 0 <= seconds < 86_400 and not value.microseconds:
        return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"
    return repr(seconds)


def _bytes(value: bytes) -> str:
    """Text where it is text (some drivers give it as bytes), a bit as 1 or 0, else base64."""
    if value in {b"\x00", b"\x01"}:
        return str(value[0])
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def is_number(value: Any) -> bool:
    """Whether a value is a number or a truth."""
    return isinstance(value, int | float | Decimal | Decimal128)


def page(header: Sequence[str], columns: Sequence[Sequence[Any]], mark: str) -> Page:
    """A page of values by column."""
    numeric = {
        name
        for name, values in zip(header, columns, strict=True)
        if any(value is not None for value in values)
        and all(value is None or is_number(value) for value in values)
    }
    texts = [[text_of(value) for value in values] for values in columns]
    return Page(tuple(header), texts, frozenset(numeric), mark)


def flat(document: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """A document with the fields of nested ones joined by points; lists stay.

    >>> flat({"a": 1, "b": {"c": 2}})
    {'a': 1, 'b.c': 2}
    """
    found: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            found.update(flat(value, f"{above}{name}."))
        else:
            found[f"{above}{name}"] = value
    return found
