"""What the sections share: the question, the figures of each machine, energy, stops; each read once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import (
    Question,
    broken_down,
    chosen_machines,
    selected,
    stops_by_reason,
    totals,
)
from app.production.measured.energy import energy
from app.production.plant import Plant, plant
from app.production.terms.rates import Rates, rates
from app.reports.content.fingerprint import Fingerprint
from data.models import to_us
from data.telemetry.windows import Windows

STEPS_US: Final = tuple(minutes * 60_000_000 for minutes in (1, 5, 15, 60, 240, 1_440))
MOST_STEPS: Final = 750
MOST_ROWS: Final = 120_000
"""More rows of telemetry than this make no report better; the steps become longer instead."""


class Inputs:
    """The data of one report; every figure comes from the service function that pages ask too."""

    def __init__(self, access: Access, question: Question) -> None:
        access.require(Permission.SEE_PLANT)
        self.access = access
        self.question = question
        self.fingerprint = Fingerprint()
        self.plant: Plant = plant(access)
        self.ids = chosen_machines(self.plant, question)
        self.fingerprint.add("cells", selected(access, question))
        self.fingerprint.add("machines", pd.DataFrame({"machine": self.keys, "name": self.names(self.keys)}))

    @property
    def is_whole_plant(self) -> bool:
        """Whether all active machines are meant."""
        return not self.question.machines and not self.question.lines

    @cached_property
    def keys(self) -> list[str]:
        """The keys of the machines."""
        return [self.plant.machine_by_id[one].device_key for one in self.ids]

    def names(self, keys: Sequence[object]) -> list[str]:
        """The names of machines by their keys; a key that is no machine stays as it is."""
        known = self.plant.machine_by_key
        return [known[str(key)].name if str(key) in known else str(key) for key in keys]

    @cached_property
    def before(self) -> Question:
        """The same question about the time of the same length before."""
        asked = self.question
        length = asked.end_us - asked.start_us
        return Question(asked.start_us - length, asked.start_us, asked.lines, asked.machines)

    @cached_property
    def totals(self) -> "pd.Series[float]":
        """The figures of everything."""
        return totals(self.access, self.question).iloc[0]

    @cached_property
    def totals_before(self) -> "pd.Series[float]":
        """The figures of the time before."""
        found = totals(self.access, self.before)
        self.fingerprint.add("before", found)
        return found.iloc[0]

    @cached_property
    def by_machine(self) -> pd.DataFrame:
        """The figures of each machine."""
        return broken_down(self.access, self.question, ("machine",))

    @cached_property
    def stops(self) -> pd.DataFrame:
        """Stops by reason."""
        return self.fingerprint.add("stops", stops_by_reason(self.access, self.question))

    @cached_property
    def energy(self) -> pd.DataFrame:
        """Energy by machine."""
        return self.fingerprint.add("energy", energy(self.access, self.question))

    @cached_property
    def rates(self) -> Rates:
        """What an hour and a kilowatt-hour are worth."""
        return rates(self.access)

    @cached_property
    def windows(self) -> Windows:
        """Steps of telemetry: the finest of STEPS_US of which there are not too many, on the clock."""
        start, end = self.question.start_us, min(self.question.end_us, to_us(self.access.now))
        length = max(end - start, 1)
        series = max(sum(len(self.plant.parameters(one)) for one in self.ids), 1)
        most = min(MOST_STEPS, max(MOST_ROWS // series, 24))
        step = next((one for one in STEPS_US if length <= one * most), STEPS_US[-1])
        return Windows.every(start, start + -(-length // step) * step, step)

    @cached_property
    def signals(self) -> pd.DataFrame:
        """Each parameter of each machine in steps: machine, parameter, start_us, count, mean, min, max."""
        found = self.access.gemba.telemetry.aggregate(self.access.factory.slug, self.windows, self.keys)
        columns = ["machine", "parameter", "start_us", "count", "mean", "min", "max"]
        found = found[columns].sort_values(columns[:3], ignore_index=True)
        for name in ("machine", "parameter"):
            found[name] = found[name].astype("category")
        found["count"] = found["count"].astype(np.int64)
        return self.fingerprint.add("signals", found)
