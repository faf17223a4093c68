"""The parameters of a machine: found by what it sends, named and given their limits by people."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Machine, Parameter, from_us
from data.queries.plant import CONFIGURATION_DAY, bump

DATA_TYPES: Final = {"float": "float", "int": "int", "bool": "int", "string": "string"}
NUMERIC: Final = frozenset({"float", "int"})
LARGEST_LIMIT: Final = 1e15


class Keep(Enum):
    """The word for "as it is" where None is a value of its own."""

    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """What to change; None leaves it as it is. For a limit None takes it away and `Keep.KEEP` leaves it."""

    display_name: str | None = None
    unit: str | None = None
    is_kpi: bool | None = None
    low_limit: float | Keep | None = Keep.KEEP
    high_limit: float | Keep | None = Keep.KEEP


def limit_problems(data_type: str, low: float | None, high: float | None) -> list[FieldProblem]:
    """What is wrong with the limits of a parameter of this type, by field; nothing where there is none.

    >>> [one.field for one in limit_problems("float", 8.0, 2.0)]
    ['high_limit']
    >>> limit_problems("float", None, 2.0)
    []
    """
    given = [(name, value) for name, value in (("low_limit", low), ("high_limit", high)) if value is not None]
    if data_type not in NUMERIC:
        return [FieldProblem(name, "Only a parameter that is a number has limits.") for name, _ in given]
    found = [
        FieldProblem(name, f"A limit is a number from {-LARGEST_LIMIT:g} to {LARGEST_LIMIT:g}.")
        for name, value in given
        if not (math.isfinite(value) and abs(value) <= LARGEST_LIMIT)
    ]
    if not found and low is not None and high is not None and not low < high:
        found.append(FieldProblem("high_limit", f"The high limit must lie above the low one, {low:g}."))
    return found


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
    """Name a parameter, give its unit and limits, or choose it as a KPI.

    InvalidInput names the field that is wrong. Conflict when `version` is not the stored one.
    """
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
                setattr(row, name, value.strip() if isinstance(value, str) else value)
        _set_limits(row, wanted)
        row.version += 1
        row.updated_at = access.now
        session.flush()
        bump(session, {CONFIGURATION_DAY})
        access.audit(session, "parameter.edit", ("parameter", row.id), before, _state(row))
        return row


def _set_limits(row: Parameter, wanted: ParameterChange) -> None:
    low = row.low_limit if isinstance(wanted.low_limit, Keep) else wanted.low_limit
    high = row.high_limit if isinstance(wanted.high_limit, Keep) else wanted.high_limit
    if (low, high) == (row.low_limit, row.high_limit):
        return
    problems = limit_problems(row.data_type, low, high)
    if problems:
        raise InvalidInput(*problems)
    row.low_limit, row.high_limit = low, high


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
    return {
        name: getattr(row, name)
        for name in ("display_name", "unit", "is_kpi", "low_limit", "high_limit", "version")
    }
