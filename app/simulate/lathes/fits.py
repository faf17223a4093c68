"""Fitting the twin of a machine to what it measured, and keeping the fit."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotEvaluable, NotFound
from analytics.twin.calibration import Calibration, Fitted, calibrate
from analytics.twin.lathe.process import Process
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import LatheFit, Machine

VALUES: Final = {
    "fixed_kw": "fixed_kw",
    "spindle_kw": "spindle_kw_per_1000_rpm",
    "load_factor": "load_factor",
    "kc_factor": "kc_factor",
}
NEEDED: Final = ("power_kw", "spindle_speed_rpm")
FORCES: Final = ("torque_nm", "cutting_force_n")
LONGEST_US: Final = 7 * 86_400_000_000
MOST_POINTS: Final = 500_000


@dataclass(frozen=True, slots=True)
class KnownFit:
    """A fit that is kept: who made it when, and how well it fits."""

    calibration: Calibration
    fitted_by: str
    fitted_at: datetime


def fit_machine(
    access: Access, machine_key: str, process: Process, start_us: int, end_us: int
) -> Calibration:
    """What does the twin of a machine come to over [start_us, end_us), up to seven days? Nothing is kept.

    It needs active power and spindle speed, and uses torque or cutting force where they are sent; values of
    one moment belong together. Raises NotFound, InvalidInput, NotEvaluable, TooManyPoints.
    """
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        _machine(session, machine_key)
    if not 0 < end_us - start_us <= LONGEST_US:
        raise InvalidInput.at("hours", "A fit covers up to 168 hours.")
    slug, store = access.factory.slug, access.gemba.telemetry
    sent = set(store.parameters(slug, [machine_key])["parameter"])
    missing = [key for key in NEEDED if key not in sent]
    if missing:
        raise NotEvaluable(f"'{machine_key}' does not send {' and '.join(missing)}, which a fit needs.")
    force = next((key for key in FORCES if key in sent), None)
    chosen = [*NEEDED, *([force] if force else [])]
    points = store.read(slug, start_us, end_us, [machine_key], chosen, limit=MOST_POINTS)
    wide = points.pivot(index="time_us", columns="parameter", values="value").reindex(columns=chosen)
    columns = {key: wide[key].to_numpy(np.float64) for key in chosen}
    return calibrate(
        process,
        columns["power_kw"],
        columns["spindle_speed_rpm"],
        columns.get("torque_nm"),
        columns.get("cutting_force_n"),
    )


def fittable(access: Access) -> list[str]:
    """The keys of the machines that send what a fit needs."""
    access.require(Permission.SEE_PLANT)
    known = access.gemba.telemetry.parameters(access.factory.slug)
    sent = known[known["parameter"].isin(NEEDED)].groupby("machine", observed=True)["parameter"].nunique()
    with access.read() as session:
        active = set(session.scalars(select(Machine.device_key).where(Machine.is_active)))
    return sorted(active & set(sent[sent == len(NEEDED)].index))


def fitted_machines(access: Access) -> list[str]:
    """The keys of the machines whose twin was fitted."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        chosen = select(Machine.device_key).join(LatheFit, LatheFit.machine_id == Machine.id)
        return list(session.scalars(chosen.order_by(Machine.device_key)))


def keep_fit(access: Access, machine_key: str, found: Calibration) -> None:
    """Let the twin of a machine stand as it was fitted; the fit before it is replaced."""
    access.require(Permission.RUN_SIMULATOR)
    with access.write() as session:
        machine = _machine(session, machine_key)
        row = session.scalar(select(LatheFit).where(LatheFit.machine_id == machine.id))
        before = row.body if row else None
        if row is None:
            row = LatheFit(machine_id=machine.id, body={}, fitted_by="", fitted_at=access.now)
            session.add(row)
        else:
            row.version += 1
        row.body, row.fitted_by, row.fitted_at = asdict(found), access.principal.email, access.now
        access.audit(session, "lathe.fit", ("machine", machine.id), before, row.body)


def forget_fit(access: Access, machine_key: str) -> None:
    """Let the twin of a machine stand as it comes."""
    access.require(Permission.RUN_SIMULATOR)
    with access.write() as session:
        machine = _machine(session, machine_key)
        row = session.scalar(select(LatheFit).where(LatheFit.machine_id == machine.id))
        if row is not None:
            session.delete(row)
            access.audit(session, "lathe.fit-forgotten", ("machine", machine.id), before=row.body)


def kept_fit(access: Access, machine_key: str) -> KnownFit | None:
    """The fit of a machine's twin, if one is kept."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        machine = _machine(session, machine_key)
        row = session.scalar(select(LatheFit).where(LatheFit.machine_id == machine.id))
    return None if row is None else KnownFit(_calibration(row.body), row.fitted_by, row.fitted_at)


def fit_values(access: Access, machine_id: int) -> dict[str, float] | None:
    """The values of the kept fit as `fitted_process` takes them, or None."""
    with access.read() as session:
        row = session.scalar(select(LatheFit).where(LatheFit.machine_id == machine_id))
    return None if row is None else values_of(_calibration(row.body))


def values_of(found: Calibration) -> dict[str, float]:
    """A fit's values as `fitted_process` takes them."""
    return {name: getattr(found, field).value for name, field in VALUES.items()}


def _calibration(body: dict[str, Any]) -> Calibration:
    fitted: dict[str, Any] = {field: Fitted(**body[field]) for field in VALUES.values()}
    return Calibration(**{**body, **fitted})


def _machine(session: Session, key: str) -> Machine:
    machine = session.scalar(select(Machine).where(Machine.device_key == key))
    if machine is None:
        raise NotFound("There is no such machine in this factory.")
    return machine
