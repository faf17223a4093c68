"""The demo plant's present: what its machines did since the last step, sent through the intake."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.twin.plant import MachineModel, PlantModel, counts, shift_records, states, telemetry
from analytics.vocabulary import MICROSECONDS, State
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.ingest.intake import Receipt, ingest_production, ingest_telemetry
from app.production.camera.intake import ingest_activities
from app.simulate.configuration import read_ids
from app.simulate.history import DAY_US, MINUTE_US, add_records, load_telemetry
from app.simulate.people import WATCHED_DAYS, activity_messages
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, PerformanceRecord, StateEvent, to_us
from data.queries.plant import bump

SAMPLE_US: Final = 5 * MICROSECONDS
LONG_REST_US: Final = 15 * MINUTE_US
"""After a rest longer than this, telemetry is filled in at full minutes."""
MOST_REST_US: Final = 90 * DAY_US
"""How far back a catch-up goes; what lies before it stays without data."""
CHUNK_US: Final = 7 * DAY_US
WATCHED_US: Final = WATCHED_DAYS * DAY_US
RECORD_AFTER_US: Final = 20 * MINUTE_US
"""How long after a shift somebody writes its record."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which moment production and telemetry are stored."""

    production_us: int
    telemetry_us: int


class LivePlant:
    """Produces the plant's data up to now, again and again. One per process; not for several threads."""

    def __init__(self, gemba: Gemba, factory: FactoryProfile, model: PlantModel) -> None:
        self._gemba, self._factory, self._model = gemba, factory, model
        self._reached: Reached | None = None

    def step(self) -> int:
        """Send everything since the last step; returns how many rows and values were new."""
        now_us = to_us(self._gemba.clock())
        reached = self._reached or self._resume(now_us)
        if now_us - reached.telemetry_us > LONG_REST_US:
            loaded = self._load(reached.telemetry_us, now_us)
            loaded += self._measure(now_us // MINUTE_US * MINUTE_US + 1, now_us)
        else:
            loaded = self._measure(reached.telemetry_us, now_us)
        produced = self._produce(reached.production_us, now_us)
        self._reached = Reached(now_us, now_us)
        return loaded + produced

    def _resume(self, now_us: int) -> Reached:
        """From the store: nothing is lost when a process dies between two steps."""
        oldest_us = now_us - MOST_REST_US
        with self._gemba.database.read(self._factory.id) as session:
            active = set(session.scalars(select(Machine.device_key).where(Machine.is_active)))
            machines = [one for one in self._model.machines if one.signals and one.key in active]
            newest = _newest_states(session)
        produced = [newest.get(one.key, oldest_us) for one in machines]
        known = self._gemba.telemetry.parameters(self._factory.slug)
        last = {
            (str(machine), str(parameter)): int(last_us)
            for machine, parameter, last_us in zip(
                known["machine"], known["parameter"], known["last_us"], strict=True
            )
        }
        measured = [last.get((one.key, s.key), oldest_us) + 1 for one in machines for s in one.signals]
        if newest and max(newest.values()) < oldest_us:
            self._fall_silent(max(newest.values()) + MICROSECONDS)
        return Reached(
            max(min(produced, default=now_us), oldest_us), max(min(measured, default=now_us), oldest_us)
        )

    def _fall_silent(self, moment_us: int) -> None:
        """Say that nothing is known of the part of a long rest that is not filled in."""
        unknown = [StateMessage(one.key, moment_us, State.UNKNOWN) for one in _automatic(self._model)]
        ingest_production(self._gemba, self._factory, unknown)

    def _load(self, start_us: int, now_us: int) -> int:
        parts = load_telemetry(self._gemba.telemetry, self._factory.slug, self._model, start_us, now_us)
        return sum(1 for _ in parts)

    def _measure(self, start_us: int, now_us: int) -> int:
        first_us = -(-start_us // SAMPLE_US) * SAMPLE_US
        times = np.arange(first_us, now_us, SAMPLE_US, dtype=np.int64)
        if not len(times):
            return 0
        values = [
            TelemetryMessage(machine.key, signal.key, time_us, value)
            for machine in self._model.machines
            for signal, row in zip(machine.signals, telemetry(self._model, machine, times), strict=True)
            for time_us, value in zip(times.tolist(), row.tolist(), strict=True)
        ]
        return ingest_telemetry(self._gemba, self._factory, values).stored

    def _produce(self, start_us: int, now_us: int) -> int:
        stored = 0
        for begin in range(start_us, now_us, CHUNK_US):
            end = min(begin + CHUNK_US, now_us)
            sent = list(state_messages(self._model, begin, end))
            counted = list(count_messages(self._model, begin, end))
            stored += self._send(sent, counted)
            seen = list(activity_messages(self._model, max(begin, now_us - WATCHED_US), end))
            stored += ingest_activities(self._gemba, self._factory, seen).stored
        return stored + self._record(start_us - RECORD_AFTER_US, now_us - RECORD_AFTER_US)

    def _send(self, sent: list[StateMessage], counted: list[CountMessage]) -> int:
        """Send both; what names a reason or product that people took out goes again without it."""
        told, made = ingest_production(self._gemba, self._factory, sent, counted)
        stored = _new(told) + _new(made)
        if told.refused or made.refused:
            again = ingest_production(
                self._gemba,
                self._factory,
                [replace(sent[one.position], reason=None) for one in told.refused],
                [replace(counted[one.position], product=None) for one in made.refused],
            )
            stored += sum(map(_new, again))
        return stored

    def _record(self, start_us: int, end_us: int) -> int:
        """Write the shift records that are due, unless somebody wrote one for the time."""
        written = 0
        for machine in self._model.machines:
            due = shift_records(self._model, machine, start_us, end_us) if machine.is_manual else ()
            if not due:
                continue
            with self._gemba.database.write(self._factory.id) as session:
                ids = read_ids(session, self._model)
                if machine.key in ids.machines:
                    free = [
                        one
                        for one in due
                        if not _recorded(session, ids.machines[machine.key], one.start_us, one.end_us)
                    ]
                    add_records(session, ids, machine, free, self._gemba.clock())
                    bump(session, {us // DAY_US for one in free for us in (one.start_us, one.end_us - 1)})
                    written += len(free)
        return written


def state_messages(model: PlantModel, start_us: int, end_us: int) -> Iterator[StateMessage]:
    """The states that the machines entered in [start_us, end_us)."""
    for machine in _automatic(model):
        found = states(model, machine, start_us, end_us)
        columns = (found.start_us.tolist(), found.state.tolist(), found.reason.tolist())
        for begin, state, reason in zip(*columns, strict=True):
            code = model.reasons[reason].code if reason >= 0 else None
            yield StateMessage(machine.key, begin, state, code)


def count_messages(model: PlantModel, start_us: int, end_us: int) -> Iterator[CountMessage]:
    """The counts that were complete in [start_us, end_us)."""
    for machine in _automatic(model):
        found = counts(model, machine, start_us, end_us)
        products = [machine.cycles[place][0] for place in found.product.tolist()]
        names = ("start_us", "end_us", "good", "scrap", "rework", "startup_scrap")
        columns = [getattr(found, name).tolist() for name in names]
        for row in zip(*columns, products, strict=True):
            yield CountMessage(machine.key, *row)


def _automatic(model: PlantModel) -> Iterator[MachineModel]:
    return (machine for machine in model.machines if not machine.is_manual)


def _new(receipt: Receipt) -> int:
    return receipt.stored + receipt.changed


def _newest_states(session: Session) -> dict[str, int]:
    """The newest state event of each machine."""
    rows = session.execute(
        select(Machine.device_key, func.max(StateEvent.start_us))
        .join(StateEvent, StateEvent.machine_id == Machine.id)
        .group_by(Machine.device_key)
    )
    return {row[0]: row[1] for row in rows}


def _recorded(session: Session, machine_id: int, start_us: int, end_us: int) -> bool:
    row = PerformanceRecord
    overlapping = select(row.id).where(
        row.machine_id == machine_id, row.start_us < end_us, row.end_us > start_us
    )
    return session.scalar(overlapping.limit(1)) is not None
