"""The chosen signals of a machine, now and over time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from analytics.errors import InvalidInput, NotFound, TooManyPoints
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.measured import parameters
from app.production.measured.presence import STALE_US
from data.models import Machine, Parameter, from_us, to_us
from data.telemetry.windows import Windows

STEPS_US: Final = {"1m": 60_000_000, "5m": 300_000_000, "1h": 3_600_000_000}
A_DAY: Final = "1d"
INTERVALS: Final = (*STEPS_US, A_DAY)
MOST_POINTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class LiveKpi:
    """One chosen signal: its newest value, None where it never had one; stale after five minutes."""

    parameter: Parameter
    value: float | int | bool | str | None
    time_us: int | None
    is_stale: bool


def live(access: Access, machine_id: int) -> list[LiveKpi]:
    """The newest value of every parameter that is chosen as a KPI, by key."""
    machine = _machine(access, machine_id)
    chosen = [row for row in parameters.listed(access, machine_id) if row.is_kpi]
    latest = access.gemba.telemetry.latest(access.factory.slug, [machine.device_key])
    rows = zip(
        latest["parameter"].tolist(), latest["time_us"].tolist(), latest["value"].tolist(), strict=True
    )
    newest: dict[str, tuple[int, Any]] = {key: (at, value) for key, at, value in rows}
    now_us = to_us(access.now)
    found = []
    for row in chosen:
        at, value = newest.get(row.key, (None, None))
        found.append(LiveKpi(row, value, at, at is None or now_us - at > STALE_US))
    return found


def history(
    access: Access, machine_id: int, key: str, start_us: int, end_us: int, interval: str
) -> tuple[Parameter, pd.DataFrame]:
    """The means of a signal in buckets that hold a number: columns time_us (of the bucket's start), value.

    Buckets begin at whole intervals of UTC, days at local midnight. Also returns the parameter.
    TooManyPoints beyond 20,000 buckets, NotFound for an unknown parameter.
    """
    machine = _machine(access, machine_id)
    if end_us <= start_us:
        raise InvalidInput.at("end", "The end must lie after the start.")
    row = next((one for one in parameters.listed(access, machine_id) if one.key == key), None)
    if row is None:
        raise NotFound("This machine has no such parameter.")
    windows = _windows(access, start_us, end_us, interval)
    means = access.gemba.telemetry.aggregate(access.factory.slug, windows, [machine.device_key], [key])
    return row, pd.DataFrame({"time_us": means["start_us"], "value": means["mean"]})


def _windows(access: Access, start_us: int, end_us: int, interval: str) -> Windows:
    if interval == A_DAY:
        zone = access.factory.zone
        first = from_us(start_us).astimezone(zone).date()
        last = (from_us(end_us) - timedelta(microseconds=1)).astimezone(zone).date()
        return Windows.local_days(first, (last - first).days + 1, zone)
    step = STEPS_US.get(interval)
    if step is None:
        raise InvalidInput.at("interval", f"Choose an interval of {', '.join(INTERVALS)}.")
    first_us = start_us // step * step
    if (end_us - first_us) / step > MOST_POINTS:
        raise TooManyPoints(f"That is more than {MOST_POINTS:,} points: ask for a longer interval.")
    return Windows.every(first_us, -(-end_us // step) * step, step)


def _machine(access: Access, machine_id: int) -> Machine:
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(Machine, machine_id)
    if row is None:
        raise NotFound("There is no such machine in this factory.")
    return row
