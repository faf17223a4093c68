"""Judgements of running stops get their end when the stop has ended."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select

from analytics.timeline import Segments
from analytics.vocabulary import State
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.production.figures import Question, happened
from data.models import StopLabel, to_us

ACTOR = "stops"


def settle(access: Access, machines: Sequence[int] | None = None) -> int:
    """Write the end into open judgements whose stop is over; how many. No figure changes by that."""
    with access.read() as session:
        statement = select(StopLabel).where(StopLabel.end_us.is_(None), StopLabel.replaced_us.is_(None))
        if machines is not None:
            statement = statement.where(StopLabel.machine_id.in_(machines))
        waiting = [(one.id, one.machine_id, one.start_us) for one in session.scalars(statement)]
    if not waiting:
        return 0
    ends = _ends(access, waiting)
    if not ends:
        return 0
    with access.write() as session:
        rows = session.scalars(select(StopLabel).where(StopLabel.id.in_(ends), StopLabel.end_us.is_(None)))
        for row in rows:
            row.end_us = ends[row.id]
    return len(ends)


def _ends(access: Access, waiting: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """The end of the stop that each judgement began in, where it has ended; by the judgement's id."""
    begin = min(start for _, _, start in waiting)
    _, chosen, found, _ = happened(access, Question(begin, to_us(access.now)))
    ends = {}
    for number, machine, start in waiting:
        end = runs_again(found.segments, machine, start)
        if end is None or end < chosen.until_us:
            ends[number] = start + 1 if end is None else end
    return ends


def runs_again(line: Segments, machine: int, at_us: int) -> int | None:
    """When the stop ends that the machine (id) is in at a moment; None where it is in none.

    Stops that follow one another without a gap are one. A stop that still lasts ends with the segments.
    """
    stopped = (line.state != State.RUNNING) & (line.state != State.UNKNOWN)
    rows = np.flatnonzero(stopped & (line.machine == machine) & (line.end_us > at_us))
    low, high = line.start_us[rows], line.end_us[rows]
    if not len(rows) or low[0] > at_us:
        return None
    gap = np.flatnonzero(low[1:] != high[:-1])
    return int(high[gap[0]] if len(gap) else high[-1])


def settle_all(gemba: Gemba, slugs: Sequence[str]) -> None:
    """The same in every factory."""
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is not None:
            settle(Access(gemba, principal))
