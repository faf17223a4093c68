"""What a forecast of a load means: its error by definition, energy, peak demand and money."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput

HOUR: pd.Timedelta = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Peak:
    """The interval of the highest mean power."""

    at: pd.Timestamp
    power_kw: float


def mase(
    actual: "pd.Series[float]", told: "pd.Series[float]", history: "pd.Series[float]", season: int = 1
) -> float:
    """The mean absolute error in units of the naive guess's error within the history, one season ahead.

    Hyndman and Koehler, Another look at measures of forecast accuracy, 2006, section 2.4. Pairs with a
    missing value are left out; 0 of 0 is 0.

    >>> mase(pd.Series([4.0, 6.0]), pd.Series([5.0, 5.0]), pd.Series([1.0, 3.0, 1.0, 3.0]))
    0.5
    """
    if season < 1 or len(history) <= season:
        raise InvalidInput.at("season", "The history must be longer than the season.")
    error = float(np.nanmean(np.abs(np.asarray(actual, dtype=float) - np.asarray(told, dtype=float))))
    past = np.asarray(history, dtype=float)
    scale = float(np.nanmean(np.abs(past[season:] - past[:-season])))
    return error / scale if scale > 0 else (0.0 if error == 0 else float("inf"))


def energy_kwh(power_kw: "pd.Series[float]") -> "pd.Series[float]":
    """The energy of each interval from its mean power.

    >>> index = pd.date_range("2025-03-03", periods=2, freq="15min")
    >>> energy_kwh(pd.Series([40.0, 80.0], index=index)).tolist()
    [10.0, 20.0]
    """
    return power_kw * _hours(power_kw)


def power_kw(energy_kwh: "pd.Series[float]") -> "pd.Series[float]":
    """The mean power of each interval from its energy."""
    return energy_kwh / _hours(energy_kwh)


def peak_demand(power_kw: "pd.Series[float]", window: str = "15min") -> Peak:
    """The highest mean power over windows of the clock (a demand charge counts these), and when it begins.

    Windows shorter than the interval count as the interval; of equal peaks the first counts. Raises
    `InvalidInput` where nothing is known.
    """
    known = power_kw.dropna()
    if known.empty:
        raise InvalidInput.at("power_kw", "There is no power to take a peak of.")
    is_finer = pd.Timedelta(window) > HOUR * _hours(power_kw)
    means: pd.Series[Any] = known.resample(window).mean() if is_finer else known
    return Peak(pd.Timestamp(means.idxmax()), float(means.max()))  # type: ignore[arg-type]


def cost(
    energy_kwh: "pd.Series[float]", price_per_kwh: "float | pd.Series[float]", price_per_kw: float = 0.0
) -> float:
    """What the energy costs: each interval at its price, and the peak demand at its own.

    `price_per_kwh`: one price, or one for each interval (a tariff by time of day).
    """
    work = float((energy_kwh * price_per_kwh).sum())
    return work + (peak_demand(power_kw(energy_kwh)).power_kw * price_per_kw if price_per_kw else 0.0)


def _hours(values: "pd.Series[float]") -> float:
    if not isinstance(values.index, pd.DatetimeIndex) or len(values) < 2:
        raise InvalidInput.at("index", "At least two intervals with times are needed.")
    gaps = np.diff(values.index.as_unit("us").asi8)
    return float(np.median(gaps)) / (HOUR / pd.Timedelta(microseconds=1))
