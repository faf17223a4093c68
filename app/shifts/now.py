"""The shift that runs now, or the last one that ran: by the calendar with its cycles and special days."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from app.bootstrap import Access
from app.production.cells import production_day
from app.production.happenings import calendar
from app.production.plant import Plant

LOOKED_BACK: Final = (2, 14, 120)
"""Days, tried one after the other: a shift of a cycle of twelve weeks may have run long ago."""


@dataclass(frozen=True, slots=True)
class ShiftRun:
    """One run of a shift: [start_us, end_us)."""

    key: str
    name: str
    start_us: int
    end_us: int


def latest_shift(access: Access, known: Plant, now_us: int) -> ShiftRun | None:
    """The run of a shift with the latest start that is not after now; none where none ran for 120 days."""
    if not known.rows.shifts:
        return None
    today = production_day(access, now_us)
    for days in LOOKED_BACK:
        found = calendar(access, known, today - timedelta(days=days), today)
        begun = np.flatnonzero((found.shift >= 0) & found.scheduled & (found.start_us <= now_us))
        if len(begun):
            last = begun[found.start_us[begun].argmax()]
            row = known.rows.shifts[int(found.shift[last])]
            return ShiftRun(row.key, row.name, int(found.start_us[last]), int(found.end_us[last]))
    return None
