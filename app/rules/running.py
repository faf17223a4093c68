"""The figures of the running shift as signals: a condition can say that the OEE of this shift is low."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from analytics.oee import SUMMED_COLUMNS, figures
from analytics.rules import Series
from analytics.timeline import Windows, taken
from analytics.timeline.arrays import Flags, Floats, Int64s
from app.bootstrap import Access
from app.production.cells import production_day
from app.production.happenings import calendar, cells_of, read
from app.production.plant import Plant, plant
from data.models import Machine, Parameter, to_us

STEP_US: Final = 300_000_000
"""The figures are known at every fifth minute of the clock."""
PREFIX: Final = "kpi:"
FIGURES: Final = {
    "kpi:oee": "OEE of the running shift",
    "kpi:availability": "Availability of the running shift",
    "kpi:performance": "Performance of the running shift",
    "kpi:quality": "Quality of the running shift",
}
"""What can stand where a rule names a parameter, in per cent."""


def is_figure(parameter: str) -> bool:
    """Whether a rule's parameter is a figure of the running shift and not something that a machine sends."""
    return parameter.startswith(PREFIX)


def rule_parameters(known: Plant, machine_id: int) -> tuple[Parameter, ...]:
    """What a rule can name on a machine: what it sends, and the figures of its running shift."""
    figures_ = (
        Parameter(key=key, display_name=name, unit="%", data_type="float", machine_id=machine_id)
        for key, name in FIGURES.items()
    )
    return (*known.parameters(machine_id), *figures_)


@dataclass(slots=True)
class RunningFigures:
    """Reads the figures and keeps them until the next fifth minute or another question."""

    _asked: tuple[object, ...] = ()
    _found: Mapping[tuple[int, str], Series] | None = None

    def series(
        self, access: Access, machines: Sequence[Machine], start_us: int, end_us: int
    ) -> Mapping[tuple[int, str], Series]:
        """The samples in [start_us, end_us) and not later than now, by machine id and figure."""
        until = min(end_us - 1, to_us(access.now)) // STEP_US * STEP_US
        asked = (tuple(machine.id for machine in machines), start_us, until, plant(access).revision)
        if self._found is None or asked != self._asked:
            self._asked = asked
            self._found = running_figures(access, machines, start_us, until)
        return self._found


def running_figures(
    access: Access, machines: Sequence[Machine], start_us: int, until_us: int
) -> dict[tuple[int, str], Series]:
    """Each figure of a shift from its start to every fifth minute t in [start_us, until_us], in per cent.

    A moment has no sample outside shifts (without shifts: outside production days), before the figure can be
    computed, and, for all but availability, while the machine produces and its next count has not come: the
    parts of that time are not known yet.
    """
    found: dict[tuple[int, str], Series] = {}
    if until_us < start_us or not machines:
        return found
    known = plant(access)
    first = production_day(access, start_us) - timedelta(days=1)
    windows = _in_steps(calendar(access, known, first, production_day(access, until_us)), until_us)
    if not len(windows):
        return found
    happened = read(access, known, windows, until_us)
    cells = cells_of(known, happened, [machine.id for machine in machines])
    counted = happened.counts.groupby("machine")["end_us"].max() if len(happened.counts) else pd.Series()
    for machine, own in _accumulated(cells).groupby("machine"):
        number = int(own["machine"].iloc[0])
        last = int(counted.get(number, 0))
        inside = own["end_us"].to_numpy(np.int64) >= start_us
        told = _told(own, last)
        for key in FIGURES:
            values = own[key.removeprefix(PREFIX)].to_numpy(np.float64) * 100
            keep = inside & ~np.isnan(values) & (told | (key == "kpi:availability"))
            found[int(str(machine)), key] = Series(own["end_us"].to_numpy(np.int64)[keep], values[keep])
    return found


def _in_steps(windows: Windows, until_us: int) -> Windows:
    """The scheduled windows cut at every fifth minute; steps that have not ended are left out."""
    starts, ends, of = [], [], []
    for place in np.flatnonzero(windows.scheduled & (windows.start_us < until_us)).tolist():
        begin, end = int(windows.start_us[place]), min(int(windows.end_us[place]), until_us)
        edges = np.arange(begin // STEP_US * STEP_US + STEP_US, end, STEP_US, dtype=np.int64)
        edges = np.concatenate([np.array([begin], np.int64), edges, np.array([end], np.int64)])
        starts.append(edges[:-1])
        ends.append(edges[1:])
        of.append(np.full(len(edges) - 1, place))
    none = np.empty(0, np.int64)
    return taken(
        windows, np.concatenate([none, *of]), np.concatenate([none, *starts]), np.concatenate([none, *ends])
    )


def _accumulated(cells: pd.DataFrame) -> pd.DataFrame:
    """Per machine and step the sums since the start of its shift, with their figures."""
    sums = list(SUMMED_COLUMNS)
    keys = ["machine", "day", "shift", "start_us", "end_us"]
    steps = cells.groupby(keys, as_index=False, observed=True)[sums].sum()
    steps["producing_in_step"] = steps["producing_us"] + steps["minor_stop_us"]
    steps[sums] = steps.groupby(["machine", "day", "shift"], observed=True)[sums].cumsum()
    steps = steps.sort_values(["machine", "end_us"], kind="stable", ignore_index=True)
    return figures(steps)


def _told(steps: pd.DataFrame, last_count_us: int) -> Flags:
    """Whether all that was made until the end of each step of a machine has been counted."""
    ends: Int64s = steps["end_us"].to_numpy(np.int64)
    made: Floats = np.where(ends > last_count_us, steps["producing_in_step"].to_numpy(np.float64), 0.0)
    return np.asarray(np.cumsum(made) <= 0)
