"""What comes round at its own pace: tools that wear and campaigns of products, known for any day alone."""

import numpy as np

from analytics.twin.noise import Floats, Int64s, key_of
from analytics.twin.plant.model import BearingModel, ChangeModel, MachineModel, PlantModel
from analytics.twin.plant.schedule import HOUR_US, SUNDAY, days_worked, plant_day

JITTER = 0.3
"""How far, as a share of a day's progress, a day may begin before or after its regular place."""
DAY_US = 24 * HOUR_US


def phase(model: PlantModel, machine: MachineModel, change: ChangeModel, ordinal: int) -> float:
    """How many changes the machine has had by the start of a production day, with the begun one's share.

    It grows by `per_day` for each day worked, unevenly, never falls, and needs no other day.
    """
    worked = days_worked(machine, ordinal)
    place = _share(key_of(model.seed, machine.key, change.reason, "offset"))
    uneven = 2.0 * _share(key_of(model.seed, machine.key, change.reason, worked)) - 1.0
    return place + change.per_day * (worked + JITTER * uneven) + 1.0


def changes(
    model: PlantModel, machine: MachineModel, change: ChangeModel, ordinal: int
) -> list[tuple[int, float]]:
    """The changes within a day: their number and the share of the day's work done before each."""
    start = phase(model, machine, change, ordinal)
    end = phase(model, machine, change, ordinal + 1)
    return [(number, (number - start) / (end - start)) for number in range(int(start) + 1, int(end) + 1)]


def _share(key: int) -> float:
    return float(key >> 11) / 2.0**53


def failure_us(model: PlantModel, bearing: BearingModel, ordinal: int) -> int:
    """The moment at which the bearing fails next, on this production day or later.

    Failures come `period_days` (whole weeks) apart and never on a Sunday.
    """
    first = model.anchor + bearing.after_anchor
    if (first - 1) % 7 == SUNDAY:
        first += 1
    ahead = (first - ordinal) % bearing.period_days
    return plant_day(model, ordinal + ahead).start_us + 13 * HOUR_US // 3


def bearing_wear(model: PlantModel, bearing: BearingModel, ordinal: int, times_us: Int64s) -> Floats:
    """The wear of the bearing at moments of one production day, 0 for new and 1 at failure."""
    failure = failure_us(model, bearing, ordinal)
    lead = bearing.lead_days * DAY_US
    share = np.clip((times_us - (failure - lead)) / lead, 0.0, 1.0)
    return np.asarray(np.where(times_us <= failure, share**2, 0.0), np.float64)
