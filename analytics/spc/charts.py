"""Shewhart and EWMA control charts: the points, the centre line and the limits."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Floats

D2: Final = {2: 1.128, 3: 1.693, 4: 2.059, 5: 2.326, 6: 2.534, 7: 2.704, 8: 2.847, 9: 2.970, 10: 3.078}
"""Mean range of a normal sample of n, in standard deviations (Montgomery, Introduction to SQC, app. VI)."""
D3: Final = {2: 0.853, 3: 0.888, 4: 0.880, 5: 0.864, 6: 0.848, 7: 0.833, 8: 0.820, 9: 0.808, 10: 0.797}
"""Standard deviation of that range (same source)."""
LEAST_POINTS: Final = 8
LEAST_GROUPS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A control chart: `value` per point, with limits per point (EWMA limits widen at the start).

    `sigma` is the standard deviation of the plotted value, `process_sigma` that of a single measurement,
    estimated from ranges. `spread` is the moving range or the range of each group, with `spread_upper`.
    """

    value: Floats
    centre: float
    lower: Floats
    upper: Floats
    sigma: float
    process_sigma: float
    spread: Floats
    spread_centre: float
    spread_upper: float


def individuals(values: object, reference: object | None = None) -> Chart:
    """The I-MR chart: is each single value what the process gives when nothing special happens?

    Centre: the mean. Sigma: the mean moving range of neighbours over d2 = 1.128, so that slow drift does not
    widen the limits; limits at 3 sigma; moving ranges up to D4 = 3.267 times their mean (Montgomery,
    Introduction to SQC, 6.4). `reference` holds the values that the limits come from (default: all).
    Missing values (NaN) must be left out before. Errors: InvalidInput for fewer than 8 values.
    """
    data, base = (
        _numbers(values, "values", 1),
        _numbers(values if reference is None else reference, "reference"),
    )
    moving = np.abs(np.diff(base))
    mean_range = float(moving.mean())
    sigma = mean_range / D2[2]
    centre = float(base.mean())
    own = np.abs(np.diff(data, prepend=data[:1]))
    own[:1] = np.nan
    return Chart(
        data, centre, np.full(len(data), centre - 3 * sigma), np.full(len(data), centre + 3 * sigma), sigma,
        sigma, own, mean_range, (1 + 3 * D3[2] / D2[2]) * mean_range,
    )  # fmt: skip


def xbar_r(groups: object, reference: object | None = None) -> Chart:
    """The X-bar and R chart of rational subgroups: has the mean or the spread changed?

    `groups` is an array of one row per subgroup, with 2 to 10 values each. Sigma of a value: the mean range
    over d2; limits of means: 3 sigma over the root of n; ranges up to (1 + 3 d3/d2) times their mean
    (Montgomery, Introduction to SQC, 6.2). `reference` holds the subgroups that the limits come from
    (default: all). Errors: InvalidInput for fewer than 4 groups to take limits from, another size, NaN.
    """
    table = _groups(groups, 1 if reference is not None else LEAST_GROUPS)
    base = table if reference is None else _groups(reference, LEAST_GROUPS)
    size = table.shape[1]
    if base.shape[1] != size:
        raise InvalidInput.at("reference", "The subgroups of the reference have another size.")
    spread = np.ptp(table, axis=1)
    mean_range = float(np.ptp(base, axis=1).mean())
    process = mean_range / D2[size]
    sigma = process / float(np.sqrt(size))
    means = table.mean(axis=1)
    centre = float(base.mean())
    limits = np.full(len(means), 3 * sigma)
    upper = (1 + 3 * D3[size] / D2[size]) * mean_range
    return Chart(means, centre, centre - limits, centre + limits, sigma, process, spread, mean_range, upper)


def ewma(values: object, weight: float = 0.2, width: float = 3.0, reference: object | None = None) -> Chart:
    """The exponentially weighted moving average: has the mean crept away a little?

    z[i] = weight x value[i] + (1 - weight) x z[i - 1], from the centre; limits at `width` x sigma x
    sqrt(weight / (2 - weight) x (1 - (1 - weight)^(2 i))) (Roberts 1959; Montgomery 9.2). Sigma from moving
    ranges, as in `individuals`. Errors: InvalidInput for a weight outside (0, 1] or fewer than 8 values.
    """
    if not 0 < weight <= 1:
        raise InvalidInput.at("weight", "The weight lies above 0 and up to 1.")
    base = individuals(values, reference)
    data = base.value
    powers = (1 - weight) ** np.arange(1, len(data) + 1)
    smoothed = _filtered(data - base.centre, weight) + base.centre
    reach = width * base.process_sigma * np.sqrt(weight / (2 - weight) * (1 - powers**2))
    sigma = base.process_sigma * float(np.sqrt(weight / (2 - weight)))
    return Chart(
        smoothed, base.centre, base.centre - reach, base.centre + reach, sigma, base.process_sigma,
        base.spread, base.spread_centre, base.spread_upper,
    )  # fmt: skip


def _groups(groups: object, least: int) -> Floats:
    table = np.asarray(groups, np.float64)
    if table.ndim != 2 or not 2 <= table.shape[1] <= max(D2):
        raise InvalidInput.at("groups", "Subgroups have 2 to 10 values each.")
    if len(table) < least:
        raise InvalidInput.at("groups", f"A chart of means needs at least {LEAST_GROUPS} subgroups.")
    if not np.isfinite(table).all():
        raise InvalidInput.at("groups", "A subgroup holds a value that is missing or infinite.")
    return table


def _filtered(data: Floats, weight: float) -> Floats:
    from scipy.signal import lfilter

    return np.asarray(lfilter([weight], [1.0, weight - 1.0], data), np.float64)


def _numbers(values: object, field: str, least: int = LEAST_POINTS) -> Floats:
    data = np.asarray(values, np.float64)
    if data.ndim != 1 or len(data) < least:
        raise InvalidInput.at(field, f"A control chart needs at least {LEAST_POINTS} values.")
    if not np.isfinite(data).all():
        raise InvalidInput.at(field, "A value is missing or infinite.")
    return data
