"""Dates and times of day as they stand in files, and the instants that they mean in a zone."""

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from analytics.vocabulary import MICROSECONDS
from app.imports.parsing.columns import Bools, Ints, filled, matches, parts, taken, whole

DAY_US: Final = 86_400 * MICROSECONDS
_CLOCK: Final = (
    r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s?(?P<p>[AaPp]\.?[Mm]\.?)?"
)
_OFFSET: Final = r"\s?(?P<z>[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?"
_REST: Final = rf"(?:[Tt ]\s*{_CLOCK}{_OFFSET})?$"
_YEAR_FIRST: Final = r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _REST
_YEAR_LAST: Final = r"^(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})[-/.](?P<y>\d{4})" + _REST
_EPOCH: Final = r"^(\d{10}|\d{13}|\d{16}|\d{10}\.\d{1,6})$"
_TIME_ONLY: Final = rf"^(?:(?:1899-12-3[01]|1900-01-0[01])[Tt ])?{_CLOCK}$"
_EPOCH_DAY: Final = r"^(1899-12-3[01]|1900-01-0[01])[Tt ]"
_DAY_FIRST_PROOF: Final = r"^(1[3-9]|2\d|3[01])[-/]\d{1,2}[-/]\d{4}"
_MONTH_FIRST_PROOF: Final = r"^\d{1,2}[-/](1[3-9]|2\d|3[01])[-/]\d{4}"
_EITHER_ORDER: Final = r"^(0?\d|1[0-2])[-/](0?\d|1[0-2])[-/]\d{4}"


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """Moments of n cells: `wall_us` is the wall clock as microseconds since 1970-01-01 00:00 of that clock.

    Where `zoned`, the cell named its offset and `wall_us` is UTC. `wrong` cells hold something else than a
    moment; `unclear` ones have a day and a month that could be swapped, and nobody said which is first.
    """

    wall_us: Ints
    zoned: Bools
    wrong: Bools
    unclear: Bools
    given: Bools


def stamps(column: Any, day_first: bool | None) -> Stamps:
    """Which moment is each cell? ISO 8601, d.m.yyyy, d/m/yyyy or m/d/yyyy, Unix time in s, ms or us.

    24:00 is the midnight at the end of the day; a date alone is its midnight. With points (1.2.2026) the
    day comes first; elsewhere `day_first` decides, and None leaves swappable cells unclear.
    """
    size = len(column)
    wall, zoned = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    unclear, given = np.zeros(size, np.bool_), filled(column)
    known = np.zeros(size, np.bool_)
    for pattern, read in ((_YEAR_FIRST, _year_first), (_YEAR_LAST, _year_last)):
        here = matches(column, pattern)
        if here.any():
            found = parts(taken(column, here), pattern)
            day_us, sound, swappable = read(found, day_first)
            clock_us, has_zone, clock_sound = _clock(found)
            wall[here], zoned[here] = day_us + clock_us, has_zone
            known[here], unclear[here] = sound & clock_sound, swappable
    here = matches(column, _EPOCH)
    if here.any():
        wall[here], zoned[here], known[here] = _unix(taken(column, here)), True, True
    return Stamps(wall, zoned, given & ~known & ~unclear, unclear, given)


