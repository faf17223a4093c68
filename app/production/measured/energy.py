"""Energy of machines: the integral of the power that they report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import NotEvaluable
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, chosen_machines
from app.production.measured.parameters import NUMERIC
from app.production.plant import Plant, plant
from data.models import Parameter
from data.telemetry.windows import Windows

KILOWATTS: Final = {"kW": 1.0, "W": 1e-3, "MW": 1e3, "GW": 1e6, "mW": 1e-6}
TOTALS: Final = ("power_kw", "power", "total_power_kw", "active_power_kw", "machine_power_kw")
"""Of several powers of one machine the first of these is its whole power, else the first by key."""
LEAST_KNOWN: Final = 0.5
"""Where the power is known for less than this share of the time, the energy is missing, not small."""


def kilowatts(unit: str) -> float | None:
    """The factor from a unit of power to kilowatts; None for any other unit, apparent power (kVA) among them.

    Case tells megawatts from milliwatts; "mw" says neither.
    """
    written = unit.strip()
    return KILOWATTS.get(written, KILOWATTS.get({"kw": "kW", "w": "W"}.get(written.lower(), "")))


def power_of(known: Plant, machine_id: int) -> tuple[str, float] | None:
    """The parameter that is the machine's power, and its factor to kilowatts; None where it sends none."""
    return _whole_power(known.parameters(machine_id))


def powers(known: Plant) -> dict[str, tuple[str, float]]:
    """The same for every machine that sends its power, by the machine's key."""
    by_machine: dict[int, list[Parameter]] = {}
    for one in known.rows.parameters:
        by_machine.setdefault(one.machine_id, []).append(one)
    found = {number: _whole_power(own) for number, own in by_machine.items()}
    return {
        known.machine_by_id[number].device_key: power for number, power in found.items() if power is not None
    }


def _whole_power(parameters: Sequence[Parameter]) -> tuple[str, float] | None:
    found = {
        one.key: factor
        for one in parameters
        if (factor := kilowatts(one.unit)) is not None and one.data_type in NUMERIC
    }
    if not found:
        return None
    key = next((name for name in TOTALS if name in found), min(found))
    return key, found[key]


@dataclass(frozen=True, slots=True)
class Consumption:
    """Energy of a whole time, in kWh; the bounds if nothing, or the highest power, was drawn unseen."""

    kwh: float
    lower_kwh: float
    upper_kwh: float
    coverage: float
    """The share of the machines' time of which the power is known."""


def consumption(used: pd.DataFrame, makers: Sequence[str], whole_s: float) -> Consumption:
    """What did the machines of `used` (rows of `energy`) need over `whole_s` seconds?

    The time of a machine without power counts at the mean power of the rest, where at least half is known.
    `makers` are the keys of the machines that made parts. `used` may have a column peak_kw for the upper
    bound. NotEvaluable where a maker's power, or more than half of all, is not known.
    """
    covered = used.set_index("machine")["covered_s"].clip(upper=whole_s)
    share = covered / whole_s if whole_s > 0 else covered * 0.0
    silent = sorted(one for one in makers if not share.get(one, 0.0) >= LEAST_KNOWN)
    if silent:
        raise NotEvaluable(f"too little power is known of {', '.join(silent)}, which made parts")
    if not len(used) or share.mean() < LEAST_KNOWN:
        raise NotEvaluable("no power is known" if not len(used) else "the power is known for too little time")
    kwh, part = used["kwh"].to_numpy(np.float64), share.to_numpy(np.float64)
    scaled = np.where(part >= LEAST_KNOWN, kwh / np.maximum(part, LEAST_KNOWN), kwh)
    unseen_h = (1.0 - part) * whole_s / 3600
    peak = used["peak_kw"].to_numpy(np.float64) if "peak_kw" in used.columns else np.zeros(len(used))
    upper = np.maximum(kwh + unseen_h * peak, scaled)
    return Consumption(float(scaled.sum()), float(kwh.sum()), float(upper.sum()), float(part.mean()))


