"""What each machine did, minute by minute: one lane a machine, one colour a class of time."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.vocabulary import TimeClass
from app.ui.palette import CLASS_TONES
from app.ui.selecting.zone import axis_zone, offsets

Picture = dict[str, Any]
"""What `app.ui.charts.lanes` draws; its columns become base64 arrays when they are encoded."""

FINEST_US: Final = 1_000
LARGEST: Final = np.iinfo(np.uint32).max
NOTHING: Final = "No state was recorded in this range."


def timeline(
    pieces: pd.DataFrame, *, start_us: int, end_us: int, zone: ZoneInfo, lanes: Mapping[str, str]
) -> Picture:
    """What did each machine do when, and why? A Gantt chart with one lane a machine.

    `pieces` has machine (key), start_us and end_us (UTC microseconds, half-open, disjoint within a machine),
    time_class (TimeClass numbers) and reason (text or missing). A piece is cut to [start_us, end_us); one
    without length is left out, and so is that of a machine without a lane. `lanes` maps keys to names in the
    order drawn, the first on top; a machine without pieces keeps an empty lane. Times are kept to a
    millisecond, in ranges of over 49 days a little coarser.
    """
    keys = list(lanes)
    shown = _cut(pieces, keys, start_us, end_us)
    step_us = max(FINEST_US, -(-(end_us - start_us) // LARGEST))
    present = [kind for kind in TimeClass if bool((shown["time_class"] == int(kind)).any())]
    reasons, reason = _numbered(shown["reason"])
    low, high = ((shown[name].to_numpy(np.int64) - start_us) // step_us for name in ("start_us", "end_us"))
    kinds = shown["time_class"].map({int(kind): place for place, kind in enumerate(present)})
    return {
        "lanes": [[key, lanes[key]] for key in keys],
        "kinds": [
            [CLASS_TONES[kind].token, CLASS_TONES[kind].word, bool(CLASS_TONES[kind].hatch)]
            for kind in present
        ],
        "reasons": reasons,
        "lane": shown["lane"].to_numpy(np.uint16),
        "kind": kinds.to_numpy(np.uint8),
        "reason": reason,
        "low": low.astype(np.uint32),
        "high": high.astype(np.uint32),
        "start": start_us,
        "end": end_us,
        "step": step_us,
        "offsets": offsets(zone, start_us, end_us),
        "axis": axis_zone(zone, start_us, end_us),
        "note": NOTHING if shown.empty else "",
    }


def _cut(pieces: pd.DataFrame, keys: list[str], start_us: int, end_us: int) -> pd.DataFrame:
    shown = pieces[["machine", "time_class"]].copy()
    shown["start_us"] = pieces["start_us"].clip(lower=start_us)
    shown["end_us"] = pieces["end_us"].clip(upper=end_us)
    shown["reason"] = pieces["reason"].fillna("")
    shown["lane"] = shown["machine"].map({key: place for place, key in enumerate(keys)})
    kept = shown["lane"].notna() & (shown["end_us"] > shown["start_us"])
    return shown[kept].sort_values(["lane", "start_us"], kind="stable")


def _numbered(texts: pd.Series) -> tuple[list[str], npt.NDArray[np.uint32]]:
    numbers, found = pd.factorize(texts)
    return [str(text) for text in found], numbers.astype(np.uint32)
