"""The figures of single performance records, by the same function as every other figure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.oee import NO_PRODUCT, SUMMED_COLUMNS, figures
from analytics.vocabulary import MICROSECONDS
from app.production.happenings import ideal_cycles
from app.production.plant import Plant
from app.production.records.entry import RecordDraft
from data.models import to_us


def record_figures(known: Plant, drafts: Sequence[RecordDraft]) -> pd.DataFrame:
    """One row per record, in order: its cell and the columns of `analytics.oee.figures`."""
    cycles = ideal_cycles(known)
    cycle = [
        cycles.get((d.machine_id, d.product_id or NO_PRODUCT), cycles.get((d.machine_id, NO_PRODUCT)))
        for d in drafts
    ]
    cells = pd.DataFrame(0, index=range(len(drafts)), columns=list(SUMMED_COLUMNS))
    planned, operating, downtime = (
        np.rint(np.array([getattr(d, name) for d in drafts]) * MICROSECONDS).astype(np.int64)
        for name in ("planned_s", "operating_s", "downtime_s")
    )
    cells["calendar_us"] = np.array([to_us(d.end) - to_us(d.start) for d in drafts], np.int64)
    cells["record_us"] = cells["calendar_us"]
    cells["producing_us"] = operating
    cells["unplanned_stop_us"] = downtime
    cells["unknown_us"] = np.maximum(planned - operating - downtime, 0)
    cells["planned_stop_us"] = np.maximum(cells["calendar_us"] - planned, 0)
    total, good = (np.array([getattr(d, name) for d in drafts], np.float64) for name in ("output", "good"))
    cells["total"], cells["good"], cells["scrap"] = total, good, total - good
    seconds = np.array([c or 0.0 for c in cycle], np.float64)
    cells["ideal_us"] = np.rint(seconds * total * MICROSECONDS).astype(np.int64)
    cells["ideal_scrap_us"] = np.rint(seconds * (total - good) * MICROSECONDS).astype(np.int64)
    cells["total_without_ideal"] = np.where([c is None for c in cycle], total, 0.0)
    return figures(cells)
