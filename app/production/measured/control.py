"""Control charts of a machine's signals and counts, and whether they keep their limits."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput, NotFound
from analytics.spc import RULES, Capability, Chart, capability, ewma, individuals, violations, xbar_r
from analytics.timeline.arrays import Flags, Floats, Int64s
from analytics.vocabulary import State
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, happened
from app.production.measured.signals import known_parameters
from app.production.plant import Plant, plant
from data.models import Parameter
from data.telemetry.windows import Windows

SECOND: Final = 1_000_000
POINTS: Final = 240
LEAST_STEP_US: Final = 10 * SECOND
COUNTS: Final = {"count:cycle": ("Seconds per part", "s"), "count:scrap": ("Scrap share", "%")}
"""What counts can be charted as: the key, its name and unit."""
KINDS: Final = ("individuals", "means", "ewma")
RULES_OF: Final = {"ewma": (1,)}
"""Which Nelson rules a kind of chart is held to, where not all: runs are usual in a moving average."""


@dataclass(frozen=True, slots=True)
class ControlQuestion:
    """Which signal of a machine (its parameter, or one of `COUNTS`), when, and drawn how.

    `size` is that of a subgroup (means), `weight` that of the newest value (ewma). The limits come from the
    range itself, or from [reference_us, start_us) where that is given. `only_running` leaves out all values
    of time in which the machine did not run. `lower` and `upper` are specification limits that go before
    those of the parameter; counts have no others.
    """

    machine: str
    signal: str
    start_us: int
    end_us: int
    kind: str = "individuals"
    size: int = 5
    weight: float = 0.2
    reference_us: int | None = None
    only_running: bool = True
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A control chart with its times, the rules that points break, and the capability if limits are known."""

    name: str
    unit: str
    time_us: Int64s
    chart: Chart
    broken: pd.DataFrame
    step_us: int
    capability: Capability | None
    lower: float | None
    upper: float | None


