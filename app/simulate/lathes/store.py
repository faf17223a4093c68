"""Simulated lathes: started, listed, paused, sped up, stopped; each change with its audit entry."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound
from analytics.twin.lathe.signals import SIGNALS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.lathes import is_lathe
from app.simulate.lathes.drafts import StartDraft, body_of, checked_speed
from app.simulate.lathes.fits import fit_values
from data.models import Machine, Parameter, Simulation, StateEvent, to_us

RUNNING, PAUSED, FINISHED, STOPPED = "running", "paused", "finished", "stopped"
ALIVE: Final = (RUNNING, PAUSED)
OWN_DATA_US: Final = 600_000_000
"""A machine that sent something by itself within so long is not simulated."""
KPIS: Final = frozenset({"power_kw", "cutting_force_n"})
TYPE: Final = "Simulated lathe"


@dataclass(frozen=True, slots=True)
class Known:
    """A simulation as it stands; `speed` is the factor against the clock, times of the lathe in seconds."""

    id: int
    machine_id: int
    lathe: str
    lathe_name: str
    status: str
    body: dict[str, Any]
    seed: int
    speed: float
    duration_s: float
    position_s: float
    worked_s: float
    last_us: int
    parts: int
    ended_because: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    version: int

    @property
    def is_alive(self) -> bool:
        """Whether it runs or can go on."""
        return self.status in ALIVE

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(self.position_s / self.duration_s, 1.0)


def list_simulations(access: Access, *, alive_only: bool = False, limit: int = 200) -> list[Known]:
    """The factory's simulations: those that run or pause first, then the newest."""
    access.require(Permission.SEE_PLANT)
    chosen = select(Simulation, Machine).join(Machine, Machine.id == Simulation.machine_id)
    if alive_only:
        chosen = chosen.where(Simulation.status.in_(ALIVE))
    with access.read() as session:
        rows = session.execute(chosen.order_by(Simulation.id.desc()).limit(limit)).all()
    found = [_known(row, machine) for row, machine in rows]
    return sorted(found, key=lambda one: (not one.is_alive, -one.id))


