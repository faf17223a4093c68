"""The registry of failure models: versions by machine, promoted, retired and rolled back by people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import FailureModelVersion, to_us

CANDIDATE: Final = "candidate"
PROMOTED: Final = "promoted"
RETIRED: Final = "retired"
FAILURE: Final = "failure"
LIFE: Final = "life"
SUPERSEDED: Final = "was promoted"


@dataclass(frozen=True, slots=True)
class ModelShown:
    """One version; see `data.models.predict.FailureModelVersion`."""

    id: int
    machine: str
    tells: str
    number: int
    state: str
    method: str
    horizon_h: float
    least_stop_min: float
    start_us: int
    end_us: int
    hours: int
    failures: int
    features: tuple[str, ...]
    ranges: dict[str, Any]
    metrics: dict[str, Any]
    threshold: float
    base_rate: float
    beats_naive: bool
    fingerprint: str
    digest: str
    file_gone_us: int | None
    card: str
    why: str
    made_us: int
    made_by: str
    moved_us: int | None
    moved_by: str
    version: int

    @property
    def name(self) -> str:
        """How it is called in the log of predictions."""
        return f"{self.machine} v{self.number}"[:60]


def models(access: Access, machine: str = "") -> list[ModelShown]:
    """All versions, by machine, the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = select(FailureModelVersion).order_by(
        FailureModelVersion.machine_key, FailureModelVersion.number.desc()
    )
    if machine:
        asked = asked.where(FailureModelVersion.machine_key == machine)
    with access.read() as session:
        return [shown(row) for row in session.scalars(asked)]


def one_model(access: Access, model_id: int) -> ModelShown:
    """One version; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(FailureModelVersion, model_id)
        if row is None:
            raise NotFound("There is no such model in this factory.")
        return shown(row)


def serving(access: Access, tells: str = FAILURE) -> dict[str, ModelShown]:
    """The version that tells each machine's risk or remaining life: the promoted one, else the newest
    candidate.
    """
    found: dict[str, ModelShown] = {}
    for one in models(access):
        if one.tells != tells:
            continue
        there = found.get(one.machine)
        if one.state == PROMOTED or (one.state == CANDIDATE and there is None):
            found[one.machine] = one
    return found


def promote(access: Access, model_id: int, version: int) -> None:
    """Let this version tell the risk of its machine; the one that did is retired. NotFound, Conflict.

    An earlier version can be promoted again: that is the way back.
    """
    access.require(Permission.RUN_ANALYTICS)
    with access.write() as session:
        row = _at_version(session, model_id, version)
        if row.state == PROMOTED:
            raise Conflict("This version is promoted already.")
        if row.file_gone_us is not None:
            raise Conflict("The file of this version is no longer kept: teach a new one.")
        same = select(FailureModelVersion).where(
            FailureModelVersion.machine_key == row.machine_key, FailureModelVersion.tells == row.tells,
            FailureModelVersion.state == PROMOTED,
        )  # fmt: skip
        for other in session.scalars(same):
            move(access, session, other, RETIRED, f"version {row.number} {SUPERSEDED}")
        move(access, session, row, PROMOTED, "")


def retire(access: Access, model_id: int, version: int, why: str = "") -> None:
    """This version tells nothing any more. NotFound, Conflict."""
    access.require(Permission.RUN_ANALYTICS)
    with access.write() as session:
        row = _at_version(session, model_id, version)
        if row.state == RETIRED:
            raise Conflict("This version is retired already.")
        move(access, session, row, RETIRED, why)


def roll_back(access: Access, one: ModelShown) -> ModelShown:
    """Instead of this promoted version promote the one that was before it, which is the answer. Conflict."""
    access.require(Permission.RUN_ANALYTICS)
    if one.state != PROMOTED:
        raise Conflict("Only the version that is promoted can be rolled back.")
    last = before_promoted([other for other in models(access, one.machine) if other.tells == one.tells])
    if last is None:
        raise Conflict("There is no earlier version that was promoted.")
    promote(access, last.id, last.version)
    return last


def before_promoted(known: Sequence[ModelShown]) -> ModelShown | None:
    """Of the versions of one machine that tell one thing, the one that a roll-back brings back."""
    before = [one for one in known if one.state == RETIRED and one.why.endswith(SUPERSEDED)]
    return max(before, key=lambda one: one.moved_us or 0, default=None)


def add_version(access: Access, session: Session, values: Mapping[str, Any]) -> FailureModelVersion:
    """A new candidate with the machine's next number, in the caller's transaction."""
    asked = select(func.max(FailureModelVersion.number))
    last = session.scalar(asked.where(FailureModelVersion.machine_key == values["machine_key"]))
    row = FailureModelVersion(**values, number=(last or 0) + 1)
    session.add(row)
    session.flush()
    names = ("digest", "fingerprint", "beats_naive")
    after = {"machine": row.machine_key, "number": row.number, "tells": row.tells}
    after |= {one: values[one] for one in names}
    access.audit(session, "model.candidate", ("failure_model", row.id), after=after)
    return row


def _at_version(session: Session, model_id: int, version: int) -> FailureModelVersion:
    row = session.get(FailureModelVersion, model_id)
    if row is None:
        raise NotFound("There is no such model in this factory.")
    if row.version != version:
        raise Conflict("Somebody has changed this model meanwhile. Look again.")
    return row


def move(access: Access, session: Session, row: FailureModelVersion, state: str, why: str) -> None:
    """Give a version another state, in the caller's transaction."""
    before = {"state": row.state}
    row.state, row.why = state, why.strip()[:500]
    row.version += 1
    row.moved_us, row.moved_by = to_us(access.now), access.principal.email
    after = {"state": state, "machine": row.machine_key, "number": row.number, "why": row.why}
    access.audit(session, f"model.{state}", ("failure_model", row.id), before, after)


def shown(row: FailureModelVersion) -> ModelShown:
    """The row as others see it."""
    return ModelShown(
        row.id, row.machine_key, row.tells, row.number, row.state, row.method, row.horizon_h,
        row.least_stop_min, row.start_us, row.end_us, row.hours, row.failures, tuple(row.features),
        row.ranges, row.metrics, row.threshold, row.base_rate, row.beats_naive, row.fingerprint, row.digest,
        row.file_gone_us, row.card, row.why, row.made_us, row.made_by, row.moved_us, row.moved_by,
        row.version,
    )  # fmt: skip