def control(access: Access, question: ControlQuestion) -> Control:
    """The chart of a signal. InvalidInput where there is too little to chart; NotFound for a strange name."""
    access.require(Permission.SEE_PLANT)
    if question.kind not in KINDS:
        raise InvalidInput.at("kind", f"A chart is one of {', '.join(KINDS)}.")
    if question.end_us <= question.start_us:
        raise InvalidInput.at("end", "The end must lie after the start.")
    known = plant(access)
    name, unit, parameter = _named(access, known, question)
    low, high = _limits(question, parameter)
    begin = (
        question.start_us if question.reference_us is None else min(question.reference_us, question.start_us)
    )
    step = max((question.end_us - question.start_us) // POINTS, LEAST_STEP_US)
    size = question.size if question.kind == "means" else 1
    if not 2 <= size <= 10 and question.kind == "means":
        raise InvalidInput.at("size", "A subgroup has 2 to 10 values.")
    if question.signal in COUNTS:
        time_us, values = _counted(access, question, begin)
    else:
        time_us, values = _measured(access, question, begin, max(step // size, SECOND))
    if question.only_running:
        kept = _running(access, question, begin, time_us, 0 if question.signal in COUNTS else step // size)
        time_us, values = time_us[kept], values[kept]
    shown = values[time_us > question.start_us]
    time_us, chart = _chart(question, time_us, values)
    return Control(
        name, unit, time_us, chart, violations(chart, RULES_OF.get(question.kind, tuple(RULES))), step,
        _capability(shown, low, high), low, high,
    )  # fmt: skip


def _named(access: Access, known: Plant, question: ControlQuestion) -> tuple[str, str, Parameter | None]:
    listed = {one.key: one for one in known_parameters(access, known, question.machine)}
    if question.signal in COUNTS:
        return (*COUNTS[question.signal], None)
    found = listed.get(question.signal)
    if found is None:
        raise NotFound(f"The machine does not send '{question.signal}'.")
    if found.data_type == "string":
        raise InvalidInput.at("signal", f"'{question.signal}' sends words: only numbers can be charted.")
    return found.display_name or found.key, found.unit, found


def _limits(question: ControlQuestion, parameter: Parameter | None) -> tuple[float | None, float | None]:
    """The specification limits: as given, else the parameter's own. InvalidInput at the one that is wrong."""
    own = (parameter.low_limit, parameter.high_limit) if parameter is not None else (None, None)
    low = own[0] if question.lower is None else question.lower
    high = own[1] if question.upper is None else question.upper
    for field, value in (("lower", low), ("upper", high)):
        if value is not None and not isfinite(value):
            raise InvalidInput.at(field, "A limit is a number.")
    if low is not None and high is not None and not low < high:
        field = "lower" if question.upper is None else "upper"
        raise InvalidInput.at(
            field, f"The lower limit must lie below the upper one, not {low:g} and {high:g}."
        )
    return low, high


def _measured(access: Access, question: ControlQuestion, begin: int, step: int) -> tuple[Int64s, Floats]:
    """The mean of the signal in each step that has a value, by the end of the step."""
    windows = Windows.every(begin // step * step, question.end_us, step)
    found = access.gemba.telemetry.aggregate(
        access.factory.slug, windows, [question.machine], [question.signal]
    )
    found = found.sort_values("start_us")
    values = found["mean"].to_numpy(np.float64)
    good = np.isfinite(values)
    return found["start_us"].to_numpy(np.int64)[good] + step, values[good]


def _counted(access: Access, question: ControlQuestion, begin: int) -> tuple[Int64s, Floats]:
    """Seconds of run per part, or the share of scrap in per cent, of each count, by its end."""
    from app.production.happenings import calendar, read

    known = plant(access)
    _, chosen, _, _ = happened(access, Question(begin, question.end_us, machines=(question.machine,)))
    windows = calendar(access, known, chosen.first, chosen.last)
    counts = read(access, known, windows, chosen.until_us).counts
    mine = counts[counts["machine"] == known.machine_by_key[question.machine].id].sort_values("end_us")
    mine = mine[(mine["start_us"] >= begin) & (mine["end_us"] <= question.end_us)]
    total = (mine["good"] + mine["scrap"] + mine["rework"]).to_numpy(np.float64)
    length = (mine["end_us"] - mine["start_us"]).to_numpy(np.float64) / SECOND
    good = (total > 0) & (length > 0)
    above = length if question.signal == "count:cycle" else 100 * mine["scrap"].to_numpy(np.float64)
    return mine["end_us"].to_numpy(np.int64)[good], above[good] / total[good]


def _running(access: Access, question: ControlQuestion, begin: int, time_us: Int64s, step: int) -> Flags:
    """Whether the machine ran at the end of each step and all through it; for counts, at their end.

    A machine that tells no states at all is taken to run.
    """
    known, _, found, _ = happened(access, Question(begin, question.end_us, machines=(question.machine,)))
    line = found.segments
    mine = (line.machine == known.machine_by_key[question.machine].id) & (line.state == State.RUNNING)
    low, high = line.start_us[mine], line.end_us[mine]
    if not len(low):
        knows_states = bool((line.machine == known.machine_by_key[question.machine].id).any())
        return np.full(len(time_us), not knows_states)
    place = np.searchsorted(low, time_us - max(step, 1), "right") - 1
    return np.asarray((place >= 0) & (time_us <= high[np.maximum(place, 0)]))


def _chart(question: ControlQuestion, time_us: Int64s, values: Floats) -> tuple[Int64s, Chart]:
    is_shown = time_us > question.start_us
    reference = None
    if question.reference_us is not None and question.reference_us < question.start_us:
        reference, time_us, values = values[~is_shown], time_us[is_shown], values[is_shown]
    if question.kind == "means":
        size = question.size
        ends = time_us[: len(time_us) // size * size].reshape(-1, size)[:, -1]
        return ends, xbar_r(_grouped(values, size), None if reference is None else _grouped(reference, size))
    if question.kind == "ewma":
        return time_us, ewma(values, question.weight, reference=reference)
    return time_us, individuals(values, reference=reference)


def _grouped(values: Floats, size: int) -> Floats:
    """Whole subgroups of neighbours; what is left at the end is left out."""
    return values[: len(values) // size * size].reshape(-1, size)


def _capability(values: Floats, lower: float | None, upper: float | None) -> Capability | None:
    """None where no limit is known, or where the values do not vary."""
    if lower is None and upper is None:
        return None
    try:
        return capability(values, lower, upper)
    except InvalidInput:
        return None
