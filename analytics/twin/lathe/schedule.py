"""Which tool cuts which part when: parts one after the other, edges changed in time or broken before."""

from dataclasses import dataclass

import numpy as np

from analytics.errors import InvalidInput
from analytics.twin.lathe.cycle import Cycle, Phase, cycle
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.wear import break_share, share_at, tool_life_min
from analytics.twin.noise import Floats, Int64s, key_of, uniform

LONGEST_S = 400 * 86_400
MOST_EDGES = 2_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lathe stands at moments: phase, the edge's spent share of life, parts, the pass's seconds."""

    phase: Int64s
    share: Floats
    parts: Int64s
    edge: Int64s
    cut_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """The edges of a run: when each begins, how many parts it makes, which of them break."""

    process: Process
    cycle: Cycle
    life_s: float
    start_s: Floats
    parts: Int64s
    parts_before: Int64s
    first_share: float
    is_broken: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def at(self, times_s: Floats) -> Place:
        """Where the lathe stands at these seconds since its start; any order, none negative."""
        edge = np.searchsorted(self.start_s, times_s, "right") - 1
        since = times_s - self.start_s[edge]
        limit = self.parts[edge]
        part = np.minimum((since / self.cycle.length_s).astype(np.int64), limit)
        within = since - part * self.cycle.length_s
        is_working = part < limit
        number = np.searchsorted(self.cycle.start_s, within, "right") - 1
        after = np.where(self.is_broken[edge], Phase.REPAIR, Phase.TOOL_CHANGE)
        phase = np.where(is_working, self.cycle.phase[number], after)
        cut = np.where(phase == Phase.CUTTING, within - self.cycle.start_s[number], 0.0)
        in_part = np.where(is_working, self.cycle.cut_before_s[number], 0.0) + cut
        before = np.where(edge == 0, self.first_share, 0.0)
        share = before + (part * self.cycle.cutting_s + in_part) / self.life_s
        return Place(phase, share, self.parts_before[edge] + part, edge, cut)


def schedule(
    process: Process,
    seed: int,
    horizon_s: float,
    *,
    wear_mm: float = 0.0,
    change_share: float = 1.0,
    breaks: bool = True,
) -> Schedule:
    """Which edges does a run of `horizon_s` seconds use?

    An edge is changed before the part that would take it beyond `change_share` of its Taylor life, and makes
    at least one part. With `breaks` it may fail earlier, at a Weibull share of its life: the part it breaks
    in is its last one, and the repair takes the lathe's `repair_s`. Equal seeds give equal edges.
    """
    part = cycle(process)
    life_s = tool_life_min(process) * 60.0
    if not 0.05 <= change_share <= 3.0:
        said = f"An edge is changed after 0.05 to 3 times its life; {change_share:g} lies outside."
        raise InvalidInput.at("change_share", said)
    first = share_at(wear_mm, process.tool.limit_mm) if wear_mm > 0 else 0.0
    shortest = part.length_s + min(process.lathe.tool_change_s, process.lathe.repair_s)
    count = int(horizon_s / shortest) + 2
    if horizon_s > LONGEST_S or count > MOST_EDGES:
        raise InvalidInput.at("duration", f"One run covers at most {LONGEST_S / 86_400:.0f} days.")
    chance = uniform(key_of(seed, "edge"), np.arange(count, dtype=np.int64))
    fails = np.maximum(break_share(chance), 0.02) if breaks else np.full(count, np.inf)
    used = np.full(count, change_share)
    used[0] = max(change_share - first, 0.0)
    limit = np.minimum(fails - np.where(np.arange(count) == 0, first, 0.0), used)
    broken = limit < used
    parts = np.maximum((np.maximum(limit, 0.0) * life_s / part.cutting_s).astype(np.int64), 1)
    pause = np.where(broken, process.lathe.repair_s, process.lathe.tool_change_s)
    start = np.concatenate(([0.0], np.cumsum(parts * part.length_s + pause)[:-1]))
    before = np.concatenate(([0], np.cumsum(parts)[:-1]))
    return Schedule(process, part, life_s, start, parts, before.astype(np.int64), first, broken)
