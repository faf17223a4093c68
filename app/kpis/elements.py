"""The elements of KPIs (`analytics.kpis.symbols`) for a part of the plant and a time."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import NotEvaluable
from analytics.oee import figures, rollup, waterfall
from analytics.vocabulary import MICROSECONDS, ReasonCategory, State, TimeClass
from app.bootstrap import Access
from app.maintenance.hours import maintenance_hours
from app.production.camera import figures as camera
from app.production.camera.figures import ActivityQuestion
from app.production.figures import Question, selected
from app.production.measured.energy import Consumption, consumption, energy, with_peaks
from app.production.plant import plant
from app.production.terms.rates import rates
from app.stops.failures import failed
from app.stops.listing import stops
from data.models import to_us

HOUR_US: Final = 3_600_000_000
BUSY: Final = ("producing_us", "minor_stop_us", "unplanned_stop_us", "setup_us")


OF_STOPS: Final = ("FE", "TTR", "SBT", "UDT", "IDT", "SUT", "HET", "ABT")
"""What only single stops tell."""


@dataclass(frozen=True, slots=True)
class Elements:
    """Values by symbol, times in hours; the same if unknown time were lost, and if it were productive."""

    values: dict[str, float]
    lost: dict[str, float]
    productive: dict[str, float]
    coverage: float | None
    figures: dict[str, float] = field(default_factory=dict)
    """The ratios of `analytics.oee.figures`, which pages show."""
    note: str = ""
    """What a reader of these ratios must know."""
    why: dict[str, str] = field(default_factory=dict)
    """Why elements are absent, by symbol."""
    covered: dict[str, float] = field(default_factory=dict)
    """The share of the time that is known of elements that have one of their own, by symbol."""


def elements(access: Access, question: Question) -> Elements:
    """All elements that the plant's records give; what they do not give is absent."""
    found = selected(access, question)
    cells = rollup(found, [])
    sums = figures(cells).iloc[0]
    values = of_cells(cells) | {
        "OM": float((found.groupby("machine")[list(BUSY)].sum() > 0).any(axis=1).sum())
    }
    if not question.products:
        values |= _stop_elements(access, question, _hours(sums, "minor_stop") + values["ADET"])
    values |= _people(access, question) | _maintenance(access, question)
    rate = rates(access).hour_rate
    if rate is not None:
        values["RATE"] = rate
    unknown = values["UT"]
    lost = _with_unknown(values, ("ADET", "AUBT", "PBT", "POT", "UDT", "ABT"), unknown) | {"UT": 0.0}
    productive = _with_unknown(
        values, ("APT", "AUPT", "AUBT", "PBT", "POT", "FPT", "PRT", "TBF", "TTF"), unknown
    )
    productive |= {"UT": 0.0} | ({"ITT": values["ITT"] + unknown} if "ITT" in values else {})
    used = _energy(access, question, found)
    covered = {} if isinstance(used, str) else {"E": used.coverage}
    if not isinstance(used, str):
        values["E"], lost["E"], productive["E"] = used.kwh, used.lower_kwh, used.upper_kwh
    coverage = float(sums["coverage"])
    ratios = {name: float(sums[name]) for name in ("oee", "ooe", "teep", "availability", "quality")}
    bounds = {name: float(sums[name]) for name in ("oee_lower", "oee_upper")}
    known = None if np.isnan(coverage) else coverage
    why = {"E": used} if isinstance(used, str) else {}
    if question.products:
        why |= dict.fromkeys(OF_STOPS, "stops are known for whole machines, not by product")
    return Elements(values, lost, productive, known, ratios | bounds, str(sums["note"]), why, covered)


def _with_unknown(values: dict[str, float], names: tuple[str, ...], unknown: float) -> dict[str, float]:
    return values | {name: values[name] + unknown for name in names if name in values}


def of_cells(cells: pd.DataFrame) -> dict[str, float]:
    """The elements that a roll-up of cells to one row gives: times in hours, and parts.

    The losses are those of `analytics.oee.waterfall`: their shares of PBT and the OEE add up to 1.
    """
    sums, flow = cells.iloc[0], waterfall(cells).iloc[0]
    run = _hours(sums, "producing") + _hours(sums, "minor_stop")
    busy = run + _hours(sums, "unplanned_stop") + _hours(sums, "setup")
    found = _parts(sums) | {
        "CT": _hours(sums, "calendar"), "POT": busy + _hours(sums, "planned_stop"),
        "PDOT": _hours(sums, "planned_stop"), "PBT": busy, "APT": run, "ASUT": _hours(sums, "setup"),
        "AUPT": run + _hours(sums, "setup"), "ADET": _hours(sums, "unplanned_stop"), "AUBT": busy,
        "MST": _hours(flow, "minor_stop"), "PRT": _hours(sums, "producing"), "UT": _hours(sums, "unknown"),
        "NST": _hours(sums, "not_scheduled"), "TBF": run + _hours(sums, "setup"),
        "TTF": run + _hours(sums, "setup"), "SDT": _hours(sums, "planned_stop") + _hours(sums, "setup"),
        "ENT": 0.0,
    }  # fmt: skip
    if float(sums["total_without_ideal"]) > 0:
        return found
    good = float(sums["good"]) / float(sums["total"]) if float(sums["total"]) else 0.0
    return found | {
        "ITT": _hours(sums, "ideal"), "SLT": _hours(flow, "speed"), "DLT": _hours(flow, "defect"),
        "SUL": _hours(flow, "startup"), "FPT": min(_hours(sums, "ideal"), run) * good,
    }  # fmt: skip


