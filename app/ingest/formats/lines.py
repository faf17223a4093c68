"""InfluxDB line protocol: one machine and one time a line, a parameter each field."""

import re
from typing import Final

from app.ingest.formats.payload import check_values
from app.ingest.formats.refused import Limits, RefusedMessage, Why
from data.contracts.messages import ReadingMessage, Value
from data.telemetry.batch import EARLIEST_US

LINE: Final = re.compile(
    r'(?P<head>(?:\\.|[^ \\])+) +(?P<fields>(?:"(?:\\.|[^"\\])*"|\\.|[^" \\])+)(?: +(?P<time>-?\d{1,20}))? *'
)
FIELD: Final = re.compile(r'((?:\\.|[^,=\\"])+)=("(?:\\.|[^"\\])*"|[^,"\\]+)(?:,|$)')
ESCAPE: Final = re.compile(r"\\([,= \"\\])")
WORDS: Final = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}
MACHINE_TAGS: Final = ("device_id", "machine")
PER_US: Final = {"ns": (1, 1_000), "us": (1, 1), "ms": (1_000, 1), "s": (1_000_000, 1)}
"""Times the first number, divided by the second, gives microseconds."""


def reading(line: str, precision: str, now_us: int, limits: Limits) -> ReadingMessage:
    """The values of a line; the tag `device_id` or `machine` names the machine, the measurement nothing.

    Without a time it is `now_us`. Raises RefusedMessage.
    """
    if len(line) > limits.message_bytes:
        raise RefusedMessage(Why.TOO_LARGE, f"The line is longer than {limits.message_bytes:,} characters.")
    found = LINE.fullmatch(line)
    if found is None:
        raise RefusedMessage(Why.INVALID_LINE, "This is not measurement,tags fields time.")
    machine = _machine(found["head"])
    values = _fields(found["fields"])
    if len(values) > limits.parameters:
        raise RefusedMessage(
            Why.TOO_MANY_PARAMETERS, f"The line has {len(values)} fields; the limit is {limits.parameters}."
        )
    check_values(values)
    times, divided = PER_US[precision]
    time_us = now_us if found["time"] is None else int(found["time"]) * times // divided
    if time_us < EARLIEST_US:
        raise RefusedMessage(Why.PAST_TIME, "The time lies before the year 2000: check the precision.")
    return ReadingMessage(machine, time_us, values)


def _machine(head: str) -> str:
    tags = dict(
        part
        for tag in re.split(r"(?<!\\),", head)[1:]
        if len(part := re.split(r"(?<!\\)=", tag, maxsplit=1)) == 2
    )
    for name in MACHINE_TAGS:
        if tags.get(name):
            return ESCAPE.sub(r"\1", tags[name])
    raise RefusedMessage(Why.INVALID_LINE, "The line has no tag device_id or machine.")


def _fields(text: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    at = 0
    while at < len(text):
        match = FIELD.match(text, at)
        if match is None:
            raise RefusedMessage(Why.INVALID_LINE, f"The field {text[at : at + 60]!r} cannot be read.")
        key = ESCAPE.sub(r"\1", match[1])
        if key in found:
            raise RefusedMessage(Why.DUPLICATE_KEY, f"The field {key[:60]!r} comes twice.")
        found[key] = _value(match[2])
        at = match.end()
    return found


def _value(text: str) -> Value:
    if text.startswith('"'):
        return ESCAPE.sub(r"\1", text[1:-1])
    if text in WORDS:
        return WORDS[text]
    try:
        return int(text[:-1]) if text[-1] in "iu" and len(text) < 25 else float(text)
    except ValueError:
        raise RefusedMessage(Why.INVALID_LINE, f"{text[:60]!r} is no value.") from None
