"""The parameters of a machine: found by what it sends, named by people."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Machine, Parameter, from_us
from data.queries.plant import CONFIGURATION_DAY, bump

DATA_TYPES: Final = {"float": "float", "int": "int", "bool": "int", "str": "string"}


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """What to change; None leaves it as it is."""

    display_name: str | None = None
    unit: str | None = None
    is_kpi: bool | None = None


def listed(access: Access, machine_id: int) -> list[Parameter]:
    """The parameters of a machine by key. What it has sent and nobody has listed yet is listed now.

    Raises NotFound for a machine of another factory.
    """
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        machine = _machine(session, machine_id)
        rows = _rows(session, machine_id)
    sent = access.gemba.telemetry.parameters(access.factory.slug, [machine.device_key])
    known = {row.key for row in rows}
    if not all(key in known for key in sent["parameter"].tolist()):
        _discover(access, machine_id, sent.to_dict("records"))
        with access.read() as session:
            rows = _rows(session, machine_id)
    return rows


def one(access: Access, machine_id: int, parameter_id: int) -> Parameter:
    """One parameter of a machine; NotFound otherwise."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return _found(session, machine_id, parameter_id)


def for_change(access: Access, machine_id: int, parameter_id: int) -> Parameter:
    """The same for whoever may change it."""
    access.require(Permission.MANAGE_MACHINES)
    return one(access, machine_id, parameter_id)


def change(
    access: Access, machine_id: int, parameter_id: int, version: int | None, wanted: ParameterChange
) -> Parameter:
    """Name a parameter, or choose it as a KPI. Conflict when `version` is not the stored one."""
    access.require(Permission.MANAGE_MACHINES)
    problems = [
        FieldProblem(name, f"Use at most {most} characters.")
        for name, value, most in (
            ("display_name", wanted.display_name, 200),
            ("unit", wanted.unit, 30),
        )
        if value is not None and len(value) > most
    ]
    if problems:
        raise InvalidInput(*problems)
    with access.write() as session:
        row = _found(session, machine_id, parameter_id)
        if version is not None and row.version != version:
            raise Conflict("Somebody else changed this parameter in the meantime. Reload, then change it.")
        before = _state(row)
        for name in ("display_name", "unit", "is_kpi"):
            value = getattr(wanted, name)
            if value is not None:
                setattr(row, name, value)
        row.version += 1
        row.updated_at = access.now
        session.flush()
        bump(session, {CONFIGURATION_DAY})
        access.audit(session, "parameter.edit", ("parameter", row.id), before, _state(row))
        return row


def _discover(access: Access, machine_id: int, sent: list[dict[Any, Any]]) -> None:
    with access.write() as session:
        known = {row.key for row in _rows(session, machine_id)}
        for found in sent:
            if found["parameter"] not in known:
                session.add(
                    Parameter(
                        machine_id=machine_id,
                        key=found["parameter"],
                        display_name=found["parameter"],
                        data_type=DATA_TYPES.get(found["kind"], "float"),
                        discovered_at=from_us(int(found["first_us"])),
                    )
                )


def _rows(session: Session, machine_id: int) -> list[Parameter]:
    return list(
        session.scalars(select(Parameter).where(Parameter.machine_id == machine_id).order_by(Parameter.key))
    )


def _machine(session: Session, machine_id: int) -> Machine:
    row = session.get(Machine, machine_id)
    if row is None:
        raise NotFound("There is no such machine in this factory.")
    return row


def _found(session: Session, machine_id: int, parameter_id: int) -> Parameter:
    _machine(session, machine_id)
    row = session.get(Parameter, parameter_id)
    if row is None or row.machine_id != machine_id:
        raise NotFound("This machine has no such parameter.")
    return row


def _state(row: Parameter) -> dict[str, Any]:
    return {"display_name": row.display_name, "unit": row.unit, "is_kpi": row.is_kpi, "version": row.version}
