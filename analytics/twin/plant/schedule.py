"""When the plant works: production days, shifts and breaks, and what each machine does of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from analytics.timeline import ShiftPattern, shift_windows
from analytics.twin.plant.model import MachineModel, PlantModel
from analytics.vocabulary import MICROSECONDS

HOUR_US: Final = 3_600 * MICROSECONDS
SUNDAY: Final = 6
NIGHT: Final = "night"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlantDay:
    """A production day in microseconds UTC: its shifts as (start, end, key) and its breaks, in order."""

    ordinal: int
    start_us: int
    end_us: int
    shifts: tuple[tuple[int, int, str], ...]
    breaks: tuple[Span, ...]

    @property
    def weekday(self) -> int:
        """Monday is 0."""
        return (self.ordinal - 1) % 7


@lru_cache(maxsize=1_024)
def plant_day(model: PlantModel, ordinal: int) -> PlantDay:
    """The production day with the date of this ordinal, of 23, 24 or 25 hours."""
    patterns = [
        ShiftPattern(
            shift.key,
            shift.name,
            _clock(shift.start_min),
            _clock(shift.end_min),
            breaks=tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in shift.breaks),
        )
        for shift in model.shifts
    ]
    day = date.fromordinal(ordinal)
    found = shift_windows(patterns, day, day, model.zone, _clock(model.day_start_min))
    shifts = tuple(
        (int(start), int(end), found.shift_keys[int(place)])
        for start, end, place, scheduled in zip(
            found.start_us, found.end_us, found.shift, found.scheduled, strict=True
        )
        if scheduled
    )
    breaks = tuple(zip(found.break_start_us.tolist(), found.break_end_us.tolist(), strict=True))
    return PlantDay(ordinal, shifts[0][0], shifts[-1][1], shifts, breaks)


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def day_of(model: PlantModel, moment_us: int) -> int:
    """The ordinal of the production day that holds the moment."""
    local = datetime.fromtimestamp(moment_us // MICROSECONDS, UTC).astimezone(model.zone)
    before = local.hour * 60 + local.minute < model.day_start_min
    return (local.date() - timedelta(days=1 if before else 0)).toordinal()


def days_between(model: PlantModel, start_us: int, end_us: int) -> range:
    """The ordinals of the production days that touch [start_us, end_us)."""
    return range(day_of(model, start_us), day_of(model, max(end_us - 1, start_us)) + 1)


def works(machine: MachineModel, day: PlantDay, shift: str) -> bool:
    """Whether the machine works this shift of this day."""
    return (day.weekday, shift) not in machine.rest


def worked(machine: MachineModel, day: PlantDay) -> list[Span]:
    """The stretches that the machine works, adjoining shifts joined."""
    spans: list[Span] = []
    for start, end, shift in day.shifts:
        if not works(machine, day, shift):
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def starts_cold(model: PlantModel, machine: MachineModel, day: PlantDay, start_us: int) -> bool:
    """Whether the machine rested just before this moment, the start of a stretch that it works."""
    if start_us > day.start_us:
        return True
    before = plant_day(model, day.ordinal - 1)
    return not works(machine, before, before.shifts[-1][2])


def days_worked(machine: MachineModel, ordinal: int) -> int:
    """How many production days before this one the machine has worked since ordinal 1 (a Monday)."""
    if not machine.rests_on_sunday:
        return ordinal - 1
    return (ordinal - 1) // 7 * 6 + min((ordinal - 1) % 7, 6)
