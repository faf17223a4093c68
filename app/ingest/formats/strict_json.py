"""JSON read strictly: no key twice, no NaN, no nesting beyond a limit."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from app.ingest.formats.refused import Limits, RefusedMessage, Why

T = TypeVar("T")
TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
OPENING: Final = (ord("{"), ord("["))
CLOSING: Final = (ord("}"), ord("]"))


def decoded(payload: bytes, decoder: "msgspec.json.Decoder[T]", limits: Limits) -> T:
    """What the payload says, as the decoder's type; raises RefusedMessage with what is wrong.

    The decoder keeps the last of two equal keys; see `refuse_duplicates`.
    """
    if len(payload) > limits.message_bytes:
        raise RefusedMessage(
            Why.TOO_LARGE, f"The message has {len(payload):,} bytes; the limit is {limits.message_bytes:,}."
        )
    if payload.count(b"{") + payload.count(b"[") > limits.depth and _depth(payload) > limits.depth:
        raise RefusedMessage(Why.TOO_DEEP, f"The message is nested deeper than {limits.depth} levels.")
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        if "out of range" in str(error):
            raise RefusedMessage(Why.NOT_FINITE, f"A number is too large: {error}.") from None
        raise RefusedMessage(Why.WRONG_SHAPE, f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(payload, str(error)) from None


def _malformed(payload: bytes, said: str) -> RefusedMessage:
    """NaN and infinity are no JSON, but many senders write them: they get a reason of their own."""
    try:
        json.loads(payload)
    except (ValueError, RecursionError):
        return RefusedMessage(Why.INVALID_JSON, f"This is not valid JSON: {said[:150]}.")
    return RefusedMessage(Why.NOT_FINITE, "NaN and infinity are no numbers of JSON.")


def _depth(payload: bytes) -> int:
    deepest = level = 0
    for letter in TEXT.sub(b"", payload):
        if letter in OPENING:
            level += 1
            deepest = max(deepest, level)
        elif letter in CLOSING:
            level -= 1
    return deepest


def refuse_duplicates(payload: bytes, keys: int, texts: int) -> None:
    """Raise RefusedMessage where an object of valid JSON has a key twice.

    `keys` is how many keys the decoded content has, `texts` how many colons stand in its keys and texts.
    Each key is followed by one colon, so an equal number of colons in the payload proves that the decoder
    dropped nothing, unless colons are written as escapes. Otherwise it is read once more, slowly.
    """
    if payload.count(b":") == keys + texts and b"\\" not in payload:
        return
    try:
        json.loads(payload, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise RefusedMessage(Why.INVALID_JSON, f"This is not valid JSON: {str(error)[:150]}.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise RefusedMessage(Why.DUPLICATE_KEY, f"The key {twice[:60]!r} comes twice.")
    return found


def colons(values: Mapping[str, object]) -> int:
    """How many colons stand in the keys and in the texts among the values."""
    return sum(
        key.count(":") + (value.count(":") if isinstance(value, str) else 0) for key, value in values.items()
    )
