"""Forecasts: what a load, parameter or count will be, how far off that may be, and whether it is better than
the naive guess."""

from analytics.forecast.forecasting import backtest, forecast
from analytics.forecast.measures import Peak, cost, energy_kwh, mase, peak_demand, power_kw
from analytics.forecast.members import Method

__all__ = [
    "Method",
    "Peak",
    "backtest",
    "cost",
    "energy_kwh",
    "forecast",
    "mase",
    "peak_demand",
    "power_kw",
]
