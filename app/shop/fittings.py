"""Tools on machines: fitted, measured, taken out; the rows that stay are the history of changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from app.shop.wear import Spent, spent_of
from data.models import Machine, ShopTool, ToolFitting, to_us

WHY: Final = ("worn", "broken", "other_job", "other")
MOST_WEAR_MM: Final = 5.0


@dataclass(frozen=True, slots=True)
class Fitting:
    """A tool on a machine; `spent` is the share of its life at removal, none while it is in."""

    id: int
    version: int
    machine: str
    tool: int
    tool_name: str
    fitted_us: int
    fitted_by: str
    removed_us: int | None
    removed_by: str
    why: str
    wear_mm: float | None
    measured_us: int | None
    spent: float | None


def fit_tool(access: Access, machine_key: str, number: int, *, at_us: int | None = None) -> int:
    """Take a tool from the store and fit it, now or at a moment that has passed; the id of the fitting.

    InvalidInput for an unknown machine, a tool that is not there, or an empty store; Conflict where a tool of
    this number is in the machine already.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        machine = _machine(access, machine_key)
        tool = session.scalar(select(ShopTool).where(ShopTool.number == number, ShopTool.is_active))
        if tool is None:
            raise InvalidInput.at("tool", f"There is no tool {number} in the store.")
        if fitted_on(session, machine.id, tool.id) is not None:
            raise Conflict(f"Tool {number} is in {machine.name} already: take it out first.")
        if at_us is not None and at_us > to_us(access.now):
            raise InvalidInput.at("fitted", "A tool cannot have been fitted in the future.")
        return fit_in(access, session, machine, tool, at_us).id


def remove_tool(
    access: Access, fitting_id: int, version: int, why: str = "worn", *, at_us: int | None = None
) -> None:
    """Take a tool out, now or at a moment that has passed; an unused one goes back to the store."""
    access.require(Permission.ENTER_PRODUCTION)
    if why not in WHY:
        raise InvalidInput.at("why", f"Say why: one of {', '.join(WHY)}.")
    with access.write() as session:
        row, tool = _fitted(session, fitting_id, version)
        before, now_us = _told(row), to_us(access.now)
        if at_us is not None and not row.fitted_us <= at_us <= now_us:
            raise InvalidInput.at("removed", "A tool is taken out between its fitting and now.")
        spent = spent_of(access, session, row, tool)
        row.spent = spent.share if spent else None
        if spent is not None and spent.share == 0.0 and why in {"other_job", "other"}:
            tool.stock, tool.version = tool.stock + 1, tool.version + 1
        row.removed_us = now_us if at_us is None else at_us
        row.removed_by, row.why = access.principal.email, why
        access.audit(session, "tool.remove", ("tool_fitting", row.id), before, _told(row))


def measure_wear(access: Access, fitting_id: int, version: int, wear_mm: float) -> None:
    """Keep a measured flank wear; from now on the life that is left counts from it."""
    access.require(Permission.ENTER_PRODUCTION)
    if not 0 <= wear_mm <= MOST_WEAR_MM:
        raise InvalidInput.at(
            "wear_mm", f"A flank wear of {wear_mm:g} mm lies outside 0 to {MOST_WEAR_MM:g} mm."
        )
    with access.write() as session:
        row, _ = _fitted(session, fitting_id, version)
        before = _told(row)
        row.wear_mm, row.measured_us = wear_mm, to_us(access.now)
        access.audit(session, "tool.measure", ("tool_fitting", row.id), before, _told(row))


def fittings(
    access: Access, *, machine: str = "", tool: int | None = None, only_now: bool = False, most: int = 500
) -> list[Fitting]:
    """What is fitted now and, unless `only_now`, what was; the newest first."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    chosen = select(ToolFitting, ShopTool).join(ShopTool, ShopTool.id == ToolFitting.tool_id)
    if machine:
        found = known.machine_by_key.get(machine)
        chosen = chosen.where(ToolFitting.machine_id == (found.id if found else 0))
    if tool is not None:
        chosen = chosen.where(ShopTool.number == tool)
    if only_now:
        chosen = chosen.where(ToolFitting.removed_us.is_(None))
    with access.read() as session:
        rows = session.execute(chosen.order_by(ToolFitting.fitted_us.desc()).limit(most)).all()
    return [_shown(access, row, stored) for row, stored in rows]


def one_fitting(access: Access, fitting_id: int) -> Fitting:
    """One fitting; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(ToolFitting, fitting_id)
        if row is None:
            raise NotFound("There is no such fitted tool in this factory.")
        return _shown(access, row, session.get_one(ShopTool, row.tool_id))