def _hours(sums: "pd.Series[float]", name: str) -> float:
    return float(sums[f"{name}_us"]) / HOUR_US


def _parts(sums: "pd.Series[float]") -> dict[str, float]:
    found = {symbol: float(sums[name]) for symbol, name in (("PQ", "total"), ("GQ", "good"))}
    if float(sums["record_us"]) == 0:
        found |= {"SQ": float(sums["scrap"]), "RQ": float(sums["rework"])}
    ideal, total = float(sums["ideal_us"]), float(sums["total"])
    if total and ideal and float(sums["total_without_ideal"]) == 0:
        run = float(sums["producing_us"] + sums["minor_stop_us"])
        planned = run + float(sums["unplanned_stop_us"]) + float(sums["setup_us"])
        found["EPC"] = planned / (ideal / total)
    return found


def _stop_elements(access: Access, question: Question, stopped_h: float) -> dict[str, float]:
    """Failures, restoration, standby, PackML: what single stops tell; `stopped_h` are all unplanned ones."""
    found = stops(access, question)
    lost = found["lost_us"].to_numpy(np.float64) / HOUR_US
    kind = found["time_class"].to_numpy(np.int64)
    idle = found["state"].to_numpy(np.int64) == int(State.IDLE)
    known = plant(access)
    failures = failed(known, found)
    waits = idle & np.isin(kind, (int(TimeClass.UNPLANNED_STOP), int(TimeClass.MINOR_STOP)))
    standby = float(lost[waits].sum())
    outside = {one.id for one in known.rows.reasons if one.category == ReasonCategory.EXTERNAL}
    is_outside = found["reason"].isin(outside).to_numpy()
    is_stop = np.isin(kind, (int(TimeClass.UNPLANNED_STOP), int(TimeClass.MINOR_STOP)))
    suspended = float(lost[is_stop & is_outside].sum())
    waiting = float(lost[waits & ~is_outside].sum())
    held = float(lost[(kind == int(TimeClass.MINOR_STOP)) & ~idle & ~is_outside].sum())
    return {
        "SUT": suspended,
        "IDT": waiting,
        "HET": held,
        "ABT": max(stopped_h - suspended - waiting - held, 0.0),
        "FE": float(failures.sum()),
        "TTR": float(lost[failures].sum()),
        "SBT": standby,
        "UDT": max(stopped_h - standby, 0.0),
    }


def _people(access: Access, question: Question) -> dict[str, float]:
    """Work and attendance of everybody whom cameras see; a line's or machine's by its workstations."""
    if question.products:
        return {}
    asked = ActivityQuestion(
        question.start_us, question.end_us, question.lines, shifts=question.shifts, machines=question.machines
    )
    seen = camera.factory(access, asked)
    if not len(seen) or not float(seen["events"].iloc[0]):
        return {}
    working, idle = float(seen["productive_h"].iloc[0]), float(seen["idle_h"].iloc[0])
    return {"APWT": working, "APAT": working + idle}


def _energy(access: Access, question: Question, cells: pd.DataFrame) -> Consumption | str:
    """The energy of the machines, or why it is not known."""
    if question.shifts or question.products:
        return "energy is known for whole machines, not by shift or product"
    until = min(question.end_us, to_us(access.now))
    if until <= question.start_us:
        return "the range has not begun"
    parts = cells.groupby("machine")["total"].sum()
    asked = replace(question, end_us=until)
    used = energy(access, asked)
    used = used[used["covered_s"] > 0]
    whole_s = (until - question.start_us) / MICROSECONDS
    if len(used) and float(used["covered_s"].min()) < whole_s:
        used = with_peaks(access, asked, used)
    try:
        return consumption(used, [str(one) for one in parts.index[parts > 0]], whole_s)
    except NotEvaluable as error:
        return str(error)


def _maintenance(access: Access, question: Question) -> dict[str, float]:
    """Hours of work orders; absent where nobody keeps any, and for parts that they do not know."""
    if question.shifts or question.products:
        return {}
    found = maintenance_hours(access, question)
    return {} if found is None else {"CMT": found.corrective_h, "PMT": found.planned_h}