def per_part(used: pd.DataFrame, parts: "pd.Series[float]", whole_s: float) -> float | None:
    """The KPI energy per part, in kWh, of the machines (keys) whose parts are given; None if not evaluable.

    `used`: rows of `energy` over `whole_s` seconds; other machines than those of `parts` are left out.
    """
    mine = used[used["machine"].isin(parts.index) & (used["covered_s"] > 0)]
    total = float(parts.sum())
    try:
        found = consumption(mine, [str(one) for one in parts.index[parts > 0]], whole_s)
    except NotEvaluable:
        return None
    return found.kwh / total if total else None


def with_peaks(access: Access, question: Question, used: pd.DataFrame) -> pd.DataFrame:
    """Rows of `energy` over one window with peak_kw, the highest power that each machine reported."""
    known = plant(access)
    powers = {key: power_of(known, known.machine_by_key[key].id) for key in used["machine"]}
    peak = dict.fromkeys(powers, 0.0)
    window = Windows(np.array([question.start_us, question.end_us], np.int64))
    for parameter, factor in sorted({power for power in powers.values() if power is not None}):
        mine = [key for key, power in powers.items() if power == (parameter, factor)]
        found = access.gemba.telemetry.aggregate(access.factory.slug, window, mine, [parameter])
        peak |= dict(zip(found["machine"], found["max"].to_numpy(np.float64) * factor, strict=True))
    return used.assign(peak_kw=used["machine"].map(peak).astype(np.float64))


def energy(access: Access, question: Question, windows: Windows | None = None) -> pd.DataFrame:
    """How much energy did the machines use? One row per machine (and window, in order).

    Columns: machine (key), start_us, end_us, kwh, covered_s (seconds of which the power is known). Machines
    that report no power are left out. `windows`: default the question's range as one.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    asked = (
        windows if windows is not None else Windows(np.array([question.start_us, question.end_us], np.int64))
    )
    parts = []
    by_key: dict[tuple[str, float], list[str]] = {}
    for number in chosen_machines(known, question):
        power = power_of(known, number)
        if power is not None:
            by_key.setdefault(power, []).append(known.machine_by_id[number].device_key)
    for (key, factor), machines in sorted(by_key.items()):
        found = access.gemba.telemetry.integral(access.factory.slug, asked, machines, [key])
        found["kwh"] = found["integral_h"] * factor
        parts.append(found[["machine", "start_us", "end_us", "kwh", "covered_s"]])
    if not parts:
        return pd.DataFrame({"machine": [], "start_us": [], "end_us": [], "kwh": [], "covered_s": []})
    return pd.concat(parts, ignore_index=True).sort_values(["machine", "start_us"], ignore_index=True)


@dataclass(frozen=True, slots=True)
class PowerKnown:
    """How many machines were asked about, how many have a power, and what the others' parameters lack."""

    machines: int
    with_power: int
    parameters: int
    without_unit: int


def power_known(access: Access, question: Question) -> PowerKnown:
    """Why is there no energy? What the question's machines send: parameters that are numbers, and units."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    numbers = chosen_machines(known, question)
    listed = [one for number in numbers for one in known.parameters(number) if one.data_type in NUMERIC]
    keys = {number: known.machine_by_id[number].device_key for number in numbers}
    named = {(keys[one.machine_id], one.key) for number in numbers for one in known.parameters(number)}
    sent = access.gemba.telemetry.parameters(access.factory.slug, list(keys.values())) if keys else None
    unlisted = 0
    if sent is not None:
        rows = zip(sent["machine"].tolist(), sent["parameter"].tolist(), sent["kind"].tolist(), strict=True)
        unlisted = sum(kind in NUMERIC and (machine, key) not in named for machine, key, kind in rows)
    return PowerKnown(
        len(numbers),
        sum(power_of(known, number) is not None for number in numbers),
        len(listed) + unlisted,
        sum(not one.unit.strip() for one in listed) + unlisted,
    )
