"""What is seen of simulated lathes: their newest values, and which machines are free to be simulated."""

from dataclasses import dataclass

from sqlalchemy import select

from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import cycle
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.lathes import is_lathe
from app.production.machines import MachineDraft, add
from app.simulate.lathes.store import ALIVE, OWN_DATA_US, TYPE
from data.models import Machine, Simulation, to_us


@dataclass(frozen=True, slots=True)
class FreeLathe:
    """A machine that can be simulated now."""

    key: str
    name: str
    is_simulated: bool


def newest_values(access: Access, lathes: list[str]) -> dict[str, dict[str, float]]:
    """The newest value of each parameter of these machines, by machine and parameter."""
    access.require(Permission.SEE_PLANT)
    found: dict[str, dict[str, float]] = {key: {} for key in lathes}
    if lathes:
        frame = access.gemba.telemetry.latest(access.factory.slug, lathes)
        for machine, parameter, value in zip(
            frame["machine"], frame["parameter"], frame["value"], strict=True
        ):
            if isinstance(value, float | int):
                found[machine][parameter] = float(value)
    return found


def free_lathes(access: Access) -> list[FreeLathe]:
    """The active lathes that send nothing by themselves and are not simulated; simulated ones first."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.execute(
            select(Machine.device_key, Machine.name, Machine.type, Machine.id).where(Machine.is_active)
        ).all()
        alive = set(session.scalars(select(Simulation.machine_id).where(Simulation.status.in_(ALIVE))))
        simulated = set(session.scalars(select(Simulation.machine_id)))
    newest = access.gemba.telemetry.latest(access.factory.slug)
    since = to_us(access.now) - OWN_DATA_US
    busy = set(newest.loc[newest["time_us"] > since, "machine"])
    found = [
        FreeLathe(key, name, kind == TYPE)
        for key, name, kind, number in rows
        if is_lathe(kind) and number not in alive and (key not in busy or number in simulated)
    ]
    return sorted(found, key=lambda one: (not one.is_simulated, one.key))


def add_lathe(access: Access) -> str:
    """Add a machine for simulations; returns its key, sim-1 and so on."""
    access.require(Permission.MANAGE_MACHINES)
    with access.read() as session:
        taken = set(session.scalars(select(Machine.device_key)))
    number = next(n for n in range(1, 10_000) if f"sim-{n}" not in taken)
    job = standard_process("mild_steel", "turning", 5)
    draft = MachineDraft(
        f"sim-{number}", f"Simulated lathe {number}", type=TYPE, ideal_cycle_s=round(cycle(job).length_s, 1)
    )
    add(access, draft)
    return draft.device_key
