"""Numbers and times as a person reads them: percent, durations, counts, energy, clock times, ages.

Every function takes `None` (and NaN) as "not known" and returns a long dash for it, never a zero.
"""

import math
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from analytics.vocabulary import MICROSECONDS

MISSING: Final = "–"
THIN_SPACE: Final = "\u202f"
"""A narrow space at which lines do not break."""
MINUS: Final = "\u2212"


def _is_missing(value: float | None) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def number(value: float | None, decimals: int = 0) -> str:
    """A number with thin spaces between thousands and a true minus sign: `12 345.6`.

    >>> number(-1234.5, 1) == "\u22121\u202f234.5"
    True
    """
    if value is None or _is_missing(value):
        return MISSING
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN_SPACE)
    is_zero = not any(digit in text for digit in "123456789")
    return text if value >= 0 or is_zero else MINUS + text


def count(value: float | None, unit: str = "") -> str:
    """A whole number of things, with its unit after a space: `19 271 parts`."""
    return with_unit(number(value), unit)


def with_unit(text: str, unit: str) -> str:
    """A formatted number and its unit; percent signs stand close, and a missing number has no unit."""
    if not unit or text == MISSING:
        return text
    return f"{text}{THIN_SPACE}{unit}" if unit == "%" else f"{text} {unit}"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share (0.7479) as percent (74.8 %). Shares over 1 stay raw: performance may exceed 100 %."""
    if share is None or _is_missing(share):
        return MISSING
    return with_unit(number(100 * share, decimals), "%")


def points(difference: float | None, decimals: int = 1) -> str:
    """The difference of two shares in signed percentage points, `+2.3 pp`; a rounded zero has no sign."""
    if difference is None or _is_missing(difference):
        return MISSING
    text = number(abs(100 * difference), decimals)
    if not any(digit in text for digit in "123456789"):
        return f"{text} pp"
    return f"{'+' if difference > 0 else MINUS}{text} pp"


def duration(minutes: float | None) -> str:
    """A duration as hours and minutes, `7:05 h`, rounded to the minute; under one hour as `42 min`.

    >>> duration(425.4), duration(59.4), duration(59.6)
    ('7:05 h', '59 min', '1:00 h')
    """
    if minutes is None or _is_missing(minutes):
        return MISSING
    whole = math.floor(abs(minutes) + 0.5)
    sign = MINUS if minutes < 0 and whole else ""
    if whole < 60:
        return f"{sign}{whole} min"
    return f"{sign}{number(whole // 60)}:{whole % 60:02d} h"


def many(amount: int, noun: str) -> str:
    """So many things, in the singular or the plural.

    >>> many(1, "record"), many(2, "record")
    ('1 record', '2 records')
    >>> many(3, "entry")
    '3 entries'
    """
    if amount == 1:
        return f"{number(amount)} {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{number(amount)} {plural}"


def energy(kwh: float | None) -> str:
    """Energy in kWh below 10 MWh, in MWh above, with three significant steps at most."""
    if kwh is None or _is_missing(kwh):
        return MISSING
    if abs(kwh) >= 10_000:
        return f"{number(kwh / 1000, 1)} MWh"
    return f"{number(kwh, 1 if abs(kwh) < 100 else 0)} kWh"


def measured(value: float | None, unit: str = "") -> str:
    """A value with about four significant digits and its unit: `1 234 kW`, `23.5 °C`, `0.0123 bar`."""
    if value is None or _is_missing(value):
        return MISSING
    size = abs(value)
    if size == 0:
        return with_unit("0", unit)
    decimals = min(6, max(0, 3 - math.floor(math.log10(size))))
    text = number(value, decimals)
    return with_unit(text.rstrip("0").rstrip(".") if "." in text else text, unit)


def clock(time_us: int | None, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """The time of day in the factory's zone: `14:05`."""
    return _local(time_us, zone, "%H:%M:%S" if seconds else "%H:%M")


def day(time_us: int | None, zone: ZoneInfo) -> str:
    """The date in the factory's zone: `Fri 20 Nov 2026`."""
    return _local(time_us, zone, "%a %d %b %Y")


def moment(time_us: int | None, zone: ZoneInfo) -> str:
    """Date and time of day in the factory's zone: `20 Nov 14:05`."""
    return _local(time_us, zone, "%d %b %H:%M")


def _local(time_us: int | None, zone: ZoneInfo, pattern: str) -> str:
    if time_us is None:
        return MISSING
    seconds, rest = divmod(time_us, MICROSECONDS)
    moment_utc = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    return moment_utc.astimezone(zone).strftime(pattern)


def age(then_us: int | None, now_us: int) -> str:
    """How long ago, in one unit: `just now` (under 10 s), `42 s ago`, `3 min ago`, `5 h ago`, `4 days ago`.

    A time in the future (clocks differ) reads `just now` up to one minute ahead, then `in the future`.
    """
    if then_us is None:
        return "never"
    seconds = (now_us - then_us) // MICROSECONDS
    if seconds < -60:
        return "in the future"
    if seconds < 10:
        return "just now"
    if seconds < 60:
        return f"{seconds} s ago"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86_400} days ago"


def plain(text: str) -> str:
    """Text from data is not Markdown: marks that would format it are escaped."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#$~|:" else letter for letter in text)
