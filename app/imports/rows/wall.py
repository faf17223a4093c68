"""Instants as the factory's wall clock shows them, for previews."""

from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd


def local(times_us: npt.NDArray[np.int64], zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    """Naive local times; a negative time is none."""
    stamps = pd.Series(times_us.astype("datetime64[us]")).where(times_us >= 0)
    return stamps.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