def _days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Midnight of each date in microseconds, and which dates exist."""
    sound = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = (year - 1970) * 12 + np.where(sound, month, 1) - 1
    first = months.astype("datetime64[M]")
    date = first.astype("datetime64[D]") + np.where(sound, day - 1, 0).astype("timedelta64[D]")
    sound &= date.astype("datetime64[M]") == first
    return date.astype(np.int64) * DAY_US, sound


def _year_first(found: dict[str, Any], day_first: bool | None) -> tuple[Ints, Bools, Bools]:
    midnight, sound = _days(whole(found["y"]), whole(found["m"]), whole(found["d"]))
    return midnight, sound, np.zeros(len(sound), np.bool_)


def _year_last(found: dict[str, Any], day_first: bool | None) -> tuple[Ints, Bools, Bools]:
    first, second, year = whole(found["a"]), whole(found["b"]), whole(found["y"])
    dotted = np.asarray(pc.equal(found["s"], ".").to_numpy(zero_copy_only=False), dtype=np.bool_)
    leads = dotted | (first > 12) if day_first is None else dotted | day_first
    midnight, sound = _days(year, np.where(leads, second, first), np.where(leads, first, second))
    swappable = ~dotted & (first <= 12) & (second <= 12) & (first != second)
    unclear = swappable if day_first is None else np.zeros(len(sound), np.bool_)
    return midnight, sound, unclear & sound


def _clock(found: dict[str, Any]) -> tuple[Ints, Bools, Bools]:
    """Microseconds since midnight less the named offset, which cells named one, which exist."""
    hour, minute, second = whole(found["H"]), whole(found["M"]), whole(found["S"])
    fraction = pc.utf8_slice_codeunits(pc.ascii_rpad(found["f"], 6, "0"), 0, 6)
    half = pc.utf8_slice_codeunits(pc.utf8_lower(found["p"]), 0, 1)
    is_pm, is_am = (np.asarray(pc.equal(half, x).to_numpy(zero_copy_only=False), np.bool_) for x in "pa")
    sound = (minute < 60) & (second < 60) & np.where(is_am | is_pm, (hour >= 1) & (hour <= 12), hour <= 24)
    hour = np.where(is_am | is_pm, hour % 12 + 12 * is_pm, hour)
    us = whole(fraction)
    sound &= (hour < 24) | ((minute == 0) & (second == 0) & (us == 0))
    offset_us, has_zone, offset_sound = _offset(found["z"]) if "z" in found else _no_offset(len(hour))
    total = ((hour * 60 + minute) * 60 + second) * MICROSECONDS + us - offset_us
    return total, has_zone, sound & offset_sound


def _no_offset(size: int) -> tuple[Ints, Bools, Bools]:
    return np.zeros(size, np.int64), np.zeros(size, np.bool_), np.ones(size, np.bool_)


def _offset(zone: Any) -> tuple[Ints, Bools, Bools]:
    named = filled(zone)
    signed = matches(zone, r"^[+-]")
    offset = np.zeros(len(zone), np.int64)
    minutes = np.zeros(len(zone), np.int64)
    if signed.any():
        found = parts(taken(zone, signed), r"^(?P<s>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?$")
        sign = np.where(np.asarray(pc.equal(found["s"], "-").to_numpy(zero_copy_only=False), np.bool_), -1, 1)
        minutes[signed] = whole(found["m"])
        offset[signed] = sign * (whole(found["h"]) * 60 + minutes[signed])
    return offset * 60 * MICROSECONDS, named, (np.abs(offset) <= 18 * 60) & (minutes < 60)


def _unix(column: Any) -> Ints:
    found = parts(column, r"^(?P<n>\d+)(?:\.(?P<f>\d+))?$")
    digits = np.asarray(pc.binary_length(found["n"]).to_numpy(zero_copy_only=False), np.int64)
    fraction = whole(pc.ascii_rpad(found["f"], 6, "0"))
    return whole(found["n"]) * 10 ** (16 - digits) + fraction


def times_of_day(column: Any) -> tuple[Ints, Bools, Bools]:
    """Microseconds since midnight of each time of day, which cells are wrong, which carried an epoch date.

    A workbook without a date gives its times the date 1899-12-30, 1899-12-31 or 1900-01-00/01: that date
    is dropped. 24:00 is 86,400 s.
    """
    size = len(column)
    clock_us = np.zeros(size, np.int64)
    here = matches(column, _TIME_ONLY)
    sound = here.copy()
    if here.any():
        clock_us[here], _, sound[here] = _clock(parts(taken(column, here), _TIME_ONLY))
    return clock_us, filled(column) & ~sound, matches(column, _EPOCH_DAY) & sound


def date_order(columns: list[Any]) -> bool | None:
    """Whether the day comes first, as far as the cells prove it; None where all of them could be swapped.

    Columns without any such date answer True, which then plays no part.
    """
    day_first = any(matches(column, _DAY_FIRST_PROOF).any() for column in columns)
    month_first = any(matches(column, _MONTH_FIRST_PROOF).any() for column in columns)
    if day_first != month_first:
        return day_first
    if not day_first and not any(matches(column, _EITHER_ORDER).any() for column in columns):
        return True
    return None


def looks_dated(column: Any) -> float:
    """The share of the filled cells that begin as a date."""
    given = filled(column)
    if not given.any():
        return 0.0
    chosen = taken(column, given)
    return float((matches(chosen, _YEAR_FIRST) | matches(chosen, _YEAR_LAST)).mean())


def instants(wall_us: Ints, zone: ZoneInfo) -> tuple[Ints, Bools, Bools]:
    """UTC microseconds of wall-clock times in a zone; which are ambiguous and which do not exist there.

    An ambiguous time is one of the hour that autumn repeats, one that does not exist lies in the hour that
    spring skips: both are left to the caller to refuse.
    """
    local = pd.DatetimeIndex(wall_us.astype("datetime64[us]"))
    ambiguous = np.asarray(local.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna())
    found = local.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    missing = np.asarray(found.isna()) & ~ambiguous
    utc = found.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return np.where(ambiguous | missing, 0, utc), ambiguous, missing
