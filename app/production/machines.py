"""Add, edit, deactivate machines; read them with their version for editing."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import select

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.lines import new_line
from data.models import Line, Machine
from data.queries.plant import CONFIGURATION_DAY, bump

OF_THE_LINE: Final = frozenset({"line_key", "new_line"})
KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """What a person enters about a machine; `ideal_cycle_s` may stay unknown, it is never guessed.

    Without a `line_key`, `new_line` is the name of a line that is made with the machine.
    """

    device_key: str
    name: str
    line_key: str | None = None
    type: str = ""
    manufacturer: str = ""
    model: str = ""
    location: str = ""
    ideal_cycle_s: float | None = None
    importance: int = 3
    new_line: str = ""


def _problems(draft: MachineDraft) -> list[FieldProblem]:
    found = []
    if not KEY_PATTERN.fullmatch(draft.device_key):
        found.append(
            FieldProblem(
                "device_key",
                "The key must begin with a letter or digit; letters, digits, dots, dashes and "
                "underscores may follow.",
            )
        )
    if not draft.name.strip():
        found.append(FieldProblem("name", "Give the machine a name."))
    if draft.ideal_cycle_s is not None and not 0 < draft.ideal_cycle_s <= 86_400:
        found.append(
            FieldProblem("ideal_cycle_s", "The ideal cycle time must lie above 0 and up to 86,400 seconds.")
        )
    if not 1 <= draft.importance <= 5:
        found.append(FieldProblem("importance", "Importance goes from 1 (low) to 5 (vital)."))
    return found


def _line_id(access: Access, session: Any, draft: MachineDraft) -> int | None:
    if not draft.line_key:
        return new_line(access, session, draft.new_line.strip()) if draft.new_line.strip() else None
    found: int | None = session.scalar(select(Line.id).where(Line.key == draft.line_key))
    if found is None:
        raise InvalidInput.at("line_key", f"There is no line '{draft.line_key}' in this factory.")
    return found


def state(machine: Machine) -> dict[str, Any]:
    """A machine as the audit log tells it."""
    return {
        name: getattr(machine, name)
        for name in (*asdict_fields(), "line_id", "is_active", "version")
        if name not in OF_THE_LINE
    }


def asdict_fields() -> tuple[str, ...]:
    """The names of a draft's fields."""
    return tuple(asdict(MachineDraft("x", "x")))


def stored(access: Access, machine_id: int) -> Machine:
    """A machine as it is stored now, for whoever may change it; NotFound for another factory's."""
    access.require(Permission.MANAGE_MACHINES)
    with access.read() as session:
        machine = session.get(Machine, machine_id)
    if machine is None:
        raise NotFound("There is no such machine in this factory.")
    return machine


def add(access: Access, draft: MachineDraft) -> int:
    """Make a machine; returns its id. Raises InvalidInput naming the field, also for a key in use."""
    access.require(Permission.MANAGE_MACHINES)
    problems = _problems(draft)
    if problems:
        raise InvalidInput(*problems)
    with access.write() as session:
        taken = session.scalar(select(Machine.id).where(Machine.device_key == draft.device_key))
        if taken is not None:
            raise InvalidInput.at(
                "device_key",
                f"A machine with the key '{draft.device_key}' exists already; choose another key.",
            )
        values = {k: v for k, v in asdict(draft).items() if k not in OF_THE_LINE}
        machine = Machine(
            **values,
            line_id=_line_id(access, session, draft),
            created_at=access.now,
            updated_at=access.now,
        )
        session.add(machine)
        session.flush()
        bump(session, {CONFIGURATION_DAY})
        access.audit(session, "machine.add", ("machine", machine.id), after=state(machine))
        return machine.id


def edit(access: Access, machine_id: int, version: int, draft: MachineDraft) -> None:
    """Change a machine that was read at `version`; raises Conflict when somebody was faster."""
    access.require(Permission.MANAGE_MACHINES)
    problems = _problems(draft)
    if problems:
        raise InvalidInput(*problems)
    with access.write() as session:
        machine = at_version(session, machine_id, version)
        if draft.device_key != machine.device_key:
            raise InvalidInput.at(
                "device_key",
                "A machine keeps its key, because its data carries it. Add a new machine instead.",
            )
        before = state(machine)
        machine.line_id = _line_id(access, session, draft)
        for name, value in asdict(draft).items():
            if name not in OF_THE_LINE:
                setattr(machine, name, value)
        _finish(access, session, machine, "machine.edit", before)


def set_active(access: Access, machine_id: int, version: int, active: bool) -> None:
    """Take a machine out of use, or back into it; its data stays."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        machine = at_version(session, machine_id, version)
        before = state(machine)
        machine.is_active = active
        _finish(access, session, machine, "machine.activate" if active else "machine.deactivate", before)


def at_version(session: Any, machine_id: int, version: int) -> Machine:
    """The machine for a change that is based on a version; NotFound, Conflict when somebody was faster."""
    machine: Machine | None = session.get(Machine, machine_id)
    if machine is None:
        raise NotFound("There is no such machine in this factory.")
    if machine.version != version:
        raise Conflict("Somebody else changed this machine in the meantime. Reload it, then change it again.")
    return machine


def _finish(access: Access, session: Any, machine: Machine, action: str, before: dict[str, Any]) -> None:
    machine.version += 1
    machine.updated_at = access.now
    session.flush()
    bump(session, {CONFIGURATION_DAY})
    access.audit(session, action, ("machine", machine.id), before=before, after=state(machine))
