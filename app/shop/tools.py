"""The tool store: which tools there are, how many are left, when to reorder."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from analytics.twin.lathe.tools import MAGAZINE
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import ShopTool, ToolFitting

KINDS: Final = ("insert", "drill", "boring_bar", "wheel", "mill", "die", "other")
MOST_NUMBER: Final = 1_000_000
MOST_STOCK: Final = 1_000_000
MOST_LIFE_MIN: Final = 100_000.0


@dataclass(frozen=True, slots=True)
class ToolDraft:
    """A tool as people write it; see `data.models.ShopTool` for the fields."""

    number: int
    name: str
    kind: str = "insert"
    holder: str = ""
    material: str = ""
    cuts_like: int | None = None
    life_min: float | None = None
    limit_mm: float = 0.3
    price: float | None = None
    stock: int = 0
    reorder_level: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class StoredTool:
    """A tool of the store, and on how many machines it is fitted now."""

    id: int
    version: int
    draft: ToolDraft
    fitted: int

    @property
    def is_low(self) -> bool:
        """Whether it should be reordered: in use, and not more left than the reorder level."""
        return self.draft.is_active and self.draft.stock <= self.draft.reorder_level


FIELDS: Final = tuple(asdict(ToolDraft(1, "x")))


def tools(access: Access, *, with_old: bool = True) -> list[StoredTool]:
    """The tools of the store by number."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(ShopTool).order_by(ShopTool.number)))
        fitted = _fitted(session)
    return [_shown(row, fitted) for row in rows if with_old or row.is_active]


def one_tool(access: Access, tool_id: int) -> StoredTool:
    """One tool; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(ShopTool, tool_id)
        if row is None:
            raise NotFound("There is no such tool in this factory.")
        return _shown(row, _fitted(session))


def add_tool(access: Access, draft: ToolDraft) -> int:
    """Put a tool into the store; its id. InvalidInput names each field that is wrong."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        _refuse_wrong(session, draft, None)
        row = ShopTool(**_values(draft))
        session.add(row)
        session.flush()
        access.audit(session, "tool.add", ("shop_tool", row.id), after=_told(row))
        return row.id


def change_tool(access: Access, tool_id: int, version: int, draft: ToolDraft) -> None:
    """Change a tool. Conflict for an old version; InvalidInput; NotFound."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = _at_version(session, tool_id, version)
        before = _told(row)
        _refuse_wrong(session, draft, row.id)
        for name, value in _values(draft).items():
            setattr(row, name, value)
        session.flush()
        access.audit(session, "tool.change", ("shop_tool", row.id), before, _told(row))


def receive(access: Access, tool_id: int, version: int, count: int) -> None:
    """Add delivered tools to the stock, or with a negative count take out what was counted too many.

    InvalidInput at `count` where less than none or more than a million would be left.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _at_version(session, tool_id, version)
        if count == 0 or not 0 <= row.stock + count <= MOST_STOCK:
            said = f"{row.stock} are in the store: {count} would leave {row.stock + count}"
            raise InvalidInput.at("count", f"{said}; 0 to {MOST_STOCK:,} are allowed.")
        before = _told(row)
        row.stock += count
        access.audit(session, "tool.receive", ("shop_tool", row.id), before, _told(row))


def add_magazine(access: Access) -> int:
    """Put the tools that the twin of a lathe knows into the store, where their numbers are free; how many."""
    access.require(Permission.MANAGE_MACHINES)
    taken = {one.draft.number for one in tools(access)}
    added = 0
    for one in MAGAZINE.values():
        if one.number in taken:
            continue
        kind = "insert"
        for word, name in (("drill", "drill"), ("bar", "boring_bar"), ("wheel", "wheel")):
            kind = name if word in one.name.casefold() else kind
        price = round(one.price / one.edges, 2)
        draft = ToolDraft(
            one.number, one.name, kind, "", one.grade.key, one.number, None, one.limit_mm, price
        )
        add_tool(access, draft)
        added += 1
    return added


def _refuse_wrong(session: Session, draft: ToolDraft, own_id: int | None) -> None:
    taken = session.scalar(select(ShopTool.id).where(ShopTool.number == draft.number))
    wrong = (
        (not 1 <= draft.number <= MOST_NUMBER, "number", f"A tool's number lies in 1 to {MOST_NUMBER:,}."),
        (taken not in {None, own_id}, "number", f"There is a tool {draft.number} already."),
        (not 1 <= len(draft.name.strip()) <= 200, "name", "A name has 1 to 200 characters."),
        (draft.kind not in KINDS, "kind", f"A kind is one of {', '.join(KINDS)}."),
        (len(draft.holder) > 200, "holder", "A holder has at most 200 characters."),
        (len(draft.material) > 60, "material", "A material has at most 60 characters."),
        (
            draft.cuts_like is not None and draft.cuts_like not in MAGAZINE, "cuts_like",
            f"The twin knows the tools 1 to {max(MAGAZINE)}.",
        ),
        (
            draft.life_min is not None and not 0 < draft.life_min <= MOST_LIFE_MIN, "life_min",
            f"A life lies above 0 and up to {MOST_LIFE_MIN:,.0f} minutes of cutting.",
        ),
        (not 0.05 <= draft.limit_mm <= 5.0, "limit_mm", "A wear limit lies in 0.05 to 5 mm."),
        (draft.price is not None and not 0 <= draft.price < 1e9, "price", "A price is not negative."),
        (not 0 <= draft.stock <= MOST_STOCK, "stock", f"A stock lies in 0 to {MOST_STOCK:,}."),
        (not 0 <= draft.reorder_level <= MOST_STOCK, "reorder_level", "A level is not negative."),
    )  # fmt: skip
    found = [FieldProblem(field, said) for is_wrong, field, said in wrong if is_wrong]
    if found:
        raise InvalidInput(*found)


def _values(draft: ToolDraft) -> dict[str, Any]:
    texts = {name: getattr(draft, name).strip() for name in ("name", "holder", "material")}
    return {**asdict(draft), **texts}


def _at_version(session: Session, tool_id: int, version: int) -> ShopTool:
    row = session.get(ShopTool, tool_id)
    if row is None:
        raise NotFound("There is no such tool in this factory.")
    if row.version != version:
        raise Conflict("Somebody else changed this tool in the meantime. Reload it, then try again.")
    row.version += 1
    return row


def _fitted(session: Session) -> dict[int, int]:
    chosen = select(ToolFitting.tool_id, func.count()).where(ToolFitting.removed_us.is_(None))
    return {row[0]: row[1] for row in session.execute(chosen.group_by(ToolFitting.tool_id))}


def _told(row: ShopTool) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _shown(row: ShopTool, fitted: dict[int, int]) -> StoredTool:
    return StoredTool(row.id, row.version, ToolDraft(**_told(row)), fitted.get(row.id, 0))
