"""How far a source was read: the value of the ordering column as a text that keeps its type."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bson import ObjectId
from bson.errors import InvalidId

from analytics.errors import InvalidInput

ROWS_BACK: Final = 1_000
"""Numbered rows that are read again: a writer may commit a lower number after a higher one."""
_ISO_SIZE: Final = 10


def mark_of(value: Any) -> str:
    """The mark of a value; InvalidInput for one that cannot order rows."""
    match value:
        case bool():
            raise _unordered(value)
        case int():
            return f"i:{value}"
        case float() | Decimal():
            return f"d:{value}"
        case datetime():
            return f"t:{value.isoformat()}"
        case date():
            return f"y:{value.isoformat()}"
        case ObjectId():
            return f"o:{value}"
        case str():
            return f"s:{value}"
    raise _unordered(value)


def _unordered(value: Any) -> InvalidInput:
    return InvalidInput.at("order", f"Rows cannot be followed by a column that holds {value!r}.")


def value_of(mark: str) -> Any:
    """The value that a mark stands for; InvalidInput where it is damaged."""
    kind, _, text = mark.partition(":")
    try:
        match kind:
            case "i":
                return int(text)
            case "d":
                return Decimal(text)
            case "t":
                return datetime.fromisoformat(text)
            case "y":
                return date.fromisoformat(text)
            case "o":
                return ObjectId(text)
            case "s":
                return text
    except (ValueError, ArithmeticError, InvalidId) as error:
        raise InvalidInput.at("position", f"The position {mark!r} cannot be read.") from error
    raise InvalidInput.at("position", f"The position {mark!r} cannot be read.")


def moved_back(mark: str, overlap_s: int) -> str:
    """The mark of a little earlier, so that what was written late is read too.

    Times go back by `overlap_s`, numbers by 1,000; other texts stay, for nobody can say what lies before.

    >>> moved_back("t:2026-02-12T10:00:00", 60), moved_back("i:5000", 60), moved_back("s:b", 60)
    ('t:2026-02-12T09:59:00', 'i:4000', 's:b')
    """
    value = value_of(mark)
    back = timedelta(seconds=overlap_s)
    match value:
        case int():
            return mark_of(value - ROWS_BACK)
        case Decimal():
            return mark_of(value - ROWS_BACK)
        case datetime():
            return mark_of(value - back)
        case date():
            return mark_of(value - timedelta(days=1))
        case ObjectId():
            begin = max(value.generation_time - back, datetime(1970, 1, 1, tzinfo=UTC))
            return mark_of(ObjectId.from_datetime(begin))
        case str():
            return f"s:{_earlier_text(value, back)}"
    return mark


def _earlier_text(text: str, back: timedelta) -> str:
    """A moment written as text, earlier and in the same spelling; another text as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= _ISO_SIZE:
        return (moment - timedelta(days=1)).date().isoformat()
    earlier = (moment - back).isoformat(sep=text[_ISO_SIZE])
    return earlier.replace("+00:00", "Z") if text.endswith("Z") else earlier


def share(first: str, now: str, last: str) -> float | None:
    """How far `now` lies between two marks, 0 to 1; None where the marks are not measurable.

    >>> share("i:0", "i:25", "i:100")
    0.25
    """
    try:
        begin, here, end = (_number(one) for one in (first, now, last))
    except (InvalidInput, ValueError, TypeError):
        return None
    if end <= begin:
        return 1.0
    return min(1.0, max(0.0, (here - begin) / (end - begin)))


def _number(mark: str) -> float:
    value = value_of(mark)
    match value:
        case int() | Decimal():
            return float(value)
        case ObjectId():
            return value.generation_time.timestamp()
        case str():
            return _seconds(datetime.fromisoformat(value))
        case datetime():
            return _seconds(value)
        case date():
            return float(value.toordinal())
    raise ValueError(mark)


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
