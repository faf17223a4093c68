"""What a simulated lathe has to say since it last spoke."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.twin.lathe.signals import KEYS, LatheRun, Moment
from analytics.vocabulary import MICROSECONDS, State
from app.simulate.lathes.drafts import run_of
from data.contracts.messages import CountMessage, Message, ReadingMessage, StateMessage

MOST_SAMPLES: Final = 60
"""The most readings of one round; a lathe that was held up longer than that is silent for the rest."""
NO_REASON: Final = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a simulation stands; `now_us` is the moment up to which it shall come."""

    machine: str
    body: dict[str, Any]
    seed: int
    duration_s: float
    speed: float
    position_s: float
    worked_s: float
    last_us: int
    state: int
    parts: int


@dataclass(frozen=True, slots=True)
class Advance:
    """What to send, and where the simulation stands when it is sent."""

    messages: list[Message]
    position_s: float
    worked_s: float
    last_us: int
    state: int
    parts: int
    is_done: bool


def advance(one: Standing, now_us: int, interval_us: int, limit_s: float) -> Advance:
    """The messages of a lathe from `one.last_us` to `now_us`, one reading per interval of the clock.

    Readings carry the clock's time and show the lathe at its own, which goes `speed` times as fast. Parts are
    counted per reading; the part in which an edge broke is scrap. It is done when its own time or its time on
    the clock is over.
    """
    run = run_of(one.body, one.seed, one.duration_s)
    count = min((now_us - one.last_us) // interval_us, MOST_SAMPLES)
    left_us = _left_us(one, limit_s)
    is_last = left_us <= count * interval_us
    steps = np.arange(1, count + 1, dtype=np.int64) * interval_us
    if is_last:
        steps = np.append(steps[steps < left_us], left_us)
    if not len(steps):
        return Advance([], one.position_s, one.worked_s, one.last_us, one.state, one.parts, False)
    position = np.minimum(one.position_s + steps / MICROSECONDS * one.speed, one.duration_s)
    moment = run.at(position)
    times = one.last_us + steps
    messages = _messages(one, run, moment, times.tolist())
    end_us = int(times[-1])
    state = int(moment.state[-1])
    if is_last:
        messages.append(StateMessage(one.machine, end_us, int(State.OFF)))
        state = int(State.OFF)
    return Advance(
        messages,
        float(position[-1]),
        one.worked_s + float(steps[-1]) / MICROSECONDS,
        end_us,
        state,
        int(moment.parts[-1]),
        is_last,
    )


def _left_us(one: Standing, limit_s: float) -> int:
    """How long it still runs on the clock."""
    own_s = (one.duration_s - one.position_s) / one.speed
    return max(int(min(own_s, limit_s - one.worked_s) * MICROSECONDS), 1)


def _messages(one: Standing, run: LatheRun, moment: Moment, times_us: list[int]) -> list[Message]:
    messages: list[Message] = []
    state, parts, before_us = one.state, one.parts, one.last_us
    for place, time_us in enumerate(times_us):
        values = {
            key: value
            for key, value in zip(KEYS, moment.values[:, place].tolist(), strict=True)
            if value == value  # noqa: PLR0124 - a silent sensor is NaN and sends nothing
        }
        messages.append(ReadingMessage(one.machine, time_us, values))
        if moment.state[place] != state:
            state = int(moment.state[place])
            messages.append(StateMessage(one.machine, time_us, state, NO_REASON))
        made = int(moment.parts[place]) - parts
        if made > 0:
            scrap = broken_between(run, parts, parts + made)
            messages.append(CountMessage(one.machine, before_us, time_us, made - scrap, scrap))
            parts += made
        before_us = time_us
    return messages


def broken_between(run: LatheRun, first: int, last: int) -> int:
    """How many of the parts with numbers in [first, last) were those in which an edge broke."""
    ends = run.plan.parts_before + run.plan.parts - 1
    low, high = np.searchsorted(ends, [first, last])
    return int(run.plan.is_broken[low:high].sum())
