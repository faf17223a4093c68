"""The JSON payload of each kind of message."""

import math
from typing import Any, Final

import msgspec

from analytics.vocabulary import STATE_WORDS
from app.ingest.formats.refused import Limits, RefusedMessage, Why
from app.ingest.formats.strict_json import colons, decoded, refuse_duplicates
from app.ingest.formats.when import time_us
from data.contracts.messages import ActivityMessage, CountMessage, ReadingMessage, StateMessage, Value
from data.telemetry.batch import LONGEST_TEXT

LONGEST_PARAMETER: Final = 100
EVENT_TYPES: Final = ("working", "idle", "absent", "product_count")
STATE_NUMBERS: Final = {word: int(state) for state, word in STATE_WORDS.items()}
Time = str | int | float


class _Reading(msgspec.Struct):
    timestamp: Time
    metrics: dict[str, float | int | bool | str]


class _DeepReading(msgspec.Struct):
    timestamp: Time
    metrics: dict[str, Any]


class _State(msgspec.Struct):
    timestamp: Time
    state: str | int
    reason: str | None = None
    end: Time | None = None


class _Count(msgspec.Struct):
    end: Time
    good: float
    start: Time | None = None
    timestamp: Time | None = None
    scrap: float = 0.0
    rework: float = 0.0
    startup_scrap: float = 0.0
    product: str | None = None


class _Activity(msgspec.Struct):
    timestamp: Time
    event_type: str
    worker: str | None = None
    confidence: float | None = None
    count: float | None = None
    event_id: str | None = None
    model: str | None = None


_READING = msgspec.json.Decoder(_Reading)
_DEEP = msgspec.json.Decoder(_DeepReading)
_STATE = msgspec.json.Decoder(_State)
_COUNT = msgspec.json.Decoder(_Count)
_ACTIVITY = msgspec.json.Decoder(_Activity)


def reading(machine: str, payload: bytes, limits: Limits) -> ReadingMessage:
    """`{"timestamp", "metrics": {key: number, true, false or text}}`; raises RefusedMessage.

    Metrics that are objects themselves become parameters with dots: `{"motor": {"rpm": 900}}` is `motor.rpm`.
    """
    try:
        given = decoded(payload, _READING, limits)
    except RefusedMessage as refusal:
        if refusal.why is not Why.WRONG_SHAPE:
            raise
        metrics = _flattened(decoded(payload, _DEEP, limits), payload)
        return _reading(machine, _DEEP.decode(payload).timestamp, metrics, limits)
    own = given.timestamp.count(":") if isinstance(given.timestamp, str) else 0
    refuse_duplicates(payload, 2 + len(given.metrics), own + colons(given.metrics))
    return _reading(machine, given.timestamp, given.metrics, limits)


def _reading(machine: str, timestamp: Time, metrics: dict[str, Value], limits: Limits) -> ReadingMessage:
    if not metrics:
        raise RefusedMessage(Why.WRONG_SHAPE, "The message has no metrics.")
    if len(metrics) > limits.parameters:
        raise RefusedMessage(
            Why.TOO_MANY_PARAMETERS,
            f"The message has {len(metrics):,} parameters; the limit is {limits.parameters:,}.",
        )
    check_values(metrics)
    return ReadingMessage(machine, time_us(timestamp), metrics)


def check_values(metrics: dict[str, Value]) -> None:
    """Raise RefusedMessage for a parameter's key or a value that no store can keep."""
    for key, value in metrics.items():
        if not (0 < len(key) <= LONGEST_PARAMETER and key.isprintable()):
            raise RefusedMessage(
                Why.BAD_PARAMETER,
                f"A parameter's key has 1 to {LONGEST_PARAMETER} printable characters: {key[:60]!r}.",
            )
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):  # type: ignore[arg-type]
                raise RefusedMessage(Why.NOT_FINITE, f"The value of {key!r} is not a finite number.")
        elif kind is int:
            if not -(2**63) <= value < 2**63:  # type: ignore[operator]
                raise RefusedMessage(Why.OUT_OF_RANGE, f"The integer of {key!r} is beyond 64 bits.")
        elif isinstance(value, str) and (len(value) > LONGEST_TEXT or "\x00" in value):
            raise RefusedMessage(
                Why.OUT_OF_RANGE,
                f"The text of {key!r} is longer than {LONGEST_TEXT} characters or has a NUL.",
            )


