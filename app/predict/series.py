"""The history of what is to be forecast: energy, a parameter, or a KPI, over even steps."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput, NotEvaluable, NotFound
from analytics.kpis import BY_ID
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.kpis.values import kpi_trend
from app.production.figures import Question
from app.production.measured.energy import LEAST_KNOWN, energy, power_of
from app.production.plant import Plant, plant
from data.telemetry import Windows

ENERGY: Final = "energy"
PARAMETER: Final = "parameter"
KPI: Final = "kpi"
TARGETS: Final = (ENERGY, PARAMETER, KPI)
STEPS_S: Final = (900, 3_600, 86_400)
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Subject:
    """What is forecast: `target` energy, parameter or kpi, `name` the key of the parameter or the KPI.

    `machines` are keys; none: the whole plant. A parameter is one machine's. A KPI goes by production days.
    """

    target: str
    machines: tuple[str, ...] = ()
    name: str = ""
    step_s: int = 3_600

    @property
    def step_us(self) -> int:
        """The length of a step."""
        return self.step_s * MICROSECONDS


def refuse_wrong(access: Access, subject: Subject) -> None:
    """InvalidInput or NotFound for what has no history in this factory."""
    known = plant(access)
    for key in subject.machines:
        if key not in known.machine_by_key:
            raise NotFound(f"There is no machine '{key}' in this factory.")
    if subject.target not in TARGETS:
        raise InvalidInput.at("what", f"Choose one of {', '.join(TARGETS)}.")
    if subject.step_s not in STEPS_S:
        raise InvalidInput.at("step_s", f"A step has {', '.join(map(str, STEPS_S))} seconds.")
    if subject.target == PARAMETER and (len(subject.machines) != 1 or not subject.name):
        raise InvalidInput.at("parameter", "Name one machine and one of its parameters.")
    if subject.target == KPI and subject.name not in BY_ID:
        raise InvalidInput.at("kpi", f"There is no KPI '{subject.name}'.")
    if subject.target == KPI and subject.step_s != DAY_S:
        raise InvalidInput.at("step_s", "A KPI goes by days: its step is 86400 seconds.")


def unit_of(access: Access, subject: Subject) -> str:
    """The unit of the values; empty where none is known."""
    if subject.target == ENERGY:
        return "kWh"
    if subject.target == KPI:
        return BY_ID[subject.name].unit
    known = plant(access)
    machine = known.machine_by_key[subject.machines[0]]
    return next((one.unit for one in known.parameters(machine.id) if one.key == subject.name), "")


def history(access: Access, subject: Subject, start_us: int, end_us: int) -> "pd.Series[Any]":
    """The values over [start_us, end_us) on the factory's clock, NaN where too little is known.

    Whole steps only: the one that has not ended is left out. NotEvaluable where nothing is known at all.
    """
    if subject.target == KPI:
        found = _kpi(access, subject, start_us, end_us)
    else:
        windows = _windows(access, subject, start_us, end_us)
        read = _energy if subject.target == ENERGY else _parameter
        found = pd.Series(read(access, subject, windows), index=_times(access, windows.edges_us[:-1]))
    if not found.notna().any():
        raise NotEvaluable("There are no readings of this in the history.")
    return found.loc[found.first_valid_index() :]


def _windows(access: Access, subject: Subject, start_us: int, end_us: int) -> Windows:
    if subject.step_s == DAY_S:
        zone = access.factory.zone
        days = pd.to_datetime([start_us, end_us], unit="us", utc=True).tz_convert(zone)
        count = (days[1].date() - days[0].date()).days
        if count < 1:
            raise NotEvaluable("The history is shorter than a day.")
        return Windows.local_days(days[0].date(), count, zone)
    step = subject.step_us
    first, last = -(-start_us // step) * step, end_us // step * step
    if last <= first:
        raise NotEvaluable("The history is shorter than a step.")
    return Windows.every(first, last, step)


def _times(access: Access, stamps_us: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(stamps_us, unit="us", utc=True)).tz_convert(access.factory.zone)


def _energy(access: Access, subject: Subject, windows: Windows) -> Any:
    """kWh of the chosen machines together, the part that is not known at the mean power of the rest; missing
    where less than half of their time is known."""
    measured = _measured(plant(access), subject.machines)
    if not measured:
        raise NotEvaluable(
            "No machine reports its power: give a parameter the unit kW, W, MW or kVA on the page Machines."
        )
    table = energy(access, Question(windows.start_us, windows.end_us, machines=measured), windows)
    place = np.searchsorted(windows.edges_us, table["start_us"].to_numpy(np.int64))
    count = len(windows.edges_us) - 1
    kwh, covered = np.zeros(count), np.zeros(count)
    np.add.at(kwh, place, table["kwh"].to_numpy(np.float64))
    np.add.at(covered, place, table["covered_s"].to_numpy(np.float64))
    whole = np.diff(windows.edges_us) / MICROSECONDS * max(table["machine"].nunique(), 1)
    return np.where(covered >= LEAST_KNOWN * whole, kwh * whole / np.maximum(covered, 1.0), np.nan)


def _measured(known: Plant, machines: tuple[str, ...]) -> tuple[str, ...]:
    chosen = [known.machine_by_key[key] for key in machines] or list(known.active)
    return tuple(one.device_key for one in chosen if power_of(known, one.id) is not None)


def _parameter(access: Access, subject: Subject, windows: Windows) -> Any:
    table = access.gemba.telemetry.aggregate(
        access.factory.slug, windows, list(subject.machines), [subject.name]
    )
    place = np.searchsorted(windows.edges_us, table["start_us"].to_numpy(np.int64))
    values = np.full(len(windows.edges_us) - 1, np.nan)
    values[place] = table["mean"].to_numpy(np.float64)
    return values


def _kpi(access: Access, subject: Subject, start_us: int, end_us: int) -> "pd.Series[Any]":
    """By production day, stamped with the day's local midnight; the days on the edges are left out."""
    asked = Question(start_us, end_us, machines=subject.machines)
    table = kpi_trend(access, asked, subject.name).iloc[1:-1]
    days = pd.DatetimeIndex(pd.to_datetime(pd.Series(table["day"].map(str), dtype="object")))
    scale = 100.0 if BY_ID[subject.name].unit == "%" else 1.0
    found = pd.Series(scale * table["value"].astype(np.float64).to_numpy(), index=days)
    return found[~found.index.duplicated()].asfreq("D").tz_localize(access.factory.zone)
