"""Can the process keep the tolerance?"""

from dataclasses import dataclass

import numpy as np

from analytics.errors import InvalidInput
from analytics.spc.charts import individuals


@dataclass(frozen=True, slots=True)
class Capability:
    """Indices of a sample against its limits; None where the limit that an index needs is not given.

    `cm`, `cmk` use the standard deviation of the whole sample, `cp`, `cpk` the one from moving ranges, which
    leaves slow drift out. `outside` is the share of values beyond a limit, `expected_outside` that of a
    normal distribution with the sample's mean and deviation.
    """

    mean: float
    deviation: float
    sigma: float
    cm: float | None
    cmk: float | None
    cp: float | None
    cpk: float | None
    outside: float
    expected_outside: float


def capability(values: object, lower: float | None, upper: float | None) -> Capability:
    """How wide is the tolerance against the spread (ISO 22400-2, KPIs 19 to 22)?

    Cm = (USL - LSL) / 6 s, Cmk = min(USL - mean, mean - LSL) / 3 s, with s over n - 1; Cp and Cpk with sigma
    from moving ranges. With one limit only, the indices that need both are None. Errors: InvalidInput without
    any limit, where they are not in order, or for fewer than 8 values, or values that never change.
    """
    if lower is None and upper is None:
        raise InvalidInput.at("limits", "Give at least one specification limit.")
    if lower is not None and upper is not None and not lower < upper:
        raise InvalidInput.at("limits", "The lower limit lies below the upper one.")
    chart = individuals(values)
    data = chart.value
    mean, deviation = float(data.mean()), float(data.std(ddof=1))
    if deviation == 0 or chart.process_sigma == 0:
        raise InvalidInput.at("values", "The values do not vary: a capability cannot be computed.")
    both = upper - lower if lower is not None and upper is not None else None
    sides = [upper - mean] if upper is not None else []
    sides += [mean - lower] if lower is not None else []
    nearest = min(sides)
    beyond = np.zeros(len(data), np.bool_)
    if upper is not None:
        beyond |= data > upper
    if lower is not None:
        beyond |= data < lower
    wide, sharp = 3 * deviation, 3 * chart.process_sigma
    return Capability(
        mean,
        deviation,
        chart.process_sigma,
        cm=None if both is None else both / (2 * wide),
        cmk=nearest / wide,
        cp=None if both is None else both / (2 * sharp),
        cpk=nearest / sharp,
        outside=float(beyond.mean()),
        expected_outside=_expected(mean, deviation, lower, upper),
    )


def _expected(mean: float, deviation: float, lower: float | None, upper: float | None) -> float:
    from scipy.special import ndtr

    below = 0.0 if lower is None else float(ndtr((lower - mean) / deviation))
    above = 0.0 if upper is None else float(ndtr((mean - upper) / deviation))
    return below + above
