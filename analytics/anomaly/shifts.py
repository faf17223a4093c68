"""Shift records as rows that a detector can compare, whatever the length of a shift."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.anomaly.frames import Floats

SHIFT_COLUMNS: Final = (
    "operating_share",
    "downtime_min_per_planned_h",
    "output_per_operating_h",
    "good_share",
)


def shift_rows(records: pd.DataFrame) -> pd.DataFrame:
    """How did each shift go: did the machine run, how long did it stand, how fast and how well did it make?

    `records`: `planned_s`, `operating_s`, `downtime_s` (seconds), `total`, `good` (units), any index, which
    is kept. Returns `SHIFT_COLUMNS`: operating time over planned time, minutes of downtime per planned hour,
    units per operating hour, good units over all. What would be divided by nothing is missing; the rest is
    finite.

    >>> records = pd.DataFrame({"planned_s": [28_800, 28_800], "operating_s": [21_600, 0],
    ...                         "downtime_s": [7_200, 28_800], "total": [300, 0], "good": [270, 0]})
    >>> shift_rows(records).to_numpy().tolist()
    [[0.75, 15.0, 50.0, 0.9], [0.0, 60.0, nan, nan]]
    """
    planned, operating, downtime, total, good = (
        records[name].to_numpy(dtype=np.float64)
        for name in ("planned_s", "operating_s", "downtime_s", "total", "good")
    )
    values = (
        _over(operating, planned),
        _over(60 * downtime, planned),
        _over(3_600 * total, operating),
        _over(good, total),
    )
    return pd.DataFrame(dict(zip(SHIFT_COLUMNS, values, strict=True)), index=records.index)


def _over(part: Floats, whole: Floats) -> Floats:
    """The quotient, missing where it is not a finite number."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = part / whole
    return np.where(np.isfinite(found), found, np.nan)
