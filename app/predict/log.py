"""The log of predictions, page by page: what was told before the fact, and what it came to."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Prediction

SORTED_BY: Final = ("made", "until", "machine", "model")
KINDS: Final = ("failure", "life", "forecast")
COLUMNS: Final = {
    "made": Prediction.made_us, "until": Prediction.until_us, "machine": Prediction.machine_key,
    "model": Prediction.model,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which predictions: of these kinds and machines (none means all), matched or not (None: both)."""

    kinds: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    is_matched: bool | None = None


def predictions(
    access: Access, wanted: Wanted, sort: tuple[str, bool] = ("made", True), start: int = 0, most: int = 100
) -> tuple[list[Prediction], int]:
    """At most `most` predictions from `start` on, and how many there are; `sort`: a field, descending."""
    access.require(Permission.SEE_PLANT)
    conditions = _conditions(wanted)
    name, descending = sort
    order = [column.desc() if descending else column for column in (COLUMNS[name], Prediction.id)]
    with access.read() as session:
        total = session.scalar(select(func.count(Prediction.id)).where(*conditions)) or 0
        asked = select(Prediction).where(*conditions).order_by(*order).offset(start).limit(most)
        return list(session.scalars(asked)), total


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[Any] = []
    if wanted.kinds:
        found.append(Prediction.kind.in_(wanted.kinds))
    if wanted.machines:
        found.append(Prediction.machine_key.in_(wanted.machines))
    if wanted.is_matched is not None:
        found.append(Prediction.matched_us.is_not(None) if wanted.is_matched else
                     Prediction.matched_us.is_(None))  # fmt: skip
    return found
