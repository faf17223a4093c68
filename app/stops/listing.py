"""The stops of a range, as people are asked about them."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.timeline import pieces
from analytics.timeline.arrays import Int64s
from analytics.vocabulary import TimeClass
from app.bootstrap import Access
from app.production.figures import Question, asked_windows, happened
from app.production.happenings import Happenings
from app.production.plant import Plant
from data.models import StopLabel

ASKED: Final = (TimeClass.UNPLANNED_STOP, TimeClass.SETUP, TimeClass.MINOR_STOP)
"""Classes of stop that lose planned time; a planned stop is listed only where somebody judged it so."""
COLUMNS: Final = (
    "machine", "machine_id", "start_us", "end_us", "is_open", "time_class", "state", "reason", "reason_name",
    "lost_us", "label", "note", "judged_by", "judged_us", "first_us",
)  # fmt: skip


def stops(access: Access, question: Question) -> pd.DataFrame:
    """Which stops were there, and what is known of each? One row per stop, the newest first.

    A stop is listed when it lost planned production time (`lost_us` is that time, inside the range), or when
    somebody judged it. Columns: machine (key), machine_id, start_us and end_us of the whole stop (now where
    `is_open`), time_class, state, reason (id, -1 for none), reason_name, lost_us, and of its judgement: label
    (id, -1 for none), note, judged_by, judged_us, first_us.
    """
    known, chosen, found, machines = happened(access, question)
    windows = asked_windows(found, chosen, question, machines)
    line = pieces(found.segments, found.classes, windows, until_us=chosen.until_us, machines=machines)
    line = line[(line["segment"] >= 0)].copy()
    label = found.label[line["segment"].to_numpy(np.int64)]
    is_asked = line["time_class"].isin([int(one) for one in ASKED]).to_numpy()
    line["lost_us"] = np.where(is_asked, line["end_us"] - line["start_us"], 0)
    line = line[is_asked | (label >= 0)]
    sums = line.groupby("segment")["lost_us"].sum()
    rows = sums.index.to_numpy(np.int64)
    return _described(access, known, found, rows, sums.to_numpy(np.int64), chosen.until_us)


def _described(
    access: Access, known: Plant, found: Happenings, rows: Int64s, lost_us: Int64s, until_us: int
) -> pd.DataFrame:
    segments = found.segments
    keys = {machine.id: machine.device_key for machine in known.rows.machines}
    names = {reason.id: reason.name for reason in known.rows.reasons}
    frame = pd.DataFrame(
        {
            "machine_id": segments.machine[rows].astype(np.int64),
            "start_us": segments.start_us[rows],
            "end_us": segments.end_us[rows],
            "is_open": segments.end_us[rows] >= until_us,
            "time_class": found.classes[rows].astype(np.int64),
            "state": segments.state[rows].astype(np.int64),
            "reason": segments.reason[rows].astype(np.int64),
            "lost_us": lost_us,
            "label": found.label[rows],
        }
    )
    frame["machine"] = frame["machine_id"].map(keys).astype(object)
    frame["reason_name"] = frame["reason"].map(names).fillna("").astype(object)
    frame = _with_judgements(access, frame)
    order = frame.sort_values(["start_us", "machine"], ascending=[False, True], kind="stable")
    return order.reset_index(drop=True)[list(COLUMNS)]


def _with_judgements(access: Access, frame: pd.DataFrame) -> pd.DataFrame:
    wanted = [int(one) for one in frame["label"].unique() if one >= 0]
    rows: dict[int, StopLabel] = {}
    with access.read() as session:
        for begin in range(0, len(wanted), 500):
            part = wanted[begin : begin + 500]
            rows |= {one.id: one for one in session.query(StopLabel).filter(StopLabel.id.in_(part))}
        told = [rows.get(int(one)) for one in frame["label"]]
        frame["note"] = [one.note if one else "" for one in told]
        frame["judged_by"] = [one.judged_by if one else "" for one in told]
        frame["judged_us"] = np.array([one.judged_us if one else -1 for one in told], np.int64)
        frame["first_us"] = np.array([one.first_us if one else -1 for one in told], np.int64)
    return frame
