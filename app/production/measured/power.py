"""Power of the plant now and its peaks."""

from typing import Final

import numpy as np
import pandas as pd

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, chosen_machines
from app.production.measured.energy import power_of
from app.production.plant import plant
from data.models import to_us
from data.telemetry.windows import Windows

FRESH_US: Final = 300_000_000
"""A power that is older than five minutes is not the power now."""
QUARTER_US: Final = 900_000_000
"""Demand is the mean power of a quarter of an hour, as utilities bill it."""


def power_now(access: Access, question: Question) -> pd.DataFrame:
    """What does each machine draw now? Columns machine (key), kw, time_us; old values are left out."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    powers = {
        known.machine_by_id[number].device_key: power
        for number in chosen_machines(known, question)
        if (power := power_of(known, number)) is not None
    }
    if not powers:
        return pd.DataFrame({"machine": [], "kw": [], "time_us": []})
    names = sorted({key for key, _ in powers.values()})
    newest = access.gemba.telemetry.latest(access.factory.slug, sorted(powers), names)
    newest = newest[newest["time_us"] >= to_us(access.now) - FRESH_US]
    is_whole = [
        powers.get(str(machine), ("", 0.0))[0] == key
        for machine, key in zip(newest["machine"], newest["parameter"], strict=True)
    ]
    newest = newest[is_whole]
    factor = np.array([powers[str(machine)][1] for machine in newest["machine"]], np.float64)
    kw = newest["value"].astype(np.float64).to_numpy() * factor
    return pd.DataFrame(
        {"machine": newest["machine"].astype(str), "kw": kw, "time_us": newest["time_us"]}
    ).reset_index(drop=True)


def demand(access: Access, question: Question) -> pd.DataFrame:
    """The mean power of the chosen machines together in each quarter of an hour: time_us (its start), kw.

    A machine without data in a quarter adds nothing to it. Quarters lie on the clock.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    start = question.start_us // QUARTER_US * QUARTER_US
    end = min(question.end_us, to_us(access.now)) // QUARTER_US * QUARTER_US
    if end <= start:
        return pd.DataFrame({"time_us": [], "kw": []})
    windows = Windows.every(start, end, QUARTER_US)
    by_key: dict[tuple[str, float], list[str]] = {}
    for number in chosen_machines(known, question):
        power = power_of(known, number)
        if power is not None:
            by_key.setdefault(power, []).append(known.machine_by_id[number].device_key)
    sums = np.zeros((end - start) // QUARTER_US)
    for (key, factor), machines in sorted(by_key.items()):
        found = access.gemba.telemetry.aggregate(access.factory.slug, windows, machines, [key])
        place = (found["start_us"].to_numpy(np.int64) - start) // QUARTER_US
        np.add.at(sums, place, found["mean"].to_numpy(np.float64) * factor)
    return pd.DataFrame({"time_us": start + np.arange(len(sums), dtype=np.int64) * QUARTER_US, "kw": sums})
