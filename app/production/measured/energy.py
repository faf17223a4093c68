"""Energy of machines: the integral of the power that they report."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, chosen_machines
from app.production.measured.parameters import NUMERIC
from app.production.plant import Plant, plant
from data.telemetry.windows import Windows

KILOWATTS: Final = {"kw": 1.0, "w": 0.001, "mw": 1_000.0, "kva": 1.0}
TOTALS: Final = ("power_kw", "power", "total_power_kw", "active_power_kw", "machine_power_kw")
"""Of several powers of one machine the first of these is its whole power, else the first by key."""


def power_of(known: Plant, machine_id: int) -> tuple[str, float] | None:
    """The parameter that is the machine's power, and its factor to kilowatts; None where it sends none."""
    found = {
        one.key: KILOWATTS[one.unit.strip().lower()]
        for one in known.parameters(machine_id)
        if one.unit.strip().lower() in KILOWATTS and one.data_type in NUMERIC
    }
    if not found:
        return None
    key = next((name for name in TOTALS if name in found), min(found))
    return key, found[key]


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
