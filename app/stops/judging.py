"""Judge a stop: give it a reason, correct it, split it, merge it, take the judgement back."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotFound
from analytics.vocabulary import State
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import DAY_US
from app.production.figures import Question, happened
from app.production.plant import Plant, plant
from app.stops.settling import runs_again, settle
from data.models import Reason, StopLabel, to_us
from data.queries.plant import bump

LONGEST_US = 62 * DAY_US
MOST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """The stops of a machine (key) in [start_us, end_us) have this reason (code).

    Without an end: from the start until the machine runs again.
    """

    machine: str
    start_us: int
    end_us: int | None
    reason: str
    note: str = ""


def judge(access: Access, given: Judgement) -> int:
    """Keep a judgement, in place of what others said of the same time; its id.

    Part of a stop: a split. Several stops: a merge. What stood there before is kept as replaced, and its
    part outside the new range goes on to hold. InvalidInput names the field that is wrong; there must be a
    stop in the range.
    """
    access.require(Permission.ENTER_PRODUCTION)
    known = plant(access)
    machine, reason = _checked(access, known, given)
    now = to_us(access.now)
    given = replace(given, end_us=_stop_end(access, given, machine))
    settle(access, [machine])
    with access.write() as session:
        touched = _standing(session, machine, given.start_us, given.end_us)
        before = [_shown(known, one) for one in touched]
        first = min((one.first_us for one in touched), default=now)
        for one in touched:
            _replace(access, session, one, given.start_us, given.end_us, now)
        label = StopLabel(
            machine_id=machine, reason_id=reason.id, start_us=given.start_us, end_us=given.end_us,
            note=given.note.strip(), judged_by=access.principal.email, judged_us=now, first_us=first,
        )  # fmt: skip
        session.add(label)
        session.flush()
        edges = [(one.start_us, one.end_us) for one in (*touched, label)]
        reach = max(now if end is None else end for _, end in edges)
        bump(session, _days(min(start for start, _ in edges), reach))
        access.audit(
            session, "stop.judge", ("machine", given.machine),
            {"judgements": before} if before else None, {"id": label.id, **_shown(known, label)},
        )  # fmt: skip
        return label.id


def take_back(access: Access, label_id: int) -> None:
    """The judgement holds no longer: the stop has the reason again that the machine gave. NotFound."""
    access.require(Permission.ENTER_PRODUCTION)
    known = plant(access)
    now = to_us(access.now)
    with access.write() as session:
        label = session.get(StopLabel, label_id)
        if label is None or label.replaced_us is not None:
            raise NotFound("There is no such judgement in this factory.")
        label.replaced_us, label.replaced_by = now, access.principal.email
        bump(session, _days(label.start_us, label.end_us or now))
        machine = known.machine_by_id[label.machine_id].device_key
        access.audit(session, "stop.take_back", ("machine", machine), before=_shown(known, label))


def history(access: Access, machine: str, start_us: int, end_us: int) -> list[StopLabel]:
    """All judgements that touch the range, those that were replaced too, the newest first."""
    access.require(Permission.SEE_PLANT)
    found = plant(access).machine_by_key.get(machine)
    if found is None:
        raise NotFound("There is no such machine in this factory.")
    with access.read() as session:
        rows = session.scalars(
            select(StopLabel)
            .where(
                StopLabel.machine_id == found.id,
                StopLabel.start_us < end_us,
                or_(StopLabel.end_us.is_(None), StopLabel.end_us > start_us),
            )
            .order_by(StopLabel.judged_us.desc(), StopLabel.id.desc())
        ).all()
        session.expunge_all()
        return list(rows)


def _checked(access: Access, known: Plant, given: Judgement) -> tuple[int, Reason]:
    machine = known.machine_by_key.get(given.machine)
    if machine is None:
        raise InvalidInput.at("machine", f"There is no machine '{given.machine}' in this factory.")
    reason = known.reason_by_code.get(given.reason)
    if reason is None or not reason.is_active:
        raise InvalidInput.at("reason", f"There is no reason '{given.reason}' in use.")
    if len(given.note) > MOST_NOTE:
        raise InvalidInput.at("note", f"A note has at most {MOST_NOTE} characters.")
    now = to_us(access.now)
    end = now if given.end_us is None else given.end_us
    if given.start_us >= end:
        raise InvalidInput.at("end", "The end must lie after the start.")
    if given.end_us is not None and given.end_us > now:
        raise InvalidInput.at("end", "The end lies in the future: leave it open instead.")
    if end - given.start_us > LONGEST_US:
        raise InvalidInput.at("start", "One judgement covers at most 62 days.")
    return machine.id, reason


def _stop_end(access: Access, given: Judgement, machine: int) -> int | None:
    """Where the judgement ends: as given, else where the machine ran again; None while it has not.

    InvalidInput where there is no stop in the range.
    """
    end = to_us(access.now) if given.end_us is None else given.end_us
    _, chosen, found, machines = happened(access, Question(given.start_us, end, machines=(given.machine,)))
    line = found.segments
    if given.end_us is None:
        ran = runs_again(line, machine, given.start_us) if machine in machines else None
        if ran is not None:
            return ran if ran < chosen.until_us else None
    else:
        stopped = np.isin(line.machine, machines) & (line.state != State.RUNNING)
        stopped &= line.state != State.UNKNOWN
        if (stopped & (line.start_us < end) & (line.end_us > given.start_us)).any():
            return end
    raise InvalidInput.at("start", "The machine did not stop in this time.")


def _standing(session: Session, machine: int, start_us: int, end_us: int | None) -> list[StopLabel]:
    """The judgements that hold now over any of the range."""
    statement = select(StopLabel).where(
        StopLabel.machine_id == machine,
        StopLabel.replaced_us.is_(None),
        or_(StopLabel.end_us.is_(None), StopLabel.end_us > start_us),
    )
    if end_us is not None:
        statement = statement.where(StopLabel.start_us < end_us)
    return list(session.scalars(statement.order_by(StopLabel.start_us)))


def _replace(
    access: Access, session: Session, label: StopLabel, start_us: int, end_us: int | None, now: int
) -> None:
    """Let a judgement stand only outside [start_us, end_us); the row itself stays as it was."""
    rest: list[tuple[int, int | None]] = []
    if label.start_us < start_us:
        rest.append((label.start_us, start_us))
    if end_us is not None and (label.end_us is None or label.end_us > end_us):
        rest.append((end_us, label.end_us))
    label.replaced_us, label.replaced_by = now, access.principal.email
    session.add_all(
        StopLabel(
            machine_id=label.machine_id, reason_id=label.reason_id, start_us=begin, end_us=finish,
            note=label.note, judged_by=label.judged_by, judged_us=label.judged_us, first_us=label.first_us,
        )
        for begin, finish in rest
    )  # fmt: skip


def _days(start_us: int, end_us: int) -> set[int]:
    return set(range(start_us // DAY_US, max(end_us - 1, start_us) // DAY_US + 1))


def _shown(known: Plant, label: StopLabel) -> dict[str, Any]:
    reason = known.reason_by_id.get(label.reason_id)
    return {
        "start_us": label.start_us,
        "end_us": label.end_us,
        "reason": reason.code if reason else label.reason_id,
        "note": label.note,
        "judged_by": label.judged_by,
    }