def get_simulation(access: Access, simulation_id: int) -> Known:
    """One simulation; raises NotFound."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = _found(session, simulation_id)
        return _known(row, session.get_one(Machine, row.machine_id))


def start(access: Access, draft: StartDraft) -> int:
    """Begin a simulation on a listed machine; returns its id.

    Raises InvalidInput that names the field, the reason and the allowed range; Conflict where the lathe is
    simulated already, sends data of its own, or as many as allowed are running.
    """
    access.require(Permission.RUN_SIMULATOR)
    settings = access.gemba.settings
    machine = _machine(access, draft.lathe)
    body = body_of(draft, settings.simulation_limit_s, fit_values(access, machine.id))
    _refuse_a_live_machine(access, machine)
    seed = secrets.randbelow(2**31) if draft.seed is None else draft.seed
    with access.write() as session:
        _refuse_too_many(session, machine, settings.simulation_most)
        _name_parameters(access, session, machine)
        row = Simulation(
            machine_id=machine.id,
            body=body,
            seed=seed,
            speed=draft.speed,
            duration_s=draft.duration_s,
            last_us=to_us(access.now),
            started_by=access.principal.email,
            started_at=access.now,
        )
        session.add(row)
        session.flush()
        told = {
            **body,
            "lathe": draft.lathe,
            "duration_s": draft.duration_s,
            "speed": draft.speed,
            "seed": seed,
        }
        access.audit(session, "simulation.start", ("simulation", row.id), after=told)
        return row.id


def pause(access: Access, simulation_id: int) -> None:
    """Hold a running simulation where it stands."""
    _change(access, simulation_id, "simulation.pause", (RUNNING,), _pause)


def resume(access: Access, simulation_id: int) -> None:
    """Let a paused simulation go on from where it stands."""
    _change(access, simulation_id, "simulation.resume", (PAUSED,), _resume)


def stop(access: Access, simulation_id: int) -> None:
    """End a simulation for good."""

    def stopped(access: Access, row: Simulation) -> None:
        row.status, row.ended_at, row.ended_because = (
            STOPPED,
            access.now,
            f"stopped by {access.principal.email}",
        )

    _change(access, simulation_id, "simulation.stop", ALIVE, stopped)


def set_speed(access: Access, simulation_id: int, speed: float) -> None:
    """Let its time go so many times as fast as the clock, 1 to 1,000."""
    checked_speed(speed)

    def changed(_: Access, row: Simulation) -> None:
        row.speed = speed

    _change(access, simulation_id, "simulation.speed", ALIVE, changed)


def _pause(_: Access, row: Simulation) -> None:
    row.status = PAUSED


def _resume(access: Access, row: Simulation) -> None:
    row.status, row.last_us = RUNNING, to_us(access.now)


def _change(
    access: Access,
    simulation_id: int,
    action: str,
    allowed: tuple[str, ...],
    change: Callable[[Access, Simulation], None],
) -> None:
    access.require(Permission.RUN_SIMULATOR)
    with access.write() as session:
        row = _found(session, simulation_id)
        if row.status not in allowed:
            raise Conflict(
                f"This simulation is {row.status}; only one that is {' or '.join(allowed)} can do that."
            )
        before = _told(row)
        change(access, row)
        row.version += 1
        access.audit(session, action, ("simulation", row.id), before, _told(row))


def _told(row: Simulation) -> dict[str, Any]:
    return {
        "status": row.status,
        "speed": row.speed,
        "position_s": round(row.position_s, 1),
        "parts": row.parts,
    }


def _found(session: Session, simulation_id: int) -> Simulation:
    row = session.get(Simulation, simulation_id)
    if row is None:
        raise NotFound("There is no such simulation in this factory.")
    return row


def _machine(access: Access, key: str) -> Machine:
    with access.read() as session:
        machine = session.scalar(select(Machine).where(Machine.device_key == key))
        if machine is None or not machine.is_active:
            kind = select(Machine.device_key).where(Machine.is_active).order_by(Machine.device_key)
            known = ", ".join(list(session.scalars(kind))[:20])
            why = "is out of use" if machine is not None else "is not listed in this factory"
            raise InvalidInput.at("lathe_id", f"The machine '{key[:60]}' {why}; machines: {known}.")
        if not is_lathe(machine.type):
            raise InvalidInput.at("lathe_id", f"'{key}' is no lathe: its type is '{machine.type}'.")
    return machine


def _refuse_a_live_machine(access: Access, machine: Machine) -> None:
    """Simulated values must never mix with those of a machine that sends its own."""
    since = to_us(access.now) - OWN_DATA_US
    newest = access.gemba.telemetry.latest(access.factory.slug, [machine.device_key])
    sent_us = int(newest["time_us"].max()) if len(newest) else 0
    with access.read() as session:
        own = select(func.max(StateEvent.start_us)).where(StateEvent.machine_id == machine.id)
        sent_us = max(sent_us, session.scalar(own) or 0)
        last = select(func.max(Simulation.last_us)).where(Simulation.machine_id == machine.id)
        simulated_us = session.scalar(last) or 0
    if sent_us > max(since, simulated_us + OWN_DATA_US // 10):
        raise Conflict(
            f"'{machine.device_key}' sends data of its own; simulated values would mix with it. "
            "Simulate on a machine that sends nothing."
        )


def _refuse_too_many(session: Session, machine: Machine, most: int) -> None:
    alive = session.execute(
        select(Simulation.machine_id, func.count())
        .where(Simulation.status.in_(ALIVE))
        .group_by(Simulation.machine_id)
    ).all()
    if machine.id in {row[0] for row in alive}:
        raise Conflict(f"'{machine.device_key}' is simulated already: stop that simulation first.")
    if sum(row[1] for row in alive) >= most:
        raise Conflict(f"{most} lathes are simulated at once at most: stop one first.")


def _name_parameters(access: Access, session: Session, machine: Machine) -> None:
    """List what the lathe will send, with names and units, where nobody has listed it."""
    listed = set(session.scalars(select(Parameter.key).where(Parameter.machine_id == machine.id)))
    for key, (name, unit, _, _) in SIGNALS.items():
        if key not in listed:
            session.add(
                Parameter(
                    machine_id=machine.id,
                    key=key,
                    display_name=name,
                    unit=unit,
                    is_kpi=key in KPIS,
                    discovered_at=access.now,
                    updated_at=access.now,
                )
            )


def _known(row: Simulation, machine: Machine) -> Known:
    return Known(
        row.id, row.machine_id, machine.device_key, machine.name, row.status, row.body, row.seed, row.speed,
        row.duration_s, row.position_s, row.worked_s, row.last_us, row.parts, row.ended_because,
        row.started_by, row.started_at, row.ended_at, row.version,
    )  # fmt: skip
