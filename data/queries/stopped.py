"""States and judgements of a range, with the whole of every stop that an edge of the range cuts."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from analytics.vocabulary import State
from data.models import Machine, StateEvent, StopLabel
from data.queries.arrays import frame
from data.queries.production import NONE, OPEN, STATE_COLUMNS, state_events, stop_labels

LONGEST_RUN_US: Final = 7 * 86_400_000_000
"""How far beyond an edge of the range events are looked at that tell the same stop again."""
FAR_US: Final = 2**62
AT_ONCE: Final = 200

Spans = dict[int, tuple[int, int]]
"""The half-open time of each machine (id) of which the events are read."""


def whole_stops(
    session: Session, start_us: int, end_us: int, until_us: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The judgements and the state events that touch [start_us, end_us), see `stop_labels`, `state_events`.

    So that a stop has the same length whatever was asked, a machine's events reach back to the first one of
    the run of equal state and reason that holds at the start, and on to the end of the one that holds at the
    end (`until_us` is now), at most seven days; where a judgement touches the range they reach over all of
    it. All judgements of that time are returned.
    """
    labels = stop_labels(session, start_us, end_us)
    states = state_events(session, start_us, end_us)
    asked = dict.fromkeys(np.unique(states["machine"]).tolist(), (start_us, end_us))
    judged = _judged(session, labels, (start_us, end_us))
    states = _with(session, states, asked, judged)
    spans = _runs(session, states, asked | judged, until_us)
    states = _with(session, states, asked | judged, spans)
    if any(span != (start_us, end_us) for span in spans.values()):
        low, high = (np.array(list(spans.values()), np.int64)[:, side] for side in (0, 1))
        labels = stop_labels(session, int(low.min()), int(high.max()))
        mine = pd.DataFrame({"low": low, "high": high}, index=list(spans)).reindex(labels["machine"])
        begins = labels["start_us"].to_numpy() < mine["high"].fillna(end_us).to_numpy()
        end = labels["end_us"].to_numpy()
        lasts = (end == OPEN) | (end > mine["low"].fillna(start_us).to_numpy())
        labels = labels[begins & lasts].reset_index(drop=True)
    return labels, states


def told_machines(session: Session) -> tuple[int, ...]:
    """The machines (ids, ascending) that ever had a state or a judgement."""
    told = or_(
        exists().where(StateEvent.machine_id == Machine.id).correlate(Machine),
        exists().where(StopLabel.machine_id == Machine.id).correlate(Machine),
    )
    return tuple(session.scalars(select(Machine.id).where(told).order_by(Machine.id)))


def _judged(session: Session, labels: pd.DataFrame, asked: tuple[int, int]) -> Spans:
    """The time from the state in which the first judgement of a machine began to the end of its last."""
    reach = labels.assign(end_us=labels["end_us"].where(labels["end_us"] != OPEN, FAR_US))
    sums = reach.groupby("machine").agg(low=("start_us", "min"), high=("end_us", "max"))
    rows = zip(sums.index.tolist(), sums["low"].tolist(), sums["high"].tolist(), strict=True)
    spans = {machine: (min(low, asked[0]), max(high, asked[1])) for machine, low, high in rows}
    early = {machine: low for machine, (low, _) in spans.items() if low < asked[0]}
    began = _in_force(session, early)
    return {machine: (began.get(machine, low), high) for machine, (low, high) in spans.items()}


def _in_force(session: Session, at_us: Mapping[int, int]) -> dict[int, int]:
    """The start of the last event of each machine that began by a moment of its own."""
    found: dict[int, int] = {}
    event, machines = StateEvent, sorted(at_us)
    for first in range(0, len(machines), AT_ONCE):
        some = machines[first : first + AT_ONCE]
        last = (
            select(func.max(event.start_us))
            .where(
                event.machine_id == Machine.id,
                event.start_us <= case({one: at_us[one] for one in some}, value=Machine.id),
            )
            .correlate(Machine)
            .scalar_subquery()
        )
        rows = session.execute(select(Machine.id, last).where(Machine.id.in_(some)))
        found |= {machine: start for machine, start in rows if start is not None}
    return found


