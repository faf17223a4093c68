"""Delete a machine that was listed by mistake: only while nothing but its own settings refers to it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete as rows_of
from sqlalchemy.orm import Session

from analytics.errors import StillUsed
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.machines import at_version, state
from app.production.masters.references import in_rules, in_schedules, refuse_used
from app.production.masters.rows import finish
from data.models import IdealCycle, LateSample, Machine, OutOfService, Parameter, RuleMemory
from data.queries.references import named, references

OWN: Final = frozenset({"parameter", "ideal_cycle", "out_of_service", "late_sample"})
"""What belongs to a machine and goes with it."""
ADVICE: Final = "Deactivate it instead: its data stays, and it leaves the lists and the figures."


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of a machine: rows of others by table, and how many parameters have telemetry."""

    found: dict[str, int]
    series: int


def traces(access: Access, machine_id: int, version: int) -> Traces:
    """What keeps a machine from being deleted? NotFound; Conflict for an old version."""
    access.require(Permission.MANAGE_MACHINES)
    with access.read() as session:
        machine = at_version(session, machine_id, version)
        return Traces(_found(session, machine), _series(access, machine))


def delete(access: Access, machine_id: int, version: int, *, with_telemetry: bool = False) -> None:
    """Delete a machine with its parameters and ideal cycles.

    StillUsed says what refers to it, also where there is telemetry and `with_telemetry` does not say that it
    goes for good. NotFound; Conflict for an old version. Documents keep the machine's key as a word.
    """
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        machine = at_version(session, machine_id, version)
        refuse_used(f"The machine {machine.name}", _found(session, machine), ADVICE)
        key, series = machine.device_key, _series(access, machine)
        if series and not with_telemetry:
            raise StillUsed(
                f"{machine.name} has telemetry: say that it is deleted for good with it. {ADVICE}"
            )
        before = {**state(machine), "series": series}
        for model in (Parameter, IdealCycle, OutOfService):
            session.execute(rows_of(model).where(model.machine_id == machine_id))
        session.execute(rows_of(RuleMemory).where(RuleMemory.machine == machine_id))
        session.execute(rows_of(LateSample).where(LateSample.machine_key == key))
        session.delete(machine)
        finish(access, session, "machine.delete", ("machine", machine_id), before, None)
        if series:
            # Last, so that whatever refuses the rows leaves the points; a store that is away refuses both.
            access.gemba.telemetry.delete(access.factory.slug, key)


def _found(session: Session, machine: Machine) -> dict[str, int]:
    found = {
        **references(session, machine),
        **named(session, "machine_key", machine.device_key),
        **in_rules(session, "device", machine.id),
    }
    schedules = in_schedules(session, "machines", machine.device_key)
    found |= schedules or in_schedules(session, "device_ids", machine.id)
    return {name: count for name, count in found.items() if name not in OWN}


def _series(access: Access, machine: Machine) -> int:
    return len(access.gemba.telemetry.parameters(access.factory.slug, [machine.device_key]))
