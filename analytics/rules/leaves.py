"""The truth of each kind of leaf over a stretch of time, and what it must remember for the next one."""

from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Final, TypeAlias

import numpy as np

from analytics.rules import windows
from analytics.rules.conditions import (
    STATES,
    Aggregate,
    Baseline,
    Delta,
    Frequent,
    Frozen,
    InState,
    Leaf,
    NoData,
    Rate,
    Threshold,
)
from analytics.rules.inputs import Inputs, Series
from analytics.rules.truth import (
    F64,
    FALSE,
    I64,
    TRUE,
    U8,
    UNKNOWN,
    Pieces,
    cut,
    distinct,
    merged_times,
    sampled,
)

SECOND: Final = 1_000_000
LEAST_BASELINE: Final = 10
"""Samples that a baseline needs before anything deviates from it."""
Memory: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time and the rule's longest gap: a value older than that is not known any more."""

    start_us: int
    end_us: int
    max_gap_us: int


@dataclass(slots=True)
class Kept:
    """What a leaf remembers: its last samples, and its own word where one is needed."""

    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    own: Memory = field(default_factory=dict)


Answer: TypeAlias = tuple[Pieces, Kept]


def evaluate(leaf: Leaf, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    """The truth of a leaf over the stretch. `kept` is what the stretch before gave back."""
    return _evaluate(leaf, kept, inputs, over)


def compare(values: F64, operator: str, threshold: float, upper: float | None) -> U8:
    """TRUE or FALSE for each value, UNKNOWN for NaN."""
    with np.errstate(invalid="ignore"):
        match operator:
            case "gt":
                hit = values > threshold
            case "gte":
                hit = values >= threshold
            case "lt":
                hit = values < threshold
            case "lte":
                hit = values <= threshold
            case "eq":
                hit = values == threshold
            case "neq":
                hit = values != threshold
            case "between":
                hit = (values >= threshold) & (values <= _or_inf(upper))
            case _:
                hit = (values < threshold) | (values > _or_inf(upper))
    return np.where(np.isnan(values), UNKNOWN, np.where(hit, TRUE, FALSE)).astype(np.uint8)


def _or_inf(upper: float | None) -> float:
    return np.inf if upper is None else upper


def held(times: I64, truth: U8, over: Stretch) -> Pieces:
    """A truth told at samples holds until the next one, but for no longer than the longest gap."""
    gap = over.max_gap_us
    following = np.append(times[1:], 2**62)
    ends = times + gap
    broken = ends < following
    all_times = np.concatenate([times, ends[broken]])
    all_truth = np.concatenate([truth, np.full(int(broken.sum()), UNKNOWN, np.uint8)])
    order = np.argsort(all_times, kind="stable")
    return cut(over.start_us, over.end_us, all_times[order], all_truth[order])


def known(times: I64, over: Stretch) -> Pieces:
    """TRUE while the newest sample is younger than the longest gap, else UNKNOWN."""
    return held(times, np.full(len(times), TRUE, np.uint8), over)


def only_while_known(pieces: Pieces, times: I64, over: Stretch) -> Pieces:
    """The pieces, unknown where samples are missing."""
    fresh = known(times, over)
    moments = merged_times([pieces, fresh])
    is_known = sampled(fresh, moments) == TRUE
    truth = np.where(is_known, sampled(pieces, moments), UNKNOWN).astype(np.uint8)
    return cut(over.start_us, over.end_us, moments, truth)


def _joined(kept: Kept, fresh: Series) -> tuple[I64, F64]:
    """The remembered samples and those of the stretch."""
    times = np.concatenate([np.array(kept.times, np.int64), fresh.times])
    return times, np.concatenate([np.array(kept.values, np.float64), fresh.value])


def _remembered(times: I64, values: F64, since_us: int, own: Memory | None = None) -> Kept:
    """Keep the samples from a moment on, and always the newest."""
    first = min(int(np.searchsorted(times, since_us, "left")), max(len(times) - 1, 0))
    return Kept(times[first:].tolist(), values[first:].tolist(), own or {})


@singledispatch
def _evaluate(leaf: Any, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    raise TypeError(f"no such condition: {leaf!r}")


@_evaluate.register
def _threshold(leaf: Threshold, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    fresh = inputs.samples(leaf.parameter, over.start_us, over.end_us)
    if isinstance(leaf.threshold, str):
        told = _same_text(fresh, leaf.threshold)
        truth = told if leaf.operator == "eq" else np.where(told == UNKNOWN, UNKNOWN, TRUE - told)
    else:
        truth = compare(fresh.value, leaf.operator, leaf.threshold, leaf.upper)
        if leaf.exit is not None:
            truth = _latched(truth, fresh.value, leaf, was_true=kept.own.get("truth") == TRUE)
    times = np.concatenate([np.array(kept.times, np.int64), fresh.times])
    before = [kept.own["truth"]] if kept.times else []
    truth = np.concatenate([np.array(before, np.uint8), truth.astype(np.uint8)])
    own = {"truth": int(truth[-1])} if len(truth) else {}
    return held(times, truth, over), Kept(times[-1:].tolist(), [0.0] * min(len(times), 1), own)


def _same_text(fresh: Series, wanted: str) -> U8:
    if fresh.text is None:
        return np.full(len(fresh.times), UNKNOWN, np.uint8)
    return np.array([TRUE if one == wanted else FALSE for one in fresh.text], np.uint8)


def _latched(entered: U8, values: F64, leaf: Threshold, *, was_true: bool) -> U8:
    """Once true it stays true until the value is back beyond the exit threshold."""
    left = compare(values, leaf.operator, float(leaf.exit or 0.0), None) == FALSE
    moves = np.where(entered == TRUE, 1, np.where(left, 0, -1))
    place = np.where(moves >= 0, np.arange(len(moves)), -1)
    last = np.maximum.accumulate(place) if len(place) else place
    state = np.where(last >= 0, moves[last], int(was_true))
    return np.where(entered == UNKNOWN, UNKNOWN, np.where(state == 1, TRUE, FALSE)).astype(np.uint8)


@_evaluate.register
def _frequent(leaf: Frequent, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    fresh = inputs.samples(leaf.parameter, over.start_us, over.end_us)
    times, values = _joined(kept, fresh)
    hits = compare(values, leaf.operator, leaf.threshold, leaf.upper) == TRUE
    new_run = np.append(True, np.diff(times) > over.max_gap_us)[: len(times)]
    run_start = np.maximum.accumulate(np.where(new_run, np.arange(len(times)), 0))
    first = np.maximum(np.arange(len(times)) - leaf.m + 1, run_start)
    total = np.append(0, np.cumsum(hits))
    count = total[1:] - total[first]
    seen = np.arange(len(times)) - first + 1
    possible = count + (leaf.m - seen)
    truth = np.where(count >= leaf.n, TRUE, np.where(possible < leaf.n, FALSE, UNKNOWN)).astype(np.uint8)
    keep = max(0, len(times) - leaf.m)
    return held(times, truth, over), Kept(times[keep:].tolist(), values[keep:].tolist())


@_evaluate.register
def _rate(leaf: Rate, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    times, values = _joined(kept, inputs.samples(leaf.parameter, over.start_us, over.end_us))
    step_us = np.diff(times)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.diff(values) / (step_us / SECOND) * leaf.per_s
    rate = np.where(step_us > over.max_gap_us, np.nan, rate)
    truth = compare(np.append(np.nan, rate)[: len(times)], leaf.operator, leaf.threshold, leaf.upper)
    own = {"truth": int(truth[-1])} if len(truth) else {}
    if len(kept.times) and len(truth):
        truth[0] = kept.own.get("truth", UNKNOWN)
        own = {"truth": int(truth[-1])}
    return held(times, truth, over), Kept(times[-1:].tolist(), values[-1:].tolist(), own)


@_evaluate.register
def _delta(leaf: Delta, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    window_us = round(leaf.window_s * SECOND)
    times, values = _joined(kept, inputs.samples(leaf.parameter, over.start_us, over.end_us))
    vanish = times + over.max_gap_us
    moments = distinct(np.concatenate([_changes(each, window_us, over) for each in (times, vanish)]))
    now, then = _value_at(times, values, moments, over), _value_at(times, values, moments - window_us, over)
    truth = compare(now - then, leaf.operator, leaf.threshold, leaf.upper)
    pieces = cut(over.start_us, over.end_us, moments, truth)
    return pieces, _remembered(times, values, over.end_us - window_us - over.max_gap_us)


def _changes(times: I64, window_us: int, over: Stretch) -> I64:
    """The start, and every moment inside at which a sample enters a trailing window or leaves it."""
    moments = np.concatenate([np.array([over.start_us], np.int64), times, times + window_us])
    return distinct(moments[(moments >= over.start_us) & (moments < over.end_us)])


def _value_at(times: I64, values: F64, moments: I64, over: Stretch) -> F64:
    """The newest value at each moment, NaN where none is younger than the longest gap."""
    if not len(times):
        return np.full(len(moments), np.nan)
    place = np.searchsorted(times, moments, "right") - 1
    age = moments - times[np.maximum(place, 0)]
    return np.where((place >= 0) & (age < over.max_gap_us), values[np.maximum(place, 0)], np.nan)


@_evaluate.register
def _aggregate(leaf: Aggregate, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    window_us = round(leaf.window_s * SECOND)
    times, values = _joined(kept, inputs.samples(leaf.parameter, over.start_us, over.end_us))
    moments = _changes(times, window_us, over)
    first = np.searchsorted(times, moments - window_us, "right")
    stop = np.searchsorted(times, moments, "right")
    found = windows.measured(leaf.measure, values, first, stop, leaf.percentile)
    if leaf.measure == "count":
        found = np.where(moments < (times[0] if len(times) else over.end_us), np.nan, found)
    truth = compare(found, leaf.operator, leaf.threshold, leaf.upper)
    pieces = cut(over.start_us, over.end_us, moments, truth)
    if leaf.measure != "count":
        pieces = only_while_known(pieces, times, over)
    return pieces, _remembered(times, values, over.end_us - window_us)


@_evaluate.register
def _baseline(leaf: Baseline, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    window_us = round(leaf.window_s * SECOND)
    times, values = _joined(kept, inputs.samples(leaf.parameter, over.start_us, over.end_us))
    first = np.searchsorted(times, times - window_us, "left")
    stop = np.arange(len(times))
    mean = windows.measured("mean", values, first, stop, 0.0)
    spread = windows.measured("std", values, first, stop, 0.0)
    away = values - mean
    side = {"above": away, "below": -away}.get(leaf.side, np.abs(away))
    enough = (stop - first >= LEAST_BASELINE) & ~np.isnan(spread)
    truth = np.where(enough, np.where(side > leaf.sigmas * spread, TRUE, FALSE), UNKNOWN).astype(np.uint8)
    before = len(kept.times)
    if before:
        truth[:before] = UNKNOWN
        truth[before - 1] = kept.own.get("truth", UNKNOWN)
    own = {"truth": int(truth[-1])} if len(truth) else {}
    return held(times, truth, over), _remembered(times, values, over.end_us - window_us, own)


@_evaluate.register
def _no_data(leaf: NoData, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    fresh = inputs.samples(leaf.parameter, over.start_us, over.end_us)
    times = np.concatenate([np.array(kept.times, np.int64), fresh.times])
    late = times + round(leaf.longer_s * SECOND)
    silent = late < np.append(times[1:], 2**62)
    moments = np.concatenate([times, late[silent]])
    truth = np.concatenate([np.zeros(len(times), np.uint8), np.full(int(silent.sum()), TRUE, np.uint8)])
    order = np.argsort(moments, kind="stable")
    pieces = cut(over.start_us, over.end_us, moments[order], truth[order])
    return pieces, Kept(times[-1:].tolist(), [0.0] * min(len(times), 1))


@_evaluate.register
def _frozen(leaf: Frozen, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    fresh = inputs.samples(leaf.parameter, over.start_us, over.end_us)
    times, values = _joined(kept, fresh)
    if not len(times):
        return cut(over.start_us, over.end_us, times, np.zeros(0, np.uint8)), Kept()
    moved = np.append(True, values[1:] != values[:-1])
    since = times[moved]
    if kept.times:
        since[0] = kept.own["since"]
    frozen = since + round(leaf.longer_s * SECOND)
    lasts = frozen < np.append(since[1:], 2**62)
    moments = np.concatenate([since, frozen[lasts]])
    truth = np.concatenate([np.zeros(len(since), np.uint8), np.full(int(lasts.sum()), TRUE, np.uint8)])
    order = np.argsort(moments, kind="stable")
    pieces = cut(over.start_us, over.end_us, moments[order], truth[order])
    own = {"since": int(since[-1])}
    return only_while_known(pieces, times, over), Kept(times[-1:].tolist(), values[-1:].tolist(), own)


@_evaluate.register
def _in_state(leaf: InState, kept: Kept, inputs: Inputs, over: Stretch) -> Answer:
    wanted = np.array([STATES[name] for name in leaf.states], np.int64)
    spans = inputs.states
    stop = int(np.searchsorted(spans.times, over.end_us, "left"))
    times, states = spans.times[:stop], spans.states[:stop]
    if kept.times:
        later = times > kept.times[-1]
        times = np.concatenate([np.array(kept.times, np.int64), times[later]])
        states = np.concatenate([np.array([kept.own["state"]], np.int64), states[later]])
    hit = np.where(np.isin(states, wanted), TRUE, FALSE)
    truth = np.where((states == STATES["unknown"]) & ~np.isin(STATES["unknown"], wanted), UNKNOWN, hit)
    own = {"state": int(states[-1])} if len(states) else {}
    pieces = cut(over.start_us, over.end_us, times, truth.astype(np.uint8))
    return pieces, Kept(times[-1:].tolist(), [0.0] * min(len(times), 1), own)
