"""How well are stops judged: how many, how fast, how often as "other"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.vocabulary import TimeClass
from app.bootstrap import Access
from app.production.figures import Question
from app.production.plant import Plant, plant
from app.stops.listing import stops

OTHER: Final = re.compile(
    r"\b(other|others|misc|miscellaneous|unknown|sonstige[sr]?|andere[sr]?)\b", re.IGNORECASE
)
"""Names and codes of reasons that say nothing; a reason in the tree below one of them does."""
GOOD_OTHER_SHARE: Final = 0.10
"""Above this share of the judged time, "other" hides causes (a usual target of loss analysis)."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Unplanned stops above the minor-stop limit and set-ups: how many have a reason, and how good it is.

    Shares are NaN where there is nothing to share; the delay is from the end of a stop to its first
    judgement, in seconds, 0 where it was judged while it lasted.
    """

    stops: int
    lost_us: int
    with_reason: float
    with_reason_time: float
    other_time: float
    judged: int
    delay_median_s: float
    delay_p90_s: float


def quality(access: Access, question: Question) -> Quality:
    """The label quality of everything that the question is about."""
    return _quality(_asked(access, question), _others(plant(access)))


def quality_by(access: Access, question: Question, by: str = "machine") -> pd.DataFrame:
    """The same by machine or by who judged (`judged_by`): a row each, the least share with a reason first."""
    rows, others = _asked(access, question), _others(plant(access))
    found = [{by: name, **_as_row(_quality(part, others))} for name, part in rows.groupby(by)]
    columns = [by, *Quality.__slots__]
    table = pd.DataFrame(found, columns=columns)
    return table.sort_values("with_reason_time", kind="stable", ignore_index=True)


def _asked(access: Access, question: Question) -> pd.DataFrame:
    found = stops(access, question)
    wanted = (int(TimeClass.UNPLANNED_STOP), int(TimeClass.SETUP))
    return found[found["time_class"].isin(wanted) & (found["lost_us"] > 0)]


def _others(known: Plant) -> Sequence[int]:
    return [one.id for one in known.rows.reasons if OTHER.search(one.name) or OTHER.search(one.code)]


def _quality(rows: pd.DataFrame, others: Sequence[int]) -> Quality:
    lost = rows["lost_us"].to_numpy(np.int64)
    named = rows["reason"].to_numpy(np.int64) >= 0
    other = rows["reason"].isin(list(others)).to_numpy()
    judged = rows["label"].to_numpy(np.int64) >= 0
    delay = (rows["first_us"] - rows["end_us"]).to_numpy(np.int64)[judged].clip(min=0) / 1e6
    total, known = int(lost.sum()), int(lost[named].sum())
    return Quality(
        stops=len(rows),
        lost_us=total,
        with_reason=float(named.mean()) if len(rows) else np.nan,
        with_reason_time=known / total if total else np.nan,
        other_time=int(lost[other].sum()) / known if known else np.nan,
        judged=int(judged.sum()),
        delay_median_s=float(np.median(delay)) if len(delay) else np.nan,
        delay_p90_s=float(np.percentile(delay, 90)) if len(delay) else np.nan,
    )


def _as_row(found: Quality) -> dict[str, float]:
    return {name: getattr(found, name) for name in Quality.__slots__}
