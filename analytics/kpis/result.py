"""What a KPI is worth: a value with its bounds and coverage, or what is missing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.errors import InvalidInput
from analytics.kpis.registry import Kpi, Values


@dataclass(frozen=True, slots=True)
class Result:
    """`value` is None where the KPI cannot be evaluated; then `missing` names the symbols that lack.

    `reason` says why there is no value, or why it is 0. `lower` and `upper` bound the value if all unknown
    time were lost, or productive; `coverage` is the share of the time of which something is known.
    """

    kpi: Kpi
    value: float | None
    lower: float | None
    upper: float | None
    coverage: float | None
    missing: tuple[str, ...] = ()
    reason: str = ""


def evaluate(
    kpi: Kpi,
    values: Values,
    scenarios: tuple[Values, Values] | None = None,
    coverage: float | None = None,
) -> Result:
    """What is this KPI worth, given its elements?

    `values` holds the elements by symbol, times in hours; an absent or NaN element is missing. `scenarios`
    holds the elements if all unknown time were lost, and if it were productive: they give the bounds. A
    formula that divides by nothing is not evaluable and says which element is 0. Errors: InvalidInput for a
    negative or infinite element.
    """
    missing = tuple(name for name in kpi.inputs if _is_missing(values.get(name)))
    if missing:
        return Result(kpi, None, None, None, coverage, missing, f"not known: {', '.join(missing)}")
    for name in kpi.inputs:
        if not math.isfinite(values[name]) or (values[name] < 0 and name not in _SIGNED):
            raise InvalidInput.at(name, f"{name} must be a number that is not negative.")
    value = _computed(kpi, values)
    if value is None:
        zero = tuple(name for name in kpi.inputs if values[name] == 0)
        return Result(kpi, None, None, None, coverage, (), f"nothing to divide by: {', '.join(zero)} is 0")
    lower, upper = _bounds(kpi, value, scenarios)
    return Result(kpi, value, lower, upper, coverage)


_SIGNED = frozenset({"USL", "LSL", "MEAN"})


def _is_missing(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _computed(kpi: Kpi, values: Mapping[str, float]) -> float | None:
    try:
        found = float(kpi.compute(values))
    except (ZeroDivisionError, KeyError):
        return None
    return found if math.isfinite(found) else None


def _bounds(kpi: Kpi, value: float, scenarios: tuple[Values, Values] | None) -> tuple[float, float]:
    if scenarios is None:
        return value, value
    ends = [value]
    for one in scenarios:
        if not any(_is_missing(one.get(name)) for name in kpi.inputs):
            found = _computed(kpi, one)
            ends += [found] if found is not None else []
    lower, upper = min(ends), max(ends)
    return (lower if kpi.low is None else max(lower, kpi.low), upper)
