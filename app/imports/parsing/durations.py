"""Durations: a number in a unit, or hours:minutes[:seconds]."""

import re
from typing import Any, Final

import numpy as np

from app.imports.parsing.columns import Bools, Floats, matches, parts, taken, whole
from app.imports.parsing.numbers import numbers

SECONDS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_SPELLINGS: Final = {
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
}
UNITS: Final = {word: unit for unit, spelled in _SPELLINGS.items() for word in spelled}
_CLOCK: Final = r"^(?P<h>\d{1,4}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?$"
_IN_BRACKETS: Final = re.compile(r"[(\[]\s*([^)\]]*?)\s*[)\]]")


def seconds(column: Any, unit: str, mark: str) -> tuple[Floats, Bools]:
    """How many seconds is each cell? NaN for an empty or wrong cell, and which cells are wrong.

    Numbers are in `unit`; cells such as 7:30 or 7:30:00 are hours, minutes, seconds whatever the unit.
    """
    values, wrong = numbers(column, mark)
    values = values * SECONDS[unit]
    clocks = wrong & matches(column, _CLOCK)
    if clocks.any():
        found = parts(taken(column, clocks), _CLOCK)
        values[clocks] = whole(found["h"]) * 3600.0 + whole(found["m"]) * 60.0 + whole(found["s"])
        wrong = wrong & ~clocks
    return np.asarray(values, np.float64), wrong


def unit_of(title: str) -> str:
    """The unit that a column's title names in brackets or as its last word, or "".

    >>> unit_of("Downtime (min)"), unit_of("planned_h"), unit_of("Min batch time")
    ('min', 'h', '')
    """
    bracket = _IN_BRACKETS.search(title)
    if bracket:
        return bracket.group(1).strip()
    words = re.split(r"[\s_.-]+", title.strip().lower())
    return UNITS.get(words[-1], "") if len(words) > 1 else ""