def fitted_on(session: Session, machine_id: int, tool_id: int) -> ToolFitting | None:
    """The fitting of a tool that is in a machine now."""
    row = ToolFitting
    chosen = select(row).where(row.machine_id == machine_id, row.tool_id == tool_id, row.removed_us.is_(None))
    return session.scalars(chosen.order_by(row.id.desc())).first()


def fit_in(
    access: Access, session: Session, machine: Machine, tool: ShopTool, at_us: int | None = None
) -> ToolFitting:
    """Fit a tool from the store within the running transaction; InvalidInput where none is left."""
    if tool.stock < 1:
        raise InvalidInput.at(
            "tool", f"No tool {tool.number} ({tool.name}) is left in the store: reorder it."
        )
    tool.stock -= 1
    tool.version += 1
    row = ToolFitting(
        tool_id=tool.id,
        machine_id=machine.id,
        fitted_us=to_us(access.now) if at_us is None else at_us,
        fitted_by=access.principal.email,
    )
    session.add(row)
    session.flush()
    access.audit(session, "tool.fit", ("tool_fitting", row.id), after={**_told(row), "stock": tool.stock})
    return row


def refuse_worn(access: Access, session: Session, row: ToolFitting, tool: ShopTool) -> Spent | None:
    """How much of its life a fitted tool has cut; InvalidInput at `tool` for one that is worn out."""
    spent = spent_of(access, session, row, tool)
    if spent is not None and spent.share >= 1.0:
        said = f"Tool {tool.number} ({tool.name}) is worn out, change it"
        raise InvalidInput.at(
            "tool",
            f"{said}: {spent.wear_mm:.2f} mm of flank wear lies outside 0 to {tool.limit_mm:g} mm.",
        )
    return spent


def _machine(access: Access, key: str) -> Machine:
    machine = plant(access).machine_by_key.get(key)
    if machine is None or not machine.is_active:
        raise InvalidInput.at("machine", f"There is no machine '{key[:60]}' in use in this factory.")
    return machine


def _fitted(session: Session, fitting_id: int, version: int) -> tuple[ToolFitting, ShopTool]:
    row = session.get(ToolFitting, fitting_id)
    if row is None:
        raise NotFound("There is no such fitted tool in this factory.")
    if row.version != version:
        raise Conflict("Somebody else changed this tool in the meantime. Reload it, then try again.")
    if row.removed_us is not None:
        raise Conflict("This tool was taken out already.")
    row.version += 1
    return row, session.get_one(ShopTool, row.tool_id)


def _told(row: ToolFitting) -> dict[str, Any]:
    names = ("tool_id", "machine_id", "fitted_us", "removed_us", "why", "wear_mm", "measured_us", "spent")
    return {name: getattr(row, name) for name in names}


def _shown(access: Access, row: ToolFitting, tool: ShopTool) -> Fitting:
    machine = plant(access).machine_by_id.get(row.machine_id)
    has_names = access.principal.may(Permission.SEE_NAMED_PEOPLE)
    return Fitting(
        row.id, row.version, machine.device_key if machine else "", tool.number, tool.name, row.fitted_us,
        row.fitted_by if has_names else "", row.removed_us, row.removed_by if has_names else "", row.why,
        row.wear_mm, row.measured_us, row.spent,
    )  # fmt: skip


def rows_of(session: Session, ids: Sequence[int]) -> list[tuple[ToolFitting, ShopTool]]:
    """Fittings with their tools, by id."""
    chosen = select(ToolFitting, ShopTool).join(ShopTool, ShopTool.id == ToolFitting.tool_id)
    found = session.execute(chosen.where(ToolFitting.id.in_(ids)).order_by(ToolFitting.id))
    return [(row, tool) for row, tool in found]
