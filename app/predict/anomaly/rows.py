"""The signals of a machine as even rows, as anomaly detectors take them."""

from collections.abc import Sequence

import pandas as pd

from analytics.vocabulary import ANOMALY_SCORE
from app.bootstrap import Access
from data.telemetry import Windows


def signal_rows(
    access: Access, machine: str, parameters: Sequence[str], start_us: int, end_us: int, step_us: int
) -> pd.DataFrame:
    """The machine's parameters (none named: all) as columns over UTC times, the mean of each step.

    Empty steps are left out, and so is the machine's own anomaly score.
    """
    windows = Windows.every(start_us, end_us, step_us)
    table = access.gemba.telemetry.matrix(access.factory.slug, windows, [machine], list(parameters) or None)
    table.columns = [str(name[1]) for name in table.columns]
    table.index = pd.to_datetime(table.index, unit="us", utc=True)
    return table.drop(columns=[ANOMALY_SCORE], errors="ignore").dropna(how="all")
