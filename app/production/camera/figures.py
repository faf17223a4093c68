"""The figures of workers, workstations and the factory that page and API show, over kept hours."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.productivity import (
    SUMMED,
    ActivityEvents,
    Grid,
    Spells,
    activity_events,
    factory_figures,
    grid,
    hour_figures,
    spells,
    station_figures,
    station_hours,
    worker_figures,
)
from analytics.timeline import Windows
from analytics.timeline.arrays import Int64s
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import DAY_US, Span, span
from app.production.happenings import calendar
from app.production.plant import Plant, plant
from data.models import from_us
from data.queries import activity as queries

HOUR_US: Final = 3_600_000_000
MOST_DAYS: Final = 1_000
DEFAULT_DAYS: Final = 31
MOST_RANGE_DAYS: Final = 400
"""The longest range that one question may have."""
BY: Final = ("hour", "day", "shift", "site")
"""What figures can be told apart by, besides worker and station."""


@dataclass(frozen=True, slots=True)
class ActivityQuestion:
    """Which part of the camera events, and when: half-open microseconds; an empty tuple means all. Keys.

    `least_confidence` None stands for the factory's setting.
    """

    start_us: int
    end_us: int
    lines: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    least_confidence: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Cells of a question: by worker, station and hour; the occupied time by station and hour; what was open.

    All three have the columns hour (start_us of the slot), day (date), shift (key) and site. `available` has
    one row per slot with available_us: scheduled time without breaks, up to now.
    """

    cells: pd.DataFrame
    occupied: pd.DataFrame
    available: pd.DataFrame
    has_shifts: bool


class _Kept:
    """Hours of whole days, the least recently used dropped first."""

    def __init__(self) -> None:
        self._days: OrderedDict[tuple[object, ...], tuple[pd.DataFrame, pd.DataFrame]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        with self._lock:
            found = self._days.get(key)
            if found is not None:
                self._days.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], value: tuple[pd.DataFrame, pd.DataFrame]) -> None:
        with self._lock:
            self._days[key] = value
            while len(self._days) > MOST_DAYS:
                self._days.popitem(last=False)


_kept = _Kept()


def cap_us(access: Access) -> int:
    """The longest time that one event stands for."""
    return round(access.gemba.settings.camera_cap_minutes * 60_000_000)


def threshold(access: Access, question: ActivityQuestion) -> float:
    """The least confidence that counts."""
    least = question.least_confidence
    least = access.gemba.settings.camera_least_confidence if least is None else least
    if not 0 <= least <= 1:
        raise InvalidInput.at("least_confidence", "A confidence lies between 0 and 1.")
    return least


def hours(access: Access, question: ActivityQuestion) -> Hours:
    """The cells behind a question.

    Hours are of the factory's clock and are cut at shift ends; an hour belongs to the range in which it
    starts. States end with their shift and with the production day. Each production day is computed once
    and kept until one of its events comes in. Raises InvalidInput for a key that is not listed.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    chosen = span(access, question.start_us, question.end_us)
    if chosen.end_us <= chosen.start_us:
        return _nothing(known)
    windows = calendar(access, known, chosen.first, chosen.last)
    wanted = _wanted(access, known, question)
    parts = [
        _of_day(access, windows, day, chosen, threshold(access, question)) for day in _day_numbers(windows)
    ]
    slots = _slots(access, windows)
    cells, occupied = (pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True))
    keep = (slots["hour"] >= chosen.start_us) & (slots["hour"] < chosen.end_us)
    if question.shifts:
        keep &= slots["shift"].isin(question.shifts)
    slots = slots[keep]
    available = _available(slots, windows, chosen.until_us)
    return Hours(
        wanted.cells(cells.merge(slots, on="start_us")),
        wanted.occupied(occupied.merge(slots, on="start_us")),
        available,
        bool(known.rows.shifts),
    )


def people(access: Access, question: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Worker figures; columns worker (key), pseudonym, those of `by` (any of BY) and of `worker_figures`."""
    found = hours(access, question)
    table = worker_figures(found.cells, ("worker", *_checked(by)))
    return _with_workers(access, table)


