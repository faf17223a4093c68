"""When a rule may raise alerts, on the wall clock of the factory."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from analytics.errors import FieldProblem
from analytics.rules.truth import FALSE, LONG_AGO, TRUE, Pieces, constant, cut

DAYS: Final = range(1, 8)
SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Weekly:
    """A window of the day on which it starts; one whose end is not after its start ends on the next day.

    `days` are ISO weekdays, 1 is Monday.
    """

    start: time
    end: time
    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Always, in weekly windows, or from one date to another, both inclusive."""

    kind: str = "always"
    windows: tuple[Weekly, ...] = ()
    first: date | None = None
    last: date | None = None


def parse_schedule(kind: Any, config: Any, found: list[FieldProblem]) -> Schedule:
    """The schedule of FactoryOps' `schedule_type` and `schedule_config`; several windows in `windows`."""
    body = config if isinstance(config, dict) else {}
    if kind in {None, "always"}:
        return Schedule()
    if kind == "date_range":
        first, last = _day(body, "start_date", found), _day(body, "end_date", found)
        if first and last and last < first:
            found.append(FieldProblem("schedule_config.end_date", "The end lies before the start."))
        return Schedule("date_range", (), first, last)
    if kind != "time_window":
        found.append(FieldProblem("schedule_type", "Choose always, time_window or date_range."))
        return Schedule()
    parts = body.get("windows") if isinstance(body.get("windows"), list) else [body]
    windows = [_weekly(part, found) for part in parts or []]
    return Schedule("time_window", tuple(one for one in windows if one is not None))


def _weekly(body: Any, found: list[FieldProblem]) -> Weekly | None:
    at = "schedule_config"
    if not isinstance(body, dict):
        found.append(FieldProblem(at, "A window has start_time, end_time and days."))
        return None
    days = body.get("days", list(DAYS))
    if not isinstance(days, list) or not days or not all(one in DAYS for one in days):
        found.append(FieldProblem(f"{at}.days", "Days are numbers, 1 is Monday and 7 is Sunday."))
        return None
    try:
        start, end = time.fromisoformat(str(body["start_time"])), time.fromisoformat(str(body["end_time"]))
    except (KeyError, ValueError):
        found.append(FieldProblem(f"{at}.start_time", "Write the times as 06:00."))
        return None
    return Weekly(start, end, frozenset(days))


def _day(body: dict[str, Any], name: str, found: list[FieldProblem]) -> date | None:
    try:
        return date.fromisoformat(str(body[name]))
    except (KeyError, ValueError):
        found.append(FieldProblem(f"schedule_config.{name}", "Write the day as 2026-03-04."))
        return None


def open_times(schedule: Schedule, zone: ZoneInfo, start_us: int, end_us: int) -> Pieces:
    """When the schedule is open in [start_us, end_us).

    Windows keep their wall-clock times on days on which the clock changes; a start that the clock skips is
    the moment after the gap, one that comes twice is the first of the two.
    """
    if schedule.kind == "always":
        return constant(start_us, end_us, TRUE)
    spans = sorted(_spans(schedule, zone, start_us, end_us))
    changes: list[tuple[int, int]] = []
    reach = start_us
    for begin, end in spans:
        if begin > reach or not changes:
            changes += [(begin, TRUE), (end, FALSE)]
        elif end > reach:
            changes[-1] = (end, FALSE)
        reach = max(reach, end)
    times = np.array([LONG_AGO] + [moment for moment, _ in changes], np.int64)
    truth = np.array([FALSE] + [state for _, state in changes], np.uint8)
    order = np.argsort(times, kind="stable")
    return cut(start_us, end_us, times[order], truth[order])


def _spans(schedule: Schedule, zone: ZoneInfo, start_us: int, end_us: int) -> list[tuple[int, int]]:
    if schedule.kind == "date_range":
        if schedule.first is None or schedule.last is None:
            return []
        return [(_us(schedule.first, time(), zone), _us(schedule.last + timedelta(days=1), time(), zone))]
    day = _local_day(start_us, zone) - timedelta(days=1)
    last = _local_day(end_us, zone)
    found = []
    while day <= last:
        for window in schedule.windows:
            if day.isoweekday() in window.days:
                end_day = day if window.end > window.start else day + timedelta(days=1)
                found.append((_us(day, window.start, zone), _us(end_day, window.end, zone)))
        day += timedelta(days=1)
    return found


def _local_day(moment_us: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment_us // SECOND, zone).date()


def _us(day: date, clock: time, zone: ZoneInfo) -> int:
    """The instant of a wall-clock time; one that the clock skips is the end of the gap."""
    naive = datetime.combine(day, clock)
    moment = naive.replace(tzinfo=zone)
    if moment.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) != naive:
        before = naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
        after = naive.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
        return _gap_end(naive, zone, abs(before - after))
    return round(moment.timestamp()) * SECOND + clock.microsecond


def _gap_end(naive: datetime, zone: ZoneInfo, width: timedelta) -> int:
    """The first instant after a gap in the wall clock."""
    low = round((naive - width).replace(tzinfo=zone).timestamp())
    high = round((naive + width).replace(tzinfo=zone).timestamp())
    offset = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high * SECOND
