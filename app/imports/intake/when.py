"""The interval of a record: from two moments, a date and two times of day, or a date and a shift."""

import numpy as np

from analytics.vocabulary import MICROSECONDS
from app.imports.parsing.columns import Bools, Ints, words
from app.imports.parsing.moments import DAY_US, stamps, times_of_day
from app.imports.rows.faults import shown
from app.imports.rows.typed import NO_ORDER, Reading

NEXT_DAY = "The end time is not after the start time: it is taken as that of the next day."
EPOCH_DATE = (
    "The time carries the date {date}, which spreadsheets give to a time without a date: only the time of "
    "day counts."
)
MINUTE_US = 60 * MICROSECONDS


def intervals(reading: Reading) -> tuple[Ints, Ints, Ints]:
    """Start, end (microseconds UTC) and shift id (0: none) of each row; what cannot be told is a fault."""
    mapping = reading.mapping
    shift = _shift_ids(reading)
    if mapping.gives("start") and mapping.gives("end"):
        start, end = reading.instant("start"), reading.instant("end")
        reading.faults.at(end <= start, "end", "The end must lie after the start.")
        return start, end, shift[0]
    day_us = _days(reading)
    if mapping.gives("start_time") and mapping.gives("end_time"):
        begin, finish = _clock(reading, "start_time"), _clock(reading, "end_time")
    else:
        begin, finish = shift[1], shift[2]
    return (*_in_zone(reading, day_us, begin, finish), shift[0])


def _in_zone(reading: Reading, day_us: Ints, begin: Ints, finish: Ints) -> tuple[Ints, Ints]:
    over = finish <= begin
    if reading.mapping.gives("end_time"):
        for at in np.flatnonzero(over & reading.faults.good).tolist():
            reading.faults.note(at, NEXT_DAY)
    every = np.ones(len(reading), np.bool_)
    start = reading.in_zone("start_time", day_us + begin, every)
    return start, reading.in_zone("end_time", day_us + finish + np.where(over, DAY_US, 0), every)


def _days(reading: Reading) -> Ints:
    column = reading.needed("date")
    found = stamps(column, reading.mapping.day_first)
    faults = reading.faults
    faults.at(found.wrong, "date", lambda at: f"{shown(column[at].as_py())} is no date; write 2026-03-04.")
    faults.at(found.unclear, "date_order", NO_ORDER)
    reading.check_range("date", found.wall_us, found.given)
    return found.wall_us // DAY_US * DAY_US


def _clock(reading: Reading, name: str) -> Ints:
    column = reading.needed(name)
    clock_us, wrong, dated = times_of_day(column)
    reading.faults.at(
        wrong, name, lambda at: f"{shown(column[at].as_py())} is no time of day; write 14:05 or 14:05:00."
    )
    for at in np.flatnonzero(dated).tolist():
        reading.faults.note(at, EPOCH_DATE.format(date=column[at].as_py()[:10]))
    return clock_us


def _shift_ids(reading: Reading) -> tuple[Ints, Ints, Ints]:
    """Id, start and end of day in microseconds of each row's shift; an unknown shift is a fault."""
    column = reading.text("shift")
    codes, texts = words(column)
    look = reading.job.look
    shifts = [look.shift(text) if text else None for text in texts]
    missing: Bools = np.array(
        [bool(text) and shift is None for text, shift in zip(texts, shifts, strict=True)]
    )
    must = reading.mapping.gives("date") and not reading.mapping.gives("start_time")
    reading.faults.at(
        missing[codes],
        "shift",
        lambda at: f"There is no shift {shown(texts[codes[at]])}; there are {look.shift_names}.",
    )
    if must:
        empty = np.array([shift is None for shift in shifts])
        reading.faults.at(empty[codes], "shift", "The cell is empty.")
    values = np.array(
        [(s.id, s.start_min * MINUTE_US, s.end_min * MINUTE_US) if s else (0, 0, 0) for s in shifts], np.int64
    )
    return values[codes, 0], values[codes, 1], values[codes, 2]
