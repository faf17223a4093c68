"""What a job needs to be right: machine, material, operation, tool, cutting values, times."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput
from analytics.twin.calibration import fitted_process
from analytics.twin.lathe.checks import checked, standard_process
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.materials import material
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.tools import MAGAZINE, Operation, operation
from analytics.twin.lathe.wear import tool_life_min
from app.bootstrap import Access
from app.production.lathes import is_surely_lathe
from app.production.plant import Plant, plant
from app.shop.jobs import JobDraft
from data.models import LatheFit, Machine, ShopTool

CUTTING: Final = ("speed_m_min", "feed_mm", "depth_mm", "diameter_mm", "length_mm", "passes")
LONGEST_S: Final = 365 * 86_400.0
LONGEST_CYCLE_S: Final = 86_400.0
MOST_PARTS: Final = 1e7
FIT: Final = {
    "fixed_kw": "fixed_kw", "spindle_kw": "spindle_kw_per_1000_rpm", "load_factor": "load_factor",
    "kc_factor": "kc_factor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RightJob:
    """A draft that is right: the rows behind its keys, its process on the twin, its cycle and estimate."""

    machine: Machine
    tool: ShopTool | None
    product_id: int | None
    process: Process | None
    material: str
    operation: str
    cycle_s: float | None
    cycle_source: str
    estimated_s: float | None


def right_job(access: Access, session: Session, draft: JobDraft) -> RightJob:
    """The draft with what it stands for. InvalidInput names each wrong field, its reason and what is allowed.

    On a lathe the twin knows material, operation and tool, and checks speed, feed and depth against the
    machine's limits; on other machines material and operation are free words.
    """
    known = plant(access)
    found = [*_place_problems(known, draft), *_number_problems(draft)]
    tool = _tool(session, draft.tool, found)
    machine = known.machine_by_key.get(draft.machine)
    process = None
    if machine is not None and is_cut(machine, draft.operation):
        process = _process(session, machine, draft, tool, found)
    elif draft.cutting:
        found.append(FieldProblem(min(draft.cutting), "Cutting values are for lathes; this machine is none."))
    if machine is None or found:
        raise InvalidInput(*found)
    product = known.product_by_key[draft.product].id if draft.product else None
    cycle_s, source = _cycle(known, machine, product, draft, process)
    return RightJob(
        machine, tool, product, process,
        process.material.key if process else draft.material.strip(),
        process.operation.value if process else draft.operation.strip(),
        cycle_s, source, _estimate(draft, process, cycle_s),
    )  # fmt: skip


def is_cut(machine: Machine, work: str) -> bool:
    """Whether a lathe's twin knows a job: on a lathe, or a lathe's operation on an untyped machine."""
    if is_surely_lathe(machine):
        return True
    return not machine.type and work.strip().casefold() in set(Operation)


def process_of(session: Session, machine: Machine, draft: JobDraft, tool: ShopTool | None) -> Process:
    """The checked process of a job, on the lathe as it was fitted where it was.

    A tool of the store that cuts like none of the twin's takes the geometry of the twin's first tool for the
    operation: the life of such a tool is not worked out from it.
    """
    work = operation(draft.operation)
    number = tool.cuts_like if tool is not None and tool.cuts_like is not None else first_tool(work)
    values = {name: int(value) if name == "passes" else value for name, value in draft.cutting.items()}
    made = standard_process(draft.material, draft.operation, number, **values)  # type: ignore[arg-type]
    fit = session.scalar(select(LatheFit).where(LatheFit.machine_id == machine.id))
    if fit is None:
        return made
    return checked(fitted_process(made, **{name: fit.body[field]["value"] for name, field in FIT.items()}))


def first_tool(work: Operation) -> int:
    """The first tool of the twin's magazine that does an operation."""
    return next(number for number, one in MAGAZINE.items() if work in one.operations)


