"""Production jobs: what they are, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from data.models import JobSpell, ProductionJob, ShopTool, to_us

OPEN, PLANNED, RUNNING, PAUSED = "open", "planned", "running", "paused"
FINISHED, CANCELLED = "finished", "cancelled"
STATES: Final = (OPEN, PLANNED, RUNNING, PAUSED, FINISHED, CANCELLED)
WAITING: Final = (OPEN, PLANNED)
BEGUN: Final = (RUNNING, PAUSED)
ALIVE: Final = (*WAITING, *BEGUN)
SORTED_BY: Final = ("planned_start", "id", "start", "end")


@dataclass(frozen=True, slots=True)
class JobDraft:
    """A job as people write it. `machine` is a device key, `tool` a number of the store, `product` a key.

    `cutting` holds cutting values by name; those that are left out are recommended ones. `cycle_s` and
    `estimated_s` are worked out where they are left out. Without `planned_us` the job waits for its turn.
    """

    machine: str
    material: str = ""
    operation: str = ""
    tool: int | None = None
    quantity: float | None = None
    product: str = ""
    cutting: Mapping[str, float] = field(default_factory=dict)
    cycle_s: float | None = None
    estimated_s: float | None = None
    planned_us: int | None = None
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time over which a job ran; without an end it still runs."""

    start_us: int
    end_us: int | None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as it is stored; `draft.cycle_s` and `draft.estimated_s` are what was worked out or given."""

    id: int
    version: int
    state: str
    draft: JobDraft
    cycle_source: str
    tool_name: str
    start_us: int | None
    end_us: int | None
    spells: tuple[Spell, ...]
    made_by: str
    made_us: int

    def worked_s(self, now_us: int) -> float:
        """The seconds that it has run so far."""
        return sum((now_us if one.end_us is None else one.end_us) - one.start_us for one in self.spells) / 1e6


@dataclass(frozen=True, slots=True)
class JobSearch:
    """Which jobs: in these states, on these machines (keys; empty means all), with these words, begun before
    and not ended by the given moments.
    """

    states: Sequence[str] = ()
    machines: Sequence[str] = ()
    words: str = ""
    before_us: int | None = None
    after_us: int | None = None


def jobs(
    access: Access,
    search: JobSearch,
    sort: tuple[str, bool] = ("planned_start", False),
    start: int = 0,
    most: int = 1_000,
) -> tuple[list[StoredJob], int]:
    """Jobs from `start` on, at most `most`, and how many there are; `sort` is a field and descending.

    Jobs without the field come last.
    """
    access.require(Permission.SEE_PLANT)
    conditions = _conditions(access, search)
    with access.read() as session:
        total = session.scalar(select(func.count(ProductionJob.id)).where(*conditions)) or 0
        chosen = select(ProductionJob).where(*conditions).order_by(*_order(sort)).offset(start).limit(most)
        return stored(access, session, list(session.scalars(chosen))), total


def one_job(access: Access, job_id: int) -> StoredJob:
    """One job; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(ProductionJob, job_id)
        if row is None:
            raise NotFound("There is no such production job in this factory.")
        return stored(access, session, [row])[0]


def job_on(access: Access, machine: str) -> StoredJob | None:
    """The job that runs on a machine, else the one that was paused last, if any."""
    found, _ = jobs(access, JobSearch(BEGUN, (machine,)), ("start", True))
    return next((one for one in found if one.state == RUNNING), found[0] if found else None)


def stored(access: Access, session: Session, rows: Sequence[ProductionJob]) -> list[StoredJob]:
    """Rows with their spells, the numbers of their tools and the keys of their machines."""
    known = plant(access)
    spells = _spells(session, [row.id for row in rows])
    tools = _tools(session, {row.tool_id for row in rows if row.tool_id is not None})
    has_names = access.principal.may(Permission.SEE_NAMED_PEOPLE)
    found = []
    for row in rows:
        number, name = tools.get(row.tool_id or 0, (None, ""))
        machine = known.machine_by_id.get(row.machine_id)
        product = known.product_by_id.get(row.product_id or 0)
        draft = JobDraft(
            machine.device_key if machine else "", row.material, row.operation, number, row.quantity,
            product.key if product else "", dict(row.cutting), row.cycle_s, row.estimated_s, row.planned_us,
            row.note, row.key,
        )  # fmt: skip
        found.append(
            StoredJob(
                row.id,
                row.version,
                row.state,
                draft,
                row.cycle_source,
                name,
                row.start_us,
                row.end_us,
                tuple(spells.get(row.id, ())),
                row.made_by if has_names else "",
                to_us(row.made_at),
            )
        )
    return found


def _spells(session: Session, ids: Sequence[int]) -> Mapping[int, list[Spell]]:
    found: dict[int, list[Spell]] = {}
    for begin in range(0, len(ids), 500):
        chosen = select(JobSpell).where(JobSpell.job_id.in_(ids[begin : begin + 500]))
        for row in session.scalars(chosen.order_by(JobSpell.start_us)):
            found.setdefault(row.job_id, []).append(Spell(row.start_us, row.end_us))
    return found


def _tools(session: Session, ids: set[int]) -> dict[int, tuple[int, str]]:
    rows = session.scalars(select(ShopTool).where(ShopTool.id.in_(sorted(ids)[:1_000])))
    return {row.id: (row.number, row.name) for row in rows}


def _order(sort: tuple[str, bool]) -> list[ColumnElement[Any]]:
    name, is_descending = sort
    row = ProductionJob
    columns = {"planned_start": row.planned_us, "id": row.id, "start": row.start_us, "end": row.end_us}
    column = columns[name]
    last = row.id.desc() if is_descending else row.id.asc()
    return [column.is_(None), column.desc() if is_descending else column.asc(), last]


def _conditions(access: Access, search: JobSearch) -> list[ColumnElement[bool]]:
    row = ProductionJob
    found: list[ColumnElement[bool]] = []
    if search.states:
        found.append(row.state.in_(search.states))
    if search.machines:
        known = plant(access).machine_by_key
        found.append(row.machine_id.in_([known[key].id for key in search.machines if key in known]))
    if search.before_us is not None:
        found.append(row.start_us < search.before_us)
    if search.after_us is not None:
        found.append(row.end_us.is_(None) | (row.end_us > search.after_us))
    texts = (row.key, row.material, row.operation, row.note)
    return [
        *found,
        *(or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in search.words.split()),
    ]
