"""Times of messages: ISO 8601 with an offset, or numbers since 1970."""

from datetime import datetime
from typing import Final

from app.ingest.formats.refused import RefusedMessage, Why
from data.models import to_us
from data.telemetry.batch import EARLIEST_US

LAST_SECONDS: Final = 100_000_000_000
"""Numbers below this are seconds (up to the year 5138), from here on milliseconds."""
LAST_MS: Final = LAST_SECONDS * 1_000


def time_us(given: str | int | float) -> int:
    """int64 microseconds UTC of a text with an offset, or of seconds or milliseconds since 1970.

    Raises RefusedMessage for what is no time, has no offset, or lies before the year 2000.
    """
    moment = _of_text(given) if isinstance(given, str) else _of_number(given)
    if moment < EARLIEST_US:
        raise RefusedMessage(
            Why.PAST_TIME, "The time lies before the year 2000: the sender's clock was never set."
        )
    return moment


def _of_text(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedMessage(Why.BAD_TIME, f"{text[:60]!r} is no ISO 8601 time.") from None
    if moment.tzinfo is None:
        raise RefusedMessage(Why.BAD_TIME, f"The time {text[:60]!r} has no offset: add Z or +01:00.")
    return to_us(moment)


def _of_number(number: int | float) -> int:
    if not -LAST_MS < number < LAST_MS:
        raise RefusedMessage(
            Why.BAD_TIME, "A time is a number of seconds or milliseconds since 1970; this one is too large."
        )
    unit = 1_000_000 if abs(number) < LAST_SECONDS else 1_000
    return number * unit if isinstance(number, int) else round(number * unit)
