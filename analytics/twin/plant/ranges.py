"""Any range of a machine's states and counts, put together from its production days."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.twin.noise import Int64s
from analytics.twin.plant.model import MachineModel, PlantModel
from analytics.twin.plant.output import Counts, day_counts
from analytics.twin.plant.schedule import days_between
from analytics.twin.plant.timelines import timeline


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """States in the order of time; each lasts until the next. `reason` is a position in the model or -1."""

    start_us: Int64s
    state: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int16]


def states(model: PlantModel, machine: MachineModel, start_us: int, end_us: int) -> States:
    """Which states did the machine enter in [start_us, end_us)?

    The state that holds at `start_us` began earlier and is not among them. Each production day begins with a
    state of its own, even if it is the one of the day before.
    """
    parts = [timeline(model, machine, ordinal) for ordinal in days_between(model, start_us, end_us)]
    start = np.concatenate([part.start_us for part in parts])
    inside = slice(*np.searchsorted(start, (start_us, max(end_us, start_us))).tolist())
    return States(
        start[inside],
        np.concatenate([part.state for part in parts])[inside],
        np.concatenate([part.reason for part in parts])[inside],
    )


def counts(model: PlantModel, machine: MachineModel, start_us: int, end_us: int) -> Counts:
    """Which counts were complete in [start_us, end_us), that is: ended then?

    A count that still runs at `end_us` is not among them, so that adjoining ranges hold each count once.
    """
    parts = [day_counts(model, machine, ordinal) for ordinal in days_between(model, start_us - 1, end_us)]
    end = np.concatenate([part.end_us for part in parts])
    inside = slice(*np.searchsorted(end, (start_us, max(end_us, start_us))).tolist())
    names = ("product", "start_us", "end_us", "good", "scrap", "rework", "startup_scrap")
    return Counts(*(np.concatenate([getattr(part, name) for part in parts])[inside] for name in names))
