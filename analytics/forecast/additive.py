"""Prophet: a bent line, and shapes of week, day kind and year, with the country's holidays."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.forecast.axis import DAY_US, Axis, Booleans, Floats, Integers
from analytics.forecast.days import Days

LONGEST: Final = 4_000
MOST_STEPS: Final = 2_000
"""Of the optimiser. A fit that has not settled by then (as of a monthly series) hardly changes any more."""
LEAST: Final = 14
KINDS: Final = ("workday", "saturday", "rest")


@dataclass(frozen=True)
class Additive:
    """A fitted Prophet; it tells the same of a slot from whatever origin."""

    told: Floats

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats:
        """(origins, horizon)."""
        return np.asarray(self.told[origins[:, None] + np.arange(horizon)])


def additive(values: Floats, known: Booleans, axis: Axis, calendar: Days, floor: float) -> Additive | None:
    """Prophet fitted on the last 4,000 of `values` and told for all slots of the calendar; None below 14.

    The shape of a day is one for workdays, one for Saturdays and one for Sundays and holidays, where the
    history holds two weeks; the shape of the year counts from two years on. Never below `floor`.
    """
    begin = max(len(values) - LONGEST, 0)
    rows = np.flatnonzero(known[begin : len(values)]) + begin
    if len(rows) < LEAST or np.ptp(values[rows]) == 0:
        return None
    frame = _frame(axis, calendar)
    model = _model(axis, rows, calendar)
    with _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame.iloc[rows].assign(y=values[rows]), seed=42, iter=MOST_STEPS)
        told = model.predict(frame)["yhat"].to_numpy(dtype=np.float64)
    return Additive(np.maximum(told, floor))


def _frame(axis: Axis, calendar: Days) -> pd.DataFrame:
    kind = np.where(calendar.is_rest, 2, np.where(calendar.weekday == 5, 1, 0))
    columns: dict[str, Any] = {"ds": axis.wall(np.arange(len(calendar.day), dtype=np.int64))}
    columns["holiday"] = calendar.is_holiday.astype(np.float64)
    return pd.DataFrame(columns | {name: kind == at for at, name in enumerate(KINDS)})


def _model(axis: Axis, rows: Integers, calendar: Days) -> Any:
    with _silence():
        from prophet import Prophet

        span = int(calendar.day[rows[-1]] - calendar.day[rows[0]])
        step_us = axis.step_us or 30 * axis.months * DAY_US
        model = Prophet(
            yearly_seasonality=span >= 730, weekly_seasonality=span >= 14 and step_us <= DAY_US,
            daily_seasonality=False, uncertainty_samples=0,
        )  # fmt: skip
        if step_us <= DAY_US // 4 and span >= 14:
            for name in KINDS:
                model.add_seasonality(name, period=1, fourier_order=6, condition_name=name)
        elif step_us <= DAY_US // 4 and span >= 2:
            model.add_seasonality("day", period=1, fourier_order=4)
        if calendar.is_holiday[rows].any():
            model.add_regressor("holiday", standardize=False)
    return model


@contextmanager
def _silence() -> Iterator[None]:
    """Prophet and its optimizer write no log lines meanwhile."""
    loggers = [logging.getLogger(name) for name in ("prophet", "prophet.plot", "cmdstanpy")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, is_disabled in zip(loggers, before, strict=True):
            logger.disabled = is_disabled
