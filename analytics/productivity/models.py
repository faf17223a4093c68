"""What camera models say: how the figures depend on a threshold, how versions differ, how they drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from analytics.productivity.events import ActivityEvents, deduplicated
from analytics.productivity.figures import factory_figures
from analytics.productivity.hours import Grid, hour_figures
from analytics.timeline.arrays import Floats
from analytics.vocabulary import ACTIVITY_WORDS, Activity

THRESHOLDS: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
BINS: Final = 10
FLOOR: Final = 1e-4
"""The least share of a bin: an empty bin would make the index infinite."""
MODERATE: Final = 0.1
SHIFTED: Final = 0.25
ENOUGH: Final = 50
"""Fewer values than this on either side say nothing."""


class Verdict(StrEnum):
    """How far two samples lie apart, by the usual reading of the PSI."""

    STABLE = "stable"
    MODERATE = "moderate"
    SHIFTED = "shifted"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Drift:
    """One measure in two samples. `ks` is the largest distance of the distributions, `p_value` its chance.

    `reference` and `current` are the means (of a kind: the share of events).
    """

    measure: str
    reference: float
    current: float
    psi: float
    ks: float
    p_value: float
    verdict: Verdict


def sensitivity(
    events: ActivityEvents,
    slots: Grid,
    *,
    cap_us: int,
    until_us: int,
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:
    """How do the factory's figures depend on the least confidence that counts?

    One row per threshold: threshold, kept (share of the events without repeats that count), the columns of
    `factory_figures`, and utilisation_change and units_change against the first threshold, as a share (NaN
    where that is 0 or not evaluable).
    """
    once = deduplicated(events)
    rows = []
    for threshold in thresholds:
        cells = hour_figures(once, slots, cap_us=cap_us, until_us=until_us, least_confidence=threshold)
        rows.append(factory_figures(cells).assign(threshold=float(threshold)))
    table = pd.concat(rows, ignore_index=True)
    total = np.array([float(np.count_nonzero(~(once.confidence < np.float32(t)))) for t in thresholds])
    table.insert(0, "kept", total / len(once) if len(once) else np.nan)
    table.insert(0, "threshold", table.pop("threshold"))
    for name in ("utilisation", "units"):
        base = float(table[name].iloc[0])
        table[f"{name}_change"] = table[name] / base - 1 if base > 0 else np.nan
    return table


def compare_models(
    events: ActivityEvents, slots: Grid, *, cap_us: int, until_us: int, low: float = 0.6
) -> pd.DataFrame:
    """What does each version of the model say, and would the figures differ if it alone spoke?

    One row per model code (-1: none named): model, events, first_us, last_us, confidence (mean; NaN without
    any), low_share (of the events with a confidence, those under `low`), the share of each kind (working,
    idle, absent, product_count), and utilisation, units and units_per_h of its events alone. Repeats count
    once.
    """
    once = deduplicated(events)
    rows = []
    for code in np.unique(once.model).tolist():
        own = once.take(once.model == code)
        known = own.confidence[~np.isnan(own.confidence)]
        alone = factory_figures(hour_figures(own, slots, cap_us=cap_us, until_us=until_us)).iloc[0]
        shares = np.bincount(own.kind, minlength=len(Activity)) / len(own)
        rows.append(
            {
                "model": code,
                "events": len(own),
                "first_us": int(own.time_us.min()),
                "last_us": int(own.time_us.max()),
                "confidence": float(known.mean(dtype=np.float64)) if len(known) else np.nan,
                "low_share": float((known < np.float32(low)).mean()) if len(known) else np.nan,
                **{word: float(shares[kind]) for kind, word in ACTIVITY_WORDS.items()},
                **{name: float(alone[name]) for name in ("utilisation", "units", "units_per_h")},
            }
        )
    columns = ["model", "events", "first_us", "last_us", "confidence", "low_share", *ACTIVITY_WORDS.values()]
    return pd.DataFrame(rows, columns=[*columns, "utilisation", "units", "units_per_h"])


def drift(reference: ActivityEvents, current: ActivityEvents) -> list[Drift]:
    """Have the confidence of the models and what they see moved since a reference time?

    Two measures: `confidence` (events that have one), by PSI over the reference's deciles and by the
    two-sample Kolmogorov-Smirnov distance; `behaviour`, the mix of kinds, by PSI over the four kinds, with
    the distance of their cumulative shares (in the order of `Activity`) as `ks`. Repeats count once.
    Verdict: PSI under 0.1 stable, under 0.25 moderate, else shifted; under 50 values on either side too few.
    """
    before, now = deduplicated(reference), deduplicated(current)
    low, high = (one.confidence[~np.isnan(one.confidence)].astype(np.float64) for one in (before, now))
    found = [_of_values("confidence", low, high)]
    shares = [np.bincount(one.kind, minlength=len(Activity)).astype(np.float64) for one in (before, now)]
    found.append(_of_kinds(*shares))
    return found


def psi(reference: Floats, current: Floats) -> float:
    """The population stability index of two histograms over the same bins (counts, any scale).

    Sum over the bins of (c - r) ln(c / r) with the shares r and c, each at least 0.0001.

    >>> round(psi(np.array([50.0, 50.0]), np.array([60.0, 40.0])), 4)
    0.0405
    """
    r = np.maximum(reference / reference.sum(), FLOOR)
    c = np.maximum(current / current.sum(), FLOOR)
    return float(((c - r) * np.log(c / r)).sum())


def kolmogorov_smirnov(one: Floats, other: Floats) -> tuple[float, float]:
    """The largest distance between two samples' distributions, and the chance of as large a one by luck.

    The chance is Kolmogorov's asymptotic series with the finite-size term of Stephens (1970), good from
    about 20 values a side; ties make it a bound. Empty samples: (NaN, NaN).

    >>> kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([3.0, 4.0]))[0]
    1.0
    """
    if not len(one) or not len(other):
        return float("nan"), float("nan")
    one, other = np.sort(one), np.sort(other)
    every = np.concatenate((one, other))
    distance = float(
        np.abs(
            np.searchsorted(one, every, "right") / len(one)
            - np.searchsorted(other, every, "right") / len(other)
        ).max()
    )
    return distance, _chance(distance, len(one), len(other))


def _chance(distance: float, one: int, other: int) -> float:
    root = float(np.sqrt(one * other / (one + other)))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.2:
        return 1.0
    terms = np.arange(1, 101)
    series = 2 * ((-1.0) ** (terms - 1) * np.exp(-2 * terms**2 * scaled**2)).sum()
    return float(np.clip(series, 0.0, 1.0))


def _of_values(measure: str, before: Floats, now: Floats) -> Drift:
    if min(len(before), len(now)) < ENOUGH:
        means = [float(one.mean()) if len(one) else float("nan") for one in (before, now)]
        nan = float("nan")
        return Drift(measure, means[0], means[1], nan, nan, nan, Verdict.TOO_FEW)
    inner = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(inner, one, "right"), minlength=len(inner) + 1).astype(np.float64)
        for one in (before, now)
    ]
    index = psi(*counts)
    distance, chance = kolmogorov_smirnov(before, now)
    return Drift(measure, float(before.mean()), float(now.mean()), index, distance, chance, _verdict(index))


def _of_kinds(before: Floats, now: Floats) -> Drift:
    working = [
        float(one[Activity.WORKING] / one.sum()) if one.sum() else float("nan") for one in (before, now)
    ]
    if min(before.sum(), now.sum()) < ENOUGH:
        nan = float("nan")
        return Drift("behaviour", working[0], working[1], nan, nan, nan, Verdict.TOO_FEW)
    index = psi(before, now)
    distance = float(np.abs(np.cumsum(before) / before.sum() - np.cumsum(now) / now.sum()).max())
    chance = _chance(distance, int(before.sum()), int(now.sum()))
    return Drift("behaviour", working[0], working[1], index, distance, chance, _verdict(index))


def _verdict(index: float) -> Verdict:
    if index < MODERATE:
        return Verdict.STABLE
    return Verdict.MODERATE if index < SHIFTED else Verdict.SHIFTED