def _flattened(given: _DeepReading, payload: bytes) -> dict[str, Value]:
    """Nested metrics with dots between the keys."""
    refuse_duplicates(payload, -1, 0)
    found: dict[str, Value] = {}
    open_parts: list[tuple[str, Any]] = list(reversed(given.metrics.items()))
    while open_parts:
        key, value = open_parts.pop()
        if isinstance(value, dict):
            open_parts += [(f"{key}.{inner}", part) for inner, part in reversed(value.items())]
        elif isinstance(value, bool | int | float | str):
            if key in found:
                raise RefusedMessage(Why.DUPLICATE_KEY, f"The key {key[:60]!r} comes twice.")
            found[key] = value
        else:
            kind = "null" if value is None else "a list"
            raise RefusedMessage(Why.WRONG_SHAPE, f"The value of {key[:60]!r} is {kind}.")
    return found


def state(machine: str, payload: bytes, limits: Limits) -> StateMessage:
    """`{"timestamp", "state": word or number, "reason"?, "end"?}`; raises RefusedMessage."""
    given = decoded(payload, _STATE, limits)
    refuse_duplicates(payload, -1, 0)
    number = given.state if isinstance(given.state, int) else _number(given.state)
    if number not in STATE_NUMBERS.values():
        raise RefusedMessage(
            Why.UNKNOWN_STATE,
            f"There is no state {str(given.state)[:60]!r}: use one of {', '.join(STATE_NUMBERS)}.",
        )
    end = None if given.end is None else time_us(given.end)
    return StateMessage(machine, time_us(given.timestamp), number, given.reason or None, end)


def _number(word: str) -> int:
    return STATE_NUMBERS.get(word.strip().casefold().replace(" ", "_").replace("-", "_"), -1)


def count(machine: str, payload: bytes, limits: Limits) -> CountMessage:
    """`{"start" or "timestamp", "end", "good", "scrap"?, "rework"?, "startup_scrap"?, "product"?}`."""
    given = decoded(payload, _COUNT, limits)
    refuse_duplicates(payload, -1, 0)
    start = given.timestamp if given.start is None else given.start
    if start is None:
        raise RefusedMessage(Why.WRONG_SHAPE, "Object missing required field `start`.")
    amounts = (given.good, given.scrap, given.rework, given.startup_scrap)
    return CountMessage(machine, time_us(start), time_us(given.end), *amounts, given.product or None)


def activity(machine: str, payload: bytes, limits: Limits) -> ActivityMessage:
    """`{"timestamp", "event_type", "worker"?, "confidence"?, "count"?, "event_id"?, "model"?}`."""
    given = decoded(payload, _ACTIVITY, limits)
    refuse_duplicates(payload, -1, 0)
    kind = given.event_type.strip().casefold().replace(" ", "_")
    if kind not in EVENT_TYPES:
        raise RefusedMessage(
            Why.WRONG_SHAPE, f"The event type {kind[:60]!r} is none of {', '.join(EVENT_TYPES)}."
        )
    if given.confidence is not None and not 0 <= given.confidence <= 1:
        raise RefusedMessage(Why.BAD_AMOUNT, "A confidence lies between 0 and 1.")
    if given.count is not None and given.count < 0:
        raise RefusedMessage(Why.BAD_AMOUNT, "A count is 0 or more.")
    texts = (given.worker or "", given.event_id or "", given.model or "")
    if any(len(text) > 120 or "\x00" in text for text in texts):
        raise RefusedMessage(Why.OUT_OF_RANGE, "Worker, event id and model have at most 120 characters.")
    return ActivityMessage(
        machine, time_us(given.timestamp), kind, texts[0], given.confidence, given.count, texts[1], texts[2]
    )
