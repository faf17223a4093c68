"""Samples beyond the lateness that rules allow: stored like all others, counted by reason, and listed.

A sample is late when it lies further behind the newest one of its machine than the shortest wait of the
factory's running rules (60 s without any). What came before in the same message or batch does not make it
late: rules see them together. The same value again is no late sample but a repeat.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, StoreUnavailable, TooManyPoints
from analytics.vocabulary import ANOMALY_SCORE, MICROSECONDS
from app.auth.permissions import Permission
from app.auth.principal import FactoryProfile
from app.bootstrap import Access, Gemba
from data.models import AlertRule, LateSample, RuleVersion, to_us
from data.telemetry.batch import Batch

DAY_US: Final = 86_400 * MICROSECONDS
LATENESS_US: Final = 60 * MICROSECONDS
ASK_AGAIN_S: Final = 30.0
MOST_READ: Final = 200_000


class Reason(StrEnum):
    """Why a sample is behind."""

    OUT_OF_ORDER = "out_of_order"
    PARAMETER_BEHIND = "parameter_behind"


REASON_LABELS: Final = {
    Reason.OUT_OF_ORDER: "newer values of the parameter were there",
    Reason.PARAMETER_BEHIND: "the parameter is behind the machine's others",
}
Place = tuple[str, str]
I64 = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(slots=True)
class Tally:
    """Late samples of one parameter and reason: how many, from when to when, and the farthest behind."""

    count: int = 0
    first_us: int = 2**62
    last_us: int = 0
    most_late_us: int = 0

    def add(self, count: int, first_us: int, last_us: int, most_late_us: int) -> None:
        """Some more of them."""
        self.count += count
        self.first_us, self.last_us = min(self.first_us, first_us), max(self.last_us, last_us)
        self.most_late_us = max(self.most_late_us, most_late_us)


Tallies = dict[tuple[str, str, Reason], Tally]


@dataclass(slots=True)
class _Known:
    """What this process knows of a factory: the newest sample of each machine."""

    machines: dict[str, int] = field(default_factory=dict)
    lateness_us: int = LATENESS_US
    asked_at: float = float("-inf")
    waiting: Tallies = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Late:
    """Late samples of one parameter over the days that were asked for."""

    machine: str
    parameter: str
    reason: str
    count: int
    first_us: int
    last_us: int
    most_late_us: int
    last_at: datetime


_known: dict[tuple[int, str], _Known] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """What a batch brings: the newest sample of each machine in it, and what is late."""

    newest: Mapping[str, int]
    late: Tallies


def look_at(gemba: Gemba, factory: FactoryProfile, batch: Batch) -> Look:
    """Which points of a batch are late? Ask before it is stored. Raises StoreUnavailable."""
    known = _known.setdefault((gemba.database.number, factory.slug), _Known())
    places: dict[str, int] = {}
    of_key = np.array([places.setdefault(machine, len(places)) for machine, _ in batch.keys], np.int64)
    of_row = of_key[batch.codes]
    with known.lock:
        _learn(gemba, factory, known, places.keys())
        before = np.array([known.machines[machine] for machine in places], np.int64)
        lateness = known.lateness_us
    latest = np.zeros(len(places), np.int64)
    is_score = np.array([parameter == ANOMALY_SCORE for _, parameter in batch.keys])[batch.codes]
    np.maximum.at(latest, of_row, np.where(is_score, 0, batch.times_us))
    newest = dict(zip(places, latest.tolist(), strict=True))
    behind = before[of_row] - batch.times_us
    rows = np.flatnonzero((behind > lateness) & ~is_score)
    return Look(newest, _tallied(gemba, factory, batch, rows, behind) if len(rows) else {})


def note_stored(gemba: Gemba, factory: FactoryProfile, look: Look) -> None:
    """Remember what is newest now, and count what was late; while the store is away, the counts wait here."""
    known = _known.setdefault((gemba.database.number, factory.slug), _Known())
    now_us = to_us(gemba.clock())
    with known.lock:
        for machine, moment in look.newest.items():
            known.machines[machine] = max(known.machines.get(machine, 0), min(moment, now_us))
        for name, one in look.late.items():
            known.waiting.setdefault(name, Tally()).add(
                one.count, one.first_us, one.last_us, one.most_late_us
            )
        if not known.waiting:
            return
        try:
            _write(gemba, factory, known.waiting)
        except StoreUnavailable:
            return
        except Conflict:
            # Another process counted the same for the first time at the same moment: the row is there now.
            _write(gemba, factory, known.waiting)
        known.waiting = {}


def late_samples(access: Access, days: int = 7) -> list[Late]:
    """The late samples of the last days (at most 30) by machine, parameter and reason, the most first."""
    access.require(Permission.SEE_PLANT)
    first = to_us(access.now) // DAY_US - days + 1
    with access.read() as session:
        rows = session.scalars(select(LateSample).where(LateSample.day >= first)).all()
    groups: dict[tuple[str, str, str], list[LateSample]] = {}
    for row in rows:
        groups.setdefault((row.machine_key, row.parameter, row.reason), []).append(row)
    found = [
        Late(
            *place, sum(row.count for row in some), min(row.first_us for row in some),
            max(row.last_us for row in some), max(row.most_late_us for row in some),
            max(row.last_at for row in some),
        )
        for place, some in groups.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.count, one.machine, one.parameter))


def forget_old_late(gemba: Gemba, factory: FactoryProfile, days: int = 30) -> None:
    """Forget what came more than 30 days ago."""
    first = to_us(gemba.clock()) // DAY_US - days + 1
    with gemba.database.write(factory.id) as session:
        session.execute(
            delete(LateSample).where(LateSample.day < first), execution_options={"synchronize_session": False}
        )


def _learn(gemba: Gemba, factory: FactoryProfile, known: _Known, machines: Iterable[str]) -> None:
    """Ask for what is newest of machines that are new to this process, and how long rules wait."""
    unknown = [machine for machine in machines if machine not in known.machines]
    if unknown:
        known.machines.update(dict.fromkeys(unknown, 0))
        for (machine, _), moment in _newest(gemba, factory, unknown).items():
            known.machines[machine] = max(known.machines[machine], moment)
    if time.monotonic() - known.asked_at > ASK_AGAIN_S:
        with gemba.database.read(factory.id) as session:
            known.lateness_us = _shortest_wait(session)
        known.asked_at = time.monotonic()


def _newest(gemba: Gemba, factory: FactoryProfile, machines: Sequence[str]) -> dict[Place, int]:
    """The newest sample of each parameter that is stored, without the scores that Gemba makes itself."""
    found = gemba.telemetry.latest(factory.slug, machines)
    columns = (found["machine"].tolist(), found["parameter"].tolist(), found["time_us"].tolist())
    return {
        (machine, parameter): moment
        for machine, parameter, moment in zip(*columns, strict=True)
        if parameter != ANOMALY_SCORE
    }


def _shortest_wait(session: Session) -> int:
    bodies = session.scalars(
        select(RuleVersion.body)
        .join(AlertRule, (RuleVersion.rule_id == AlertRule.id) & (RuleVersion.number == AlertRule.published))
        .where(AlertRule.is_active, AlertRule.deleted_at.is_(None))
    ).all()
    waits = [float(60 if body.get("lateness_s") is None else body["lateness_s"]) for body in bodies]
    return round(min(waits) * MICROSECONDS) if waits else LATENESS_US


def _tallied(gemba: Gemba, factory: FactoryProfile, batch: Batch, rows: I64, behind: I64) -> Tallies:
    there = _stored(gemba, factory, batch, rows)
    newest = _newest(gemba, factory, sorted({batch.keys[batch.codes[row]][0] for row in rows.tolist()}))
    found: Tallies = {}
    for row in rows.tolist():
        code, moment = int(batch.codes[row]), int(batch.times_us[row])
        machine, parameter = batch.keys[code]
        text = batch.values.text[row] if batch.values.text is not None else None
        value = float(batch.values.number[row]) if text is None else text
        if there.get((machine, parameter, moment)) == value:
            continue
        is_old = moment < newest.get((machine, parameter), 0)
        reason = Reason.OUT_OF_ORDER if is_old else Reason.PARAMETER_BEHIND
        tally = found.setdefault((machine, parameter, reason), Tally())
        tally.add(1, moment, moment, int(behind[row]))
    return found


def _stored(
    gemba: Gemba, factory: FactoryProfile, batch: Batch, rows: I64
) -> Mapping[tuple[str, str, int], object]:
    """What is stored already at the places of these points; nothing where that would be too much to read."""
    times, places = batch.times_us[rows], {batch.keys[code] for code in set(batch.codes[rows].tolist())}
    begin, end = int(times.min()), int(times.max()) + 1
    machines, names = sorted({one for one, _ in places}), sorted({name for _, name in places})
    try:
        frame = gemba.telemetry.read(factory.slug, begin, end, machines, names, limit=MOST_READ)
    except TooManyPoints:
        return {}
    wanted = set(times.tolist())
    columns = [frame[name].tolist() for name in ("machine", "parameter", "time_us", "value")]
    return {
        (machine, name, moment): value if isinstance(value, str) else float(value)
        for machine, name, moment, value in zip(*columns, strict=True)
        if moment in wanted
    }


def _write(gemba: Gemba, factory: FactoryProfile, tallies: Tallies) -> None:
    now = gemba.clock()
    day = to_us(now) // DAY_US
    with gemba.database.write(factory.id) as session:
        for (machine, parameter, reason), one in tallies.items():
            row = session.scalar(
                select(LateSample).where(
                    LateSample.day == day, LateSample.machine_key == machine,
                    LateSample.parameter == parameter, LateSample.reason == reason.value,
                )
            )  # fmt: skip
            if row is None:
                row = LateSample(
                    day=day, machine_key=machine, parameter=parameter, reason=reason.value,
                    first_us=one.first_us, last_us=one.last_us, most_late_us=0, last_at=now,
                )  # fmt: skip
                session.add(row)
            row.count += one.count
            row.first_us, row.last_us = min(row.first_us, one.first_us), max(row.last_us, one.last_us)
            row.most_late_us, row.last_at = max(row.most_late_us, one.most_late_us), now