def _runs(session: Session, states: pd.DataFrame, read: Spans, until_us: int) -> Spans:
    """The time of each machine, widened to the runs of equal state and reason at its edges."""
    machine, begin, end = (states[name].to_numpy(np.int64) for name in ("machine", "start_us", "end_us"))
    low, high = (
        np.array([read[one][side] for one in machine.tolist()], np.int64).reshape(-1) for side in (0, 1)
    )
    stopped = ~states["state"].isin([int(State.RUNNING), int(State.UNKNOWN)]).to_numpy()
    last = np.append(machine[1:] != machine[:-1], True)[: len(machine)]
    holds = stopped & (begin <= low) & ((end == OPEN) | (end > low) | (begin == low))
    goes_on = stopped & last & ((end == OPEN) | (end >= high)) & (high < until_us)
    before = _other(session, states[holds].drop_duplicates("machine"), "start_us", is_before=True)
    at_end = states[goes_on].assign(end_us=high[goes_on])
    after = _other(session, at_end, "end_us", is_before=False)
    return {
        one: (min(before.get(one, low_us), low_us), max(after.get(one, high_us - 1) + 1, high_us))
        for one, (low_us, high_us) in read.items()
    }


def _other(session: Session, rows: pd.DataFrame, edge: str, *, is_before: bool) -> dict[int, int]:
    """The start of the machine's nearest event before (or from) the edge with another state or reason.

    Without one the farthest moment that is looked at.
    """
    found: dict[int, int] = {}
    event = StateEvent
    for first in range(0, len(rows), AT_ONCE):
        part = rows.iloc[first : first + AT_ONCE]
        machines = part["machine"].tolist()
        at_us, state, reason = (
            case(dict(zip(machines, part[name].tolist(), strict=True)), value=Machine.id)
            for name in (edge, "state", "reason")
        )
        room = (
            and_(event.start_us < at_us, event.start_us >= at_us - LONGEST_RUN_US)
            if is_before
            else and_(event.start_us >= at_us, event.start_us < at_us + LONGEST_RUN_US)
        )
        nearest = (
            select(event.start_us)
            .where(
                event.machine_id == Machine.id,
                room,
                or_(event.state != state, func.coalesce(event.reason_id, NONE) != reason),
            )
            .order_by(event.start_us.desc() if is_before else event.start_us)
            .limit(1)
            .correlate(Machine)
            .scalar_subquery()
        )
        far = (part[edge] + (-LONGEST_RUN_US if is_before else LONGEST_RUN_US)).tolist()
        found |= dict(zip(machines, far, strict=True))
        told = session.execute(select(Machine.id, nearest).where(Machine.id.in_(machines)))
        found |= {machine: start for machine, start in told if start is not None}
    return found


def _with(session: Session, states: pd.DataFrame, had: Spans, wanted: Spans) -> pd.DataFrame:
    """The states with those of the wanted times that were not read yet."""
    spans = []
    for machine, (low, high) in wanted.items():
        start, end = had.get(machine, (high, high))
        spans += [(machine, *span) for span in ((low, start), (end, high)) if span[0] < span[1]]
    parts = [states, *(_within(session, spans[at : at + AT_ONCE]) for at in range(0, len(spans), AT_ONCE))]
    if len(parts) == 1:
        return states
    joined = pd.concat(parts, ignore_index=True).drop_duplicates(["machine", "start_us", "state"])
    return joined.sort_values(["machine", "start_us"], kind="stable", ignore_index=True)


def _within(session: Session, spans: Sequence[tuple[int, int, int]]) -> pd.DataFrame:
    event = StateEvent
    statement = select(
        event.machine_id, event.start_us, func.coalesce(event.end_us, OPEN), event.state,
        func.coalesce(event.reason_id, NONE),
    ).where(
        or_(
            *(
                and_(event.machine_id == machine, event.start_us >= low, event.start_us < high)
                for machine, low, high in spans
            )
        )
    )  # fmt: skip
    return frame(session, statement, STATE_COLUMNS)
