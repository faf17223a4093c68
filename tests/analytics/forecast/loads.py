"""Simulated loads for the tests of forecasts."""

from typing import Any

import numpy as np
import pandas as pd


def load(
    days: int, seed: int = 1, freq: str = "1h", tz: str | None = None, begin: str = "2025-01-06"
) -> "pd.Series[Any]":
    """A plant's load: a shape of the day on workdays, little on Sundays, noise with memory."""
    index = pd.date_range(
        begin, periods=days * int(pd.Timedelta("1D") / pd.Timedelta(freq)), freq=freq, tz=tz
    )
    hour = np.asarray(index.hour, dtype=float)
    busy = np.where(index.day_of_week < 6, 40 * np.exp(-(((hour - 11) / 5) ** 2)), 0)
    noise = np.random.default_rng(seed).normal(size=len(index))
    kept = np.empty(len(index))
    last = 0.0
    for at, shock in enumerate(noise):
        last = 0.5 * last + shock
        kept[at] = last
    return pd.Series(20 + busy + 2 * kept, index=index, name="load_kw")