def _process(
    session: Session, machine: Machine, draft: JobDraft, tool: ShopTool | None, found: list[FieldProblem]
) -> Process | None:
    for check, word in ((material, draft.material), (operation, draft.operation)):
        try:
            check(word)
        except InvalidInput as error:
            found.extend(error.problems)
    if draft.tool is None:
        found.append(FieldProblem("tool", "A job on a lathe needs a tool: name one of the store."))
    unknown = sorted(set(draft.cutting) - set(CUTTING))
    if unknown:
        found.append(FieldProblem(unknown[0], f"There is no such cutting value: {', '.join(CUTTING)}."))
    if found:
        return None
    try:
        return process_of(session, machine, draft, tool)
    except InvalidInput as error:
        found.extend(error.problems)
        return None


def _tool(session: Session, number: int | None, found: list[FieldProblem]) -> ShopTool | None:
    if number is None:
        return None
    tool = session.scalar(select(ShopTool).where(ShopTool.number == number))
    if tool is None or not tool.is_active:
        why = "is out of use" if tool is not None else "is not in the store"
        chosen = select(ShopTool.number).where(ShopTool.is_active).order_by(ShopTool.number).limit(30)
        listed = ", ".join(str(one) for one in session.scalars(chosen)) or "none yet"
        found.append(FieldProblem("tool", f"Tool {number} {why}; tools: {listed}."))
    return tool


def _place_problems(known: Plant, draft: JobDraft) -> list[FieldProblem]:
    found = []
    machine = known.machine_by_key.get(draft.machine)
    if machine is None or not machine.is_active:
        listed = ", ".join(one.device_key for one in known.active[:20])
        said = f"There is no machine '{draft.machine[:60]}' in use here; machines: {listed}."
        found.append(FieldProblem("machine", said))
    if draft.product and draft.product not in known.product_by_key:
        said = f"There is no product '{draft.product[:60]}' in this factory."
        found.append(FieldProblem("product", said))
    if len(draft.key) > 100 or len(draft.note) > 4_000:
        found.append(FieldProblem("note", "A note has at most 4,000 characters, a key 100."))
    if len(draft.material) > 60 or len(draft.operation) > 60:
        found.append(FieldProblem("material", "A material and an operation have at most 60 characters."))
    return found


def _number_problems(draft: JobDraft) -> list[FieldProblem]:
    found = []
    if draft.quantity is None or not 0 < draft.quantity <= MOST_PARTS:
        found.append(FieldProblem("quantity", f"Say how many parts, above 0 and up to {MOST_PARTS:,.0f}."))
    limits = (
        ("estimated_s", draft.estimated_s, LONGEST_S, "An estimated time"),
        ("cycle_s", draft.cycle_s, LONGEST_CYCLE_S, "The ideal time of a part"),
    )
    found += [
        FieldProblem(field, f"{name} of {value:g} s lies outside 0 (not included) to {most:,.0f} s.")
        for field, value, most, name in limits
        if value is not None and not 0 < value <= most
    ]
    return found


def _cycle(
    known: Plant, machine: Machine, product_id: int | None, draft: JobDraft, process: Process | None
) -> tuple[float | None, str]:
    """The ideal seconds per part and where they come from: given, the twin, the plant's own table."""
    if draft.cycle_s is not None:
        return draft.cycle_s, "given"
    if process is not None:
        return round(cycle(process).length_s, 2), "twin"
    for one in known.rows.cycles:
        if product_id is not None and (one.machine_id, one.product_id) == (machine.id, product_id):
            return one.cycle_s, "machine"
    return machine.ideal_cycle_s, "machine" if machine.ideal_cycle_s else ""


def _estimate(draft: JobDraft, process: Process | None, cycle_s: float | None) -> float | None:
    """How long the job takes: as given, else its cycles and, on the twin, the changes of worn edges."""
    if draft.estimated_s is not None or cycle_s is None or draft.quantity is None:
        return draft.estimated_s
    parts_s = draft.quantity * cycle_s
    if process is None:
        return parts_s
    edges = draft.quantity * cycle(process).cutting_s / 60.0 / tool_life_min(process)
    return round(parts_s + int(edges) * process.lathe.tool_change_s, 1)
