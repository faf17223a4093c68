"""From single events to spells: who was in which activity, where, from when until when."""

from dataclasses import dataclass

import numpy as np

from analytics.errors import InvalidInput
from analytics.productivity.events import ActivityEvents, Ints, confident
from analytics.productivity.ordering import NO_EDGE, Ordered, ordered
from analytics.timeline.arrays import Flags, Int8s, Int32s, Int64s
from analytics.vocabulary import Activity


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Disjoint spells [start_us, end_us) of each subject, in order of subject and start.

    `kind` is WORKING, IDLE or ABSENT; `worker` and `station` are codes, -1 for none; `model` is that of the
    event that began the state.
    """

    worker: Ints
    station: Ints
    kind: Int8s
    model: Ints
    start_us: Int64s
    end_us: Int64s

    def __len__(self) -> int:
        return len(self.start_us)


@dataclass(frozen=True, slots=True, eq=False)
class Lasting:
    """Events in order with how long each one's state lasts.

    `source`: position, among the ordered ones, of the event whose state holds after each event; where that
    one is a count, no state is known. `end_us` is the end of the time that each event stands for.
    """

    events: ActivityEvents
    order: Ordered
    source: Int32s
    kind: Int8s
    end_us: Int64s

    @property
    def is_known(self) -> Flags:
        """Whether a state holds after each event."""
        known: Flags = self.kind[self.source] != Activity.PRODUCT_COUNT
        return known


def spells(
    events: ActivityEvents,
    *,
    cap_us: int,
    until_us: int,
    cuts_us: Int64s | None = None,
    least_confidence: float = 0.0,
) -> Spells:
    """What was each worker doing, and where, from when until when?

    Parameters: events in any order, with or without repeats; `cap_us`: the longest time that one event
    stands for, microseconds; `cuts_us`: ascending instants at which every state ends (shift ends);
    `until_us`: now. Each event stands for the time until the next event of its subject (its worker or,
    without one, its station), but at most `cap_us`, not beyond a cut and not beyond `until_us`; time after
    that is a gap and unknown. WORKING, IDLE and ABSENT name the state of that time; a PRODUCT_COUNT carries
    on the state before it (where it stood), unless a gap or a cut lies between: then no state is known. Of
    several states at one moment the most confident one holds; of equally confident ones WORKING before IDLE
    before ABSENT. Events less confident than `least_confidence` count as never sent; `confident` says what
    happens to those without confidence. Errors: InvalidInput for a cap that is not positive.

    >>> from analytics.productivity.events import activity_events
    >>> seen = activity_events([0, 40, 60], [0, 3, 1], [7, 7, 7], [1, 1, 1])
    >>> found = spells(seen, cap_us=100, until_us=90)
    >>> found.kind.tolist(), found.start_us.tolist(), found.end_us.tolist()
    ([0, 0, 1], [0, 40, 60], [40, 60, 90])
    """
    cuts = np.empty(0, np.int64) if cuts_us is None else cuts_us
    cut_of = np.arange(len(cuts) + 1)
    used, order = ordered(before(events, until_us), cuts)
    found = lasting(
        used, order, cuts, cut_of, cap_us=cap_us, until_us=until_us, least_confidence=least_confidence
    )
    rows = np.flatnonzero(found.is_known & (found.end_us > found.order.time_us))
    source = found.source[rows]
    stated = found.events.take(found.order.rows[source])
    return Spells(
        stated.worker,
        stated.station,
        stated.kind,
        stated.model,
        found.order.time_us[rows],
        found.end_us[rows],
    )


def before(events: ActivityEvents, until_us: int) -> ActivityEvents:
    """The events before a moment."""
    young = events.time_us < until_us
    return events if young.all() else events.take(young)


def lasting(
    events: ActivityEvents,
    order: Ordered,
    edges: Int64s,
    cut_of: Int64s,
    *,
    cap_us: int,
    until_us: int,
    least_confidence: float,
) -> Lasting:
    """How long each event stands for; `cut_of[slot]` is the number of cuts up to a slot between edges."""
    if cap_us <= 0:
        raise InvalidInput.at("cap_us", "The cap must be positive.")
    if least_confidence > 0:
        order = order.only(confident(events, least_confidence)[order.rows])
    end, broken = _ends(order, edges, cut_of, cap_us, until_us)
    kind = events.kind[order.rows]
    begins = kind != Activity.PRODUCT_COUNT
    begins |= broken
    source = np.arange(len(kind), dtype=np.int32)
    source *= begins
    np.maximum.accumulate(source, out=source)
    return Lasting(events, order, source, kind, end)


def _ends(order: Ordered, edges: Int64s, cut_of: Int64s, cap_us: int, until_us: int) -> tuple[Int64s, Flags]:
    """Where each event's time ends, and whether the chain of states is broken before it."""
    time, subject, slot = order.time_us, order.subject, order.slot
    end = time + cap_us
    broken = np.ones(len(time), np.bool_)
    if len(time) > 1:
        follows = subject[1:] == subject[:-1]
        late = time[1:] > end[:-1]
        np.minimum(end[:-1], np.where(follows, time[1:], NO_EDGE), out=end[:-1])
        cut = cut_of[slot]
        broken[1:] = ~follows | late | (cut[1:] != cut[:-1])
    if len(edges):
        np.minimum(end, _next_cut(edges, cut_of)[slot], out=end)
    np.minimum(end, until_us, out=end)
    return end, broken


def _next_cut(edges: Int64s, cut_of: Int64s) -> Int64s:
    """The first cut after each slot; far away where none follows."""
    is_cut = np.flatnonzero(np.diff(cut_of) > 0)
    cuts = np.append(edges[is_cut], NO_EDGE)
    return np.asarray(cuts[cut_of - cut_of[0]], np.int64)
