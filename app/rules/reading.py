"""What rules see: samples and states of machines over a stretch of time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analytics.rules import Inputs, Series, StateSpans
from analytics.vocabulary import State
from app.bootstrap import Access
from app.rules.running import RunningFigures, is_figure
from data.models import Machine
from data.queries.production import state_events

MOST_POINTS = 5_000_000


def inputs_of(
    access: Access,
    machines: Sequence[Machine],
    parameters: Sequence[str],
    start_us: int,
    end_us: int,
    running: RunningFigures | None = None,
) -> dict[int, Inputs]:
    """Samples of the parameters in [start_us, end_us), and the states that reach into it, by machine id.

    Figures of the running shift are computed where they are named; `running` keeps them between calls.
    """
    keys = [machine.device_key for machine in machines]
    found: Mapping[tuple[str, str], Series] = {}
    sent = [name for name in parameters if not is_figure(name)]
    if sent and keys and start_us < end_us:
        frame = access.gemba.telemetry.read(
            access.factory.slug, start_us, end_us, keys, sent, limit=MOST_POINTS
        )
        found = series_of(frame)
    named = [name for name in parameters if is_figure(name)]
    figures = (running or RunningFigures()).series(access, machines, start_us, end_us) if named else {}
    spans = states_of(access, start_us, end_us)
    empty = StateSpans.empty()
    return {
        machine.id: Inputs(
            {key: found[machine.device_key, key] for key in sent if (machine.device_key, key) in found}
            | {key: figures[machine.id, key] for key in named if (machine.id, key) in figures},
            spans.get(machine.id, empty),
        )
        for machine in machines
    }


def series_of(frame: pd.DataFrame) -> dict[tuple[str, str], Series]:
    """The samples of a frame of points by machine and parameter; words keep beside their numbers."""
    if frame.empty:
        return {}
    machine, parameter = frame["machine"].astype("category"), frame["parameter"].astype("category")
    codes = machine.cat.codes.to_numpy(np.int64) * len(parameter.cat.categories) + parameter.cat.codes
    times = frame["time_us"].to_numpy(np.int64)
    order = np.lexsort((times, codes))
    sorted_codes, times = np.asarray(codes)[order], times[order]
    values = frame["value"].to_numpy()[order]
    starts = np.flatnonzero(np.append(True, sorted_codes[1:] != sorted_codes[:-1]))
    found = {}
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(times)], strict=True):
        first = order[begin]
        name = (str(machine.iloc[first]), str(parameter.iloc[first]))
        found[name] = _series(times[begin:end], values[begin:end])
    return found


def _series(times: "np.ndarray[tuple[int], np.dtype[np.int64]]", values: object) -> Series:
    column = np.asarray(values)
    if column.dtype.kind in "fiub":
        return Series(times, column.astype(np.float64))
    words = [one if isinstance(one, str) else None for one in column.tolist()]
    numbers = np.array(
        [float(one) if word is None else np.nan for one, word in zip(column.tolist(), words, strict=True)]
    )
    if not any(words):
        return Series(times, numbers)
    texts = tuple(
        word if word is not None else str(one) for one, word in zip(column.tolist(), words, strict=True)
    )
    return Series(times, numbers, texts)


def states_of(access: Access, start_us: int, end_us: int) -> dict[int, StateSpans]:
    """The states of every machine from `start_us` on; between two events whose end is told, unknown."""
    with access.read() as session:
        events = state_events(session, start_us, end_us)
    found = {}
    for _, own in events.groupby("machine", sort=False):
        begin, finish = own["start_us"].to_numpy(np.int64), own["end_us"].to_numpy(np.int64)
        state = own["state"].to_numpy(np.int64)
        following = np.append(begin[1:], 2**62)
        gap = finish < following
        times = np.concatenate([begin, finish[gap]])
        states = np.concatenate([state, np.full(int(gap.sum()), int(State.UNKNOWN))])
        order = np.argsort(times, kind="stable")
        found[int(own["machine"].to_numpy(np.int64)[0])] = StateSpans(times[order], states[order])
    return found


def newest_of(access: Access, machines: Sequence[Machine], parameters: Sequence[str]) -> dict[int, int]:
    """The newest event time of each machine among the parameters; machines that never sent are left out."""
    sent = [name for name in parameters if not is_figure(name)]
    if not machines or not sent:
        return {}
    latest = access.gemba.telemetry.latest(
        access.factory.slug, [machine.device_key for machine in machines], sent
    )
    ids = {machine.device_key: machine.id for machine in machines}
    newest: dict[int, int] = {}
    for key, moment in zip(latest["machine"].tolist(), latest["time_us"].tolist(), strict=True):
        newest[ids[key]] = max(newest.get(ids[key], moment), moment)
    return newest
