"""Work orders: what they are, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from data.models import WorkOrder, WorkPart, to_us

KINDS: Final = ("planned", "preventive", "corrective")
OPEN, IN_PROGRESS, DONE, CANCELLED = "open", "in_progress", "done", "cancelled"
STATES: Final = (OPEN, IN_PROGRESS, DONE, CANCELLED)
WAITING: Final = (OPEN, IN_PROGRESS)
SORTED_BY: Final = ("due", "id", "start", "end")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was used; `cost` is that of one, in the factory's currency."""

    name: str
    quantity: float = 1.0
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """A work order as people write it. `machine` is a device key, `stop_us` the start of the stop behind."""

    machine: str
    title: str
    kind: str = "corrective"
    note: str = ""
    person: str = ""
    due_us: int | None = None
    labour_cost: float | None = None
    parts: tuple[Part, ...] = ()
    stop_us: int | None = None
    alert_id: int | None = None
    plan_id: int | None = None
    prediction_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """A work order as it is stored."""

    id: int
    version: int
    state: str
    draft: OrderDraft
    start_us: int | None
    end_us: int | None
    opened_by: str
    opened_us: int

    @property
    def parts_cost(self) -> float:
        """What its parts cost together."""
        return sum(one.quantity * (one.cost or 0.0) for one in self.draft.parts)

    @property
    def cost(self) -> float:
        """Parts and labour."""
        return self.parts_cost + (self.draft.labour_cost or 0.0)


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """Which orders: of these states, kinds and machines (keys; empty means all), with these words.

    `plan_id`, `alert_id`, `prediction_id` and `stop_us` (the start of a stop) name what stands behind them.
    """

    states: Sequence[str] = ()
    kinds: Sequence[str] = ()
    machines: Sequence[str] = ()
    words: str = ""
    plan_id: int | None = None
    alert_id: int | None = None
    prediction_id: int | None = None
    stop_us: int | None = None
    moved_from_us: int | None = field(default=None)
    """Leave out what was finished before this moment."""


def orders(
    access: Access,
    search: OrderSearch,
    sort: tuple[str, bool] = ("due", False),
    start: int = 0,
    most: int = 1_000,
) -> tuple[list[StoredOrder], int]:
    """Orders from `start` on, at most `most`, and how many there are; `sort` is a field and descending.

    Sorted by due date, orders without one come last.
    """
    access.require(Permission.SEE_PLANT)
    conditions = _conditions(access, search)
    with access.read() as session:
        total = session.scalar(select(func.count(WorkOrder.id)).where(*conditions)) or 0
        statement = select(WorkOrder).where(*conditions).order_by(*_order(sort)).offset(start).limit(most)
        return stored(access, session, list(session.scalars(statement))), total


def one_order(access: Access, order_id: int) -> StoredOrder:
    """One order; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(WorkOrder, order_id)
        if row is None:
            raise NotFound("There is no such work order in this factory.")
        return stored(access, session, [row])[0]


def sees_names(access: Access) -> bool:
    """May the names of people who worked be shown?"""
    may = access.principal.may
    return may(Permission.SEE_NAMED_PEOPLE) or may(Permission.ENTER_PRODUCTION)


def stored(access: Access, session: Session, rows: Sequence[WorkOrder]) -> list[StoredOrder]:
    """Rows with their parts and the keys of their machines; names of people only for who may see them."""
    has_names = sees_names(access)
    keys = {one.id: one.device_key for one in plant(access).rows.machines}
    parts = _parts(session, [row.id for row in rows])
    return [
        StoredOrder(
            row.id,
            row.version,
            row.state,
            OrderDraft(
                keys.get(row.machine_id, ""),
                row.title,
                row.kind,
                row.note,
                row.person if has_names else "",
                row.due_us,
                row.labour_cost,
                tuple(parts.get(row.id, ())),
                row.stop_us,
                row.alert_id,
                row.plan_id,
                row.prediction_id,
            ),
            row.start_us,
            row.end_us,
            row.opened_by if has_names else "",
            to_us(row.opened_at),
        )
        for row in rows
    ]


def _parts(session: Session, ids: Sequence[int]) -> Mapping[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for begin in range(0, len(ids), 500):
        some = ids[begin : begin + 500]
        statement = select(WorkPart).where(WorkPart.order_id.in_(some)).order_by(WorkPart.id)
        for row in session.scalars(statement):
            found.setdefault(row.order_id, []).append(Part(row.name, row.quantity, row.cost))
    return found


def _order(sort: tuple[str, bool]) -> list[ColumnElement[Any]]:
    name, is_descending = sort
    row = WorkOrder
    columns = {"due": row.due_us, "id": row.id, "start": row.start_us, "end": row.end_us}
    column = columns[name]
    last = row.id.desc() if is_descending else row.id.asc()
    return [column.is_(None), column.desc() if is_descending else column.asc(), last]


def _conditions(access: Access, search: OrderSearch) -> list[ColumnElement[bool]]:
    row = WorkOrder
    found: list[ColumnElement[bool]] = []
    if search.states:
        found.append(row.state.in_(search.states))
    if search.kinds:
        found.append(row.kind.in_(search.kinds))
    if search.machines:
        known = plant(access).machine_by_key
        found.append(row.machine_id.in_([known[key].id for key in search.machines if key in known]))
    for name in ("plan_id", "alert_id", "prediction_id", "stop_us"):
        behind = getattr(search, name)
        if behind is not None:
            found.append(getattr(row, name) == behind)
    if search.moved_from_us is not None:
        found.append(row.end_us.is_(None) | (row.end_us >= search.moved_from_us))
    texts = [row.title, row.note, *([row.person] if sees_names(access) else [])]
    return [
        *found,
        *(or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in search.words.split()),
    ]