def places(access: Access, question: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Workstation figures; columns station (key), name, type, those of `by` and of `station_figures`.

    utilisation is over the available working time where the plant has shifts, else over the occupied time.
    """
    found = hours(access, question)
    keys = list(_checked(by))
    available = None
    if found.has_shifts:
        available = found.available
        if keys:
            available = available.groupby(keys)["available_us"].sum().reset_index()
    table = station_figures(found.cells, found.occupied, ("station", *keys), available)
    with access.read() as session:
        rows = {row.id: row for row in queries.station_rows(session)}
    codes = [int(code) for code in table["station"]]
    table["station"] = [rows[code].key for code in codes]
    table.insert(1, "name", [rows[code].name or rows[code].key for code in codes])
    table.insert(2, "type", [rows[code].type for code in codes])
    return table.sort_values(["station", *keys], ignore_index=True)


def factory(access: Access, question: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Factory figures: one row, or one per value of `by` (any of BY)."""
    return factory_figures(hours(access, question).cells, _checked(by))


def loaded(access: Access, question: ActivityQuestion) -> tuple[ActivityEvents, Grid]:
    """The events of the range's production days as columns, and the grid of its hours."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    chosen = span(access, question.start_us, question.end_us)
    windows = calendar(access, known, chosen.first, chosen.last)
    wanted = _wanted(access, known, question)
    with access.read() as session:
        frame = queries.events_between(session, int(windows.start_us[0]), int(windows.end_us[-1]))
    frame = wanted.cells(frame)
    frame = frame[
        (frame["at_us"] >= chosen.start_us) & (frame["at_us"] < max(chosen.end_us, chosen.start_us))
    ]
    return columns_of(frame), _grid(access, windows)


def columns_of(frame: pd.DataFrame) -> ActivityEvents:
    """The events of a frame of `events_between`."""
    return activity_events(
        *(frame[name].to_numpy() for name in ("at_us", "kind", "worker", "station")),
        count=frame["count"].to_numpy(),
        confidence=frame["confidence"].to_numpy(),
        model=frame["model"].to_numpy(),
        key=frame["id"].to_numpy(),
    )


def _checked(by: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in by if name not in BY]
    if unknown:
        raise InvalidInput.at("by", f"Figures can be told apart by {', '.join(BY)}.")
    return by


def _with_workers(access: Access, table: pd.DataFrame) -> pd.DataFrame:
    with access.read() as session:
        rows = {row.id: row for row in queries.worker_rows(session)}
    codes = [int(code) for code in table["worker"]]
    table["worker"] = [rows[code].key for code in codes]
    table.insert(1, "pseudonym", [rows[code].pseudonym for code in codes])
    return table.sort_values("pseudonym", ignore_index=True)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The ids that a question is about; None for all."""

    workers: frozenset[int] | None
    stations: frozenset[int] | None

    def cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame if self.workers is None else frame[frame["worker"].isin(self.workers)]
        return self.occupied(frame)

    def occupied(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame if self.stations is None else frame[frame["station"].isin(self.stations)]


def _wanted(access: Access, known: Plant, question: ActivityQuestion) -> _Wanted:
    with access.read() as session:
        stations = queries.station_rows(session)
        workers = queries.worker_rows(session)
    own = None
    if question.stations or question.lines or question.machines:
        for key in question.lines:
            if key not in known.line_by_key:
                raise InvalidInput.at("line", f"There is no line '{key}' in this factory.")
        machines = {known.machine_by_key[key].id for key in question.machines if key in known.machine_by_key}
        lines = {known.line_by_key[key].id for key in question.lines}
        own = frozenset(
            row.id
            for row in stations
            if (not question.stations or row.key in question.stations)
            and (not machines or row.machine_id in machines)
            and (not lines or _line(known, row.machine_id, row.line_id) in lines)
        )
    of_people = None
    if question.workers:
        of_people = frozenset(row.id for row in workers if row.key in question.workers)
    return _Wanted(of_people, own)


def _line(known: Plant, machine: int | None, line: int | None) -> int | None:
    found = known.machine_by_id.get(machine or 0)
    return found.line_id if found is not None else line


def _day_numbers(windows: Windows) -> list[int]:
    return [int(day) for day in np.unique(windows.day)]


def _bounds(windows: Windows, day: int) -> tuple[int, int]:
    mine = windows.day == day
    return int(windows.start_us[mine][0]), int(windows.end_us[mine][-1])


def _of_day(
    access: Access, windows: Windows, day: int, chosen: Span, least: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells of one production day, from the kept ones or computed."""
    start, end = _bounds(windows, day)
    with access.read() as session:
        stored = queries.day_counts(session, start // DAY_US, end // DAY_US)
    until = chosen.until_us if end > chosen.until_us else 0
    stamp = tuple(sorted(stored.items()))
    factory_key = (access.gemba.database.number, access.factory.id, plant(access).revision)
    key = (*factory_key, day, start, end, least, cap_us(access), until, stamp)
    found = _kept.get(key)
    if found is None:
        found = _compute(access, windows, (start, end), chosen.until_us, least, any(stored.values()))
        _kept.put(key, found)
    return found


def _compute(
    access: Access, windows: Windows, bounds: tuple[int, int], until_us: int, least: float, has_events: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    slots = _grid(access, windows, bounds)
    with access.read() as session:
        frame = queries.events_between(session, *bounds) if has_events else _no_events()
    events = columns_of(frame)
    cells = hour_figures(events, slots, cap_us=cap_us(access), until_us=until_us, least_confidence=least)
    found = spells(
        events,
        cap_us=cap_us(access),
        until_us=min(until_us, bounds[1]),
        cuts_us=slots.cuts_us,
        least_confidence=least,
    )
    held = station_hours(found, slots)
    held["open_busy_us"] = _open_busy(held, found, slots, windows)
    return cells.drop(columns=["slot", "end_us"]), held.drop(columns=["slot", "end_us"])


def _open_busy(held: pd.DataFrame, found: Spells, slots: Grid, windows: Windows) -> Int64s:
    """How much of the busy time of each row lies in scheduled time, outside breaks."""
    breaks = np.concatenate((windows.break_start_us, windows.break_end_us))
    low, high = slots.edges_us[[0, -1]]
    inside = breaks[(breaks > low) & (breaks < high)]
    fine = station_hours(found, grid(np.concatenate((slots.edges_us, inside))))
    start = fine["start_us"].to_numpy(np.int64)
    row = np.searchsorted(windows.start_us, start, "right") - 1
    is_open = (row >= 0) & windows.scheduled[row] & (start < windows.end_us[row])
    row = np.searchsorted(windows.break_start_us, start, "right") - 1
    is_open &= ~((row >= 0) & (start < np.append(windows.break_end_us, 0)[row]))
    fine["slot"] = np.searchsorted(slots.edges_us, start, "right") - 1
    sums = fine[is_open].groupby(["station", "slot"])["busy_us"].sum()
    keys = pd.MultiIndex.from_frame(held[["station", "slot"]])
    return np.asarray(sums.reindex(keys, fill_value=0), np.int64)


def _no_events() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in queries.COLUMNS.items()})


def _grid(access: Access, windows: Windows, bounds: tuple[int, int] | None = None) -> Grid:
    """Full hours of the factory's clock, cut at the edges of the windows; states end where a shift ends."""
    low, high = bounds or (int(windows.start_us[0]), int(windows.end_us[-1]))
    offset = round(_offset_s(access, low)) * 1_000_000
    first = -(-(low + offset) // HOUR_US) * HOUR_US - offset
    full = np.arange(first, high, HOUR_US, dtype=np.int64)
    inside = np.concatenate((windows.start_us, windows.end_us))
    inside = inside[(inside > low) & (inside < high)]
    ends = windows.end_us[(windows.shift >= 0) & (windows.end_us > low) & (windows.end_us < high)]
    days = np.array([_bounds(windows, day)[0] for day in _day_numbers(windows)], np.int64)
    days = days[(days > low) & (days < high)]
    return grid(np.concatenate(([low, high], full, inside)), np.concatenate(([low, high], ends, days)))


def _offset_s(access: Access, moment_us: int) -> float:
    offset = from_us(moment_us).astimezone(access.factory.zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _slots(access: Access, windows: Windows) -> pd.DataFrame:
    """Each hour's start_us, hour, end, day, shift and site, over all windows."""
    edges = np.unique(
        np.concatenate(
            [_grid(access, windows, _bounds(windows, day)).edges_us for day in _day_numbers(windows)]
        )
    )
    start, end = edges[:-1], edges[1:]
    row = np.clip(np.searchsorted(windows.start_us, start, "right") - 1, 0, None)
    held = (start >= windows.start_us[row]) & (start < windows.end_us[row])
    row, start, end = row[held], start[held], end[held]
    return pd.DataFrame(
        {
            "start_us": start,
            "hour": start,
            "end_us": end,
            "day": np.array([date.fromordinal(int(day)) for day in windows.day[row]], dtype=object),
            "shift": windows.shift_key[row],
            "site": access.factory.slug,
            "is_open": windows.scheduled[row],
        }
    )


def _available(slots: pd.DataFrame, windows: Windows, until_us: int) -> pd.DataFrame:
    """The scheduled time of each slot without breaks, up to now."""
    start = slots["start_us"].to_numpy(np.int64)
    end = np.minimum(slots["end_us"].to_numpy(np.int64), until_us)
    length = np.maximum(end - start, 0) * slots["is_open"].to_numpy(np.bool_)
    for low, high in zip(windows.break_start_us.tolist(), windows.break_end_us.tolist(), strict=True):
        length = length - np.maximum(np.minimum(end, high) - np.maximum(start, low), 0)
    return slots.assign(available_us=np.maximum(length, 0))


def _nothing(known: Plant) -> Hours:
    slot = ("start_us", "hour", "day", "shift", "site")
    columns = (
        ("worker", "station", *SUMMED, *slot),
        ("station", "occupied_us", "busy_us", "open_busy_us", *slot),
        (*slot, "available_us"),
    )
    cells, occupied, available = (
        pd.DataFrame({name: pd.Series(dtype="float64") for name in names}) for names in columns
    )
    return Hours(cells, occupied, available, bool(known.rows.shifts))
