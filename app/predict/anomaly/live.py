"""Machines that are scored for anomalies while they run: who is, how far, switching on and off."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, NotFound, VersionChanged
from analytics.vocabulary import ANOMALY_SCORE, ANOMALY_SCORE_UNIT
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import LiveDetector, Machine, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

NAME: Final = "Anomaly score"


@dataclass(frozen=True, slots=True)
class LiveShown:
    """One machine's detector; see `data.models.live.LiveDetector`."""

    id: int
    machine: str
    is_on: bool
    method: str
    step_us: int
    false_alarms_per_week: float
    parameters: tuple[str, ...]
    normal_start_us: int
    normal_end_us: int
    rows: int
    fitted_us: int
    switched_us: int
    switched_by: str
    until_us: int
    ahead_us: int
    score: float | None
    leading: str
    scored: int
    withheld: int
    problem: str
    version: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A detector that was fitted for a machine and kept as the file of its digest."""

    machine: str
    method: str
    step_us: int
    false_alarms_per_week: float
    parameters: tuple[str, ...]
    normal_start_us: int
    normal_end_us: int
    rows: int
    digest: str


def live_detectors(access: Access) -> list[LiveShown]:
    """All machines that are or were scored live, by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.scalars(select(LiveDetector).order_by(LiveDetector.machine_key))
        return [_shown(row) for row in rows]


def live_detector(access: Access, machine: str) -> LiveShown:
    """That of one machine. NotFound."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.scalar(select(LiveDetector).where(LiveDetector.machine_key == machine))
        if row is None:
            raise NotFound("No detector was fitted for this machine in this factory.")
        return _shown(row)


def switch_live(access: Access, detector_id: int, version: int | None, *, is_on: bool) -> LiveShown:
    """Score a machine with the detector that it has, from now on, or no longer.

    The time while it is off has no score. NotFound where there is no such detector; VersionChanged.
    """
    access.require(Permission.RUN_ANALYTICS)
    with access.write() as session:
        row = session.get(LiveDetector, detector_id)
        if row is None:
            raise NotFound("There is no such detector in this factory.")
        if version is not None and row.version != version:
            raise VersionChanged("Somebody changed this meanwhile: load it again.")
        if row.is_on != is_on:
            before = _told(row)
            row.is_on, row.problem = is_on, ""
            row.switched_us, row.switched_by = to_us(access.now), access.principal.email
            row.version += 1
            if is_on:
                row.until_us = row.ahead_us = to_us(access.now) // row.step_us * row.step_us
                row.memory = b""
            access.audit(session, _action(is_on), ("live_detector", row.id), before, _told(row))
            session.flush()
        return _shown(row)


def put_detector(access: Access, session: Session, fitted: Fitted, job_key: str) -> None:
    """Score the machine by this detector from the end of its normal time on; in the caller's transaction."""
    _list_parameter(session, access, fitted.machine)
    row = session.scalar(select(LiveDetector).where(LiveDetector.machine_key == fitted.machine))
    before = None if row is None else _told(row)
    now_us, begin = to_us(access.now), fitted.normal_end_us // fitted.step_us * fitted.step_us
    values: dict[str, Any] = {
        "is_on": True, "method": fitted.method, "step_us": fitted.step_us, "rows": fitted.rows,
        "false_alarms_per_week": fitted.false_alarms_per_week, "parameters": list(fitted.parameters),
        "normal_start_us": fitted.normal_start_us, "normal_end_us": fitted.normal_end_us,
        "digest": fitted.digest, "job_key": job_key, "fitted_us": now_us, "switched_us": now_us,
        "switched_by": access.principal.email, "until_us": begin, "ahead_us": begin,
    }  # fmt: skip
    if row is None:
        row = LiveDetector(machine_key=fitted.machine, **values)
        session.add(row)
    else:
        fresh = {"memory": b"", "score": None, "leading": "", "scored": 0, "withheld": 0, "problem": ""}
        for name, value in (values | fresh).items():
            setattr(row, name, value)
        row.version += 1
    session.flush()
    access.audit(session, _action(True), ("live_detector", row.id), before, _told(row))


def refuse_foreign_score(access: Access, machine: str) -> None:
    """Conflict where the machine itself sends a parameter under the name of the score."""
    with access.read() as session:
        listed = session.scalar(
            select(Parameter.id)
            .join(Machine, Machine.id == Parameter.machine_id)
            .where(Machine.device_key == machine, Parameter.key == ANOMALY_SCORE)
        )
        has = session.scalar(select(LiveDetector.id).where(LiveDetector.machine_key == machine))
    if listed is not None and has is None:
        raise Conflict(f"The machine sends a parameter '{ANOMALY_SCORE}' of its own: rename that one first.")


def scored_until(access: Access) -> dict[str, int]:
    """Up to where the scores of each machine are final; a machine that is off or has a problem is left out.

    Rules that read a score wait for it, so that they see live what a replay sees.
    """
    with access.read() as session:
        rows = session.execute(
            select(LiveDetector.machine_key, LiveDetector.until_us).where(
                LiveDetector.is_on, LiveDetector.problem == ""
            )
        ).all()
    return {key: int(until) for key, until in rows}


def _list_parameter(session: Session, access: Access, machine: str) -> None:
    """The score is a parameter of the machine like any other, with a name and a unit from the start."""
    number = session.scalar(select(Machine.id).where(Machine.device_key == machine))
    if number is None:
        raise NotFound(f"There is no machine '{machine}' in this factory.")
    there = session.scalar(
        select(Parameter.id).where(Parameter.machine_id == number, Parameter.key == ANOMALY_SCORE)
    )
    if there is None:
        session.add(
            Parameter(
                machine_id=number,
                key=ANOMALY_SCORE,
                display_name=NAME,
                unit=ANOMALY_SCORE_UNIT,
                data_type="float",
                discovered_at=access.now,
            )
        )
        bump(session, {CONFIGURATION_DAY})


def _action(is_on: bool) -> str:
    return "live_score.on" if is_on else "live_score.off"


def _told(row: LiveDetector) -> dict[str, Any]:
    return {
        "machine": row.machine_key, "is_on": row.is_on, "method": row.method, "digest": row.digest,
        "normal_start_us": row.normal_start_us, "normal_end_us": row.normal_end_us,
    }  # fmt: skip


def _shown(row: LiveDetector) -> LiveShown:
    return LiveShown(
        row.id, row.machine_key, row.is_on, row.method, row.step_us, row.false_alarms_per_week,
        tuple(row.parameters), row.normal_start_us, row.normal_end_us, row.rows, row.fitted_us,
        row.switched_us, row.switched_by, row.until_us, row.ahead_us, row.score, row.leading, row.scored,
        row.withheld, row.problem, row.version,
    )  # fmt: skip
