"""The downtime of batches by reason, as a matrix: one row per batch, one column per reason."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.imports.parsing.columns import Floats
from app.imports.parsing.durations import SECONDS, UNITS
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.lookup import MISSING
from app.imports.rows.typed import Reading
from data.models import PerformanceRecord, RecordStop
from data.queries.loading import IDS_AT_ONCE, days_touched
from data.queries.plant import bump

Stops = dict[int, float]
Stored = dict[int, Stops]
Batches = dict[str, list[PerformanceRecord]]


class DowntimeIntake:
    """Gives batch records their downtime: the sum of the reasons; the rest of planned is operating."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._told: dict[int, Stops] = {}

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        reading = Reading(self._job, chunk, faults)
        batches = reading.needed("batch").to_pylist()
        machines = reading.ids("machine", self._job.look.machines, "it has no records.").tolist()
        matrix = self._matrix(reading)
        records = _records(session, {batches[at] for at in np.flatnonzero(faults.good).tolist()})
        stored = _stops(session, [record.id for found in records.values() for record in found])
        counts = Counter[str]()
        days: set[int] = set()
        shown_rows: list[dict[str, Any]] = []
        for place in np.flatnonzero(faults.good).tolist():
            stops = {
                reason: value for reason, column in matrix.items() if (value := float(column[place])) > 0
            }
            record = self._record(batches[place], machines[place], records, place, faults)
            outcome = self._judge(record, stops, stored, place, faults)
            if not outcome:
                continue
            counts[outcome] += 1
            shown_rows.append({"Batch": batches[place], **self._labels(stops)})
            if record is not None and outcome != "unchanged":
                days |= days_touched(np.array([record.start_us]), np.array([record.end_us]))
                self._write(session, record, stops, stored)
        if self._job.load and days:
            session.flush()
            bump(session, days)
        return Taken(
            counts["new"], counts["unchanged"], counts["changed"], pd.DataFrame(shown_rows[:PREVIEW_ROWS])
        )

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _matrix(self, reading: Reading) -> dict[int, Floats]:
        """Seconds per reason; a column whose code is no reason faults the rows that use it."""
        found: dict[int, Floats] = {}
        for one in reading.mapping.wide:
            factor = SECONDS[UNITS.get(one.unit.lower(), "min")]
            values = np.nan_to_num(reading.numbers_of(one.column, least=0.0)) * factor
            reason = self._job.look.reasons.find(one.key)
            if reason == MISSING:
                text = f"There is no reason with the code {shown(one.key)}: import the reasons first."
                reading.faults.at(values > 0, one.column, text)
            else:
                found[reason] = found.get(reason, np.zeros(len(values))) + values
        return found

    def _record(
        self,
        batch: str,
        machine: int,
        records: dict[str, list[PerformanceRecord]],
        place: int,
        faults: Faults,
    ) -> PerformanceRecord | None:
        found = [one for one in records.get(batch, []) if not machine or one.machine_id == machine]
        if len(found) == 1:
            return found[0]
        if found:
            faults.one(
                place, "batch", f"{len(found)} records have the batch {shown(batch)}: name the machine."
            )
        elif self._job.load or batch not in self._job.look.planned_batches:
            faults.one(place, "batch", f"The batch {shown(batch)} is in no record: import its record first.")
        return None

    def _judge(
        self,
        record: PerformanceRecord | None,
        stops: Stops,
        stored: dict[int, Stops],
        place: int,
        faults: Faults,
    ) -> str:
        if faults.bad[place]:
            return ""
        if record is None:
            return "new"
        down = sum(stops.values())
        if down > record.planned_s + 0.5:
            faults.one(
                place,
                "downtime",
                f"The downtime ({down / 60:g} min) exceeds the planned time ({record.planned_s / 60:g} min).",
            )
            return ""
        told = self._told.setdefault(record.id, stops)
        if told is not stops and told != stops:
            faults.one(place, "batch", "An earlier row of this file gives this batch another downtime.")
            return ""
        before = stored.get(record.id, {})
        if before == stops and abs(record.downtime_s - down) < 1e-6:
            return "unchanged"
        return "changed" if before else "new"

    def _write(
        self, session: Session, record: PerformanceRecord, stops: Stops, stored: dict[int, Stops]
    ) -> None:
        if not self._job.load:
            return
        if stored.get(record.id):
            session.execute(delete(RecordStop).where(RecordStop.record_id == record.id))
        for reason, duration_s in stops.items():
            session.add(RecordStop(record_id=record.id, reason_id=reason, duration_s=duration_s))
        stored[record.id] = stops
        record.downtime_s = sum(stops.values())
        record.operating_s = max(record.planned_s - record.downtime_s, 0.0)
        record.version += 1
        record.updated_at = self._job.access.now

    def _labels(self, stops: Stops) -> dict[str, float]:
        return {
            f"{self._job.look.reasons.label(reason)} (min)": value / 60 for reason, value in stops.items()
        }


def _records(session: Session, batches: set[str]) -> dict[str, list[PerformanceRecord]]:
    found: dict[str, list[PerformanceRecord]] = defaultdict(list)
    listed = sorted(batches)
    for first in range(0, len(listed), IDS_AT_ONCE):
        part = listed[first : first + IDS_AT_ONCE]
        for row in session.scalars(select(PerformanceRecord).where(PerformanceRecord.batch.in_(part))):
            found[row.batch].append(row)
    return found


def _stops(session: Session, ids: list[int]) -> dict[int, Stops]:
    found: dict[int, Stops] = defaultdict(dict)
    for first in range(0, len(ids), IDS_AT_ONCE):
        part = ids[first : first + IDS_AT_ONCE]
        for row in session.scalars(select(RecordStop).where(RecordStop.record_id.in_(part))):
            found[row.record_id][row.reason_id] = row.duration_s
    return found
