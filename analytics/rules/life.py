"""From truths to alerts: delays, schedule, cooldown and severities that rise and fall."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from analytics.rules.rule import RANK, Rule
from analytics.rules.truth import (
    FALSE,
    I64,
    LONG_AGO,
    TRUE,
    U8,
    UNKNOWN,
    Pieces,
    compacted,
    for_a_while,
    merged_times,
    sampled,
)

SECOND: Final = 1_000_000
NORMAL, GAP, CLOSED = "back to normal", "no data", "schedule closed"
CAUSES: Final = (NORMAL, GAP, CLOSED)
RAISED, CHANGED, CLEARED = "raised", "changed", "cleared"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an alert: raised or changed to a severity (a rank), or cleared, and why."""

    at_us: int
    kind: str
    rank: int = 0
    cause: str = ""


@dataclass(slots=True)
class Life:
    """What must be remembered between two stretches. Ranks are 1 (low) to 4 (critical), 0 is no alert."""

    rank: int = 0
    raised_us: int | None = None
    zero_since: int | None = None
    cause: str = NORMAL
    last_known: list[int] = field(default_factory=list)
    ended: list[list[int]] = field(default_factory=list)
    is_hushed: bool = False
    """Whether the alert that is there is suppressed by design."""

    def as_json(self) -> dict[str, Any]:
        """The memory as plain values."""
        return {
            "rank": self.rank, "raised_us": self.raised_us, "zero_since": self.zero_since,
            "cause": self.cause, "last_known": self.last_known, "ended": self.ended,
            "is_hushed": self.is_hushed,
        }  # fmt: skip


def live(rule: Rule, life: Life, truths: Sequence[Pieces], opened: Pieces) -> tuple[list[Event], Life]:
    """The events of one stretch. `truths` are those of the rule's levels, `opened` is its schedule."""
    known = life.last_known or [FALSE] * len(truths)
    ended = life.ended or [[LONG_AGO, LONG_AGO] for _ in truths]
    settled, last_known, now_ended = [], [], []
    for place, truth in enumerate(truths):
        certain, last = _certain(truth, rule.unknown, known[place])
        before = (ended[place][0], ended[place][1])
        held, behind = for_a_while(certain, round(rule.on_delay_s * SECOND), before)
        settled.append(held)
        last_known.append(last)
        now_ended.append(list(behind))
    times, ranks, causes = _ranks(rule, truths, settled, opened)
    after = Life(
        life.rank, life.raised_us, life.zero_since, life.cause, last_known, now_ended, life.is_hushed
    )
    events = _events(rule, after, times, ranks, causes, opened.end_us)
    return events, after


def _certain(truth: Pieces, unknown: str, last: int) -> tuple[Pieces, int]:
    """The truth without unknown stretches, and the last known one, which `hold` goes on with."""
    is_known = truth.truth != UNKNOWN
    place = np.where(is_known, np.arange(len(truth.truth)), -1)
    newest = np.maximum.accumulate(place)
    told = np.where(newest >= 0, truth.truth[newest], last).astype(np.uint8)
    if unknown != "hold":
        filler = TRUE if unknown == "true" else FALSE
        values = np.where(is_known, truth.truth, filler).astype(np.uint8)
    else:
        values = told
    pieces = Pieces(truth.start_us, truth.end_us, *compacted(truth.times, values))
    return pieces, int(told[-1])


def _ranks(
    rule: Rule, truths: Sequence[Pieces], settled: Sequence[Pieces], opened: Pieces
) -> tuple[I64, U8, U8]:
    """Moments, the rank from each on, and why there is none (a place in CAUSES)."""
    times = merged_times([*truths, *settled, opened])
    rank = np.zeros(len(times), np.uint8)
    for level, truth in zip(rule.levels, settled, strict=True):
        rank = np.maximum(rank, np.where(sampled(truth, times) == TRUE, RANK[level.severity], 0))
    is_open = sampled(opened, times) == TRUE
    missing = np.zeros(len(times), np.bool_)
    if rule.unknown == "break":
        for truth in truths:
            missing |= sampled(truth, times) == UNKNOWN
    cause = np.where(~is_open, 2, np.where(missing, 1, 0)).astype(np.uint8)
    rank = np.where(is_open, rank, 0).astype(np.uint8)
    moved = np.append(True, rank[1:] != rank[:-1])
    return times[moved], rank[moved], cause[moved]


def _events(rule: Rule, life: Life, times: I64, ranks: U8, causes: U8, end_us: int) -> list[Event]:
    """Walk over the runs of equal rank and change `life` on the way."""
    off_us, cooldown_us = round(rule.off_delay_s * SECOND), round(rule.cooldown_s * SECOND)
    found: list[Event] = []
    ends = np.append(times[1:], end_us).tolist()
    for begin, rank, cause, end in zip(times.tolist(), ranks.tolist(), causes.tolist(), ends, strict=True):
        if life.rank and not rank:
            if life.zero_since is None:
                life.zero_since, life.cause = begin, CAUSES[cause]
            if life.zero_since + off_us < end:
                found.append(Event(life.zero_since + off_us, CLEARED, 0, life.cause))
                life.rank, life.zero_since = 0, None
        elif life.rank:
            life.zero_since = None
            if rank != life.rank:
                found.append(Event(begin, CHANGED, rank))
                life.rank = rank
        elif rank:
            ready = begin if life.raised_us is None else max(begin, life.raised_us + cooldown_us)
            if ready < end:
                found.append(Event(ready, RAISED, rank))
                life.rank, life.raised_us, life.zero_since = rank, ready, None
    return found
