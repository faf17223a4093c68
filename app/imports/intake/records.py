"""Performance records of shifts or batches: checked as hand-entered ones are, written once."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.vocabulary import MICROSECONDS
from app.imports.intake.occupied import Occupied
from app.imports.intake.when import intervals
from app.imports.parsing.columns import Floats
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, SOURCE, Job, Taken
from app.imports.rows.typed import Reading
from app.imports.rows.wall import local
from app.production.records.entry import RecordDraft, problems
from data.models import PerformanceRecord, from_us
from data.queries.loading import days_touched
from data.queries.plant import bump
from data.queries.production import LONGEST_COUNT_US

Key = tuple[int, int]
TEXTS = {"batch": 100, "operator": 200, "note": 2_000}
OVERLAP = "A record for this machine covers part of this time already; change or take back that one first."


@dataclass(frozen=True, slots=True)
class _Columns:
    """One chunk's fields as lists, and which of them the file gives."""

    values: dict[str, list[Any]]
    given: frozenset[str]

    def at(self, place: int) -> dict[str, Any]:
        return {name: column[place] for name, column in self.values.items()}


class RecordIntake:
    """Takes performance records; their key is machine and start."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._told: dict[Key, dict[str, Any]] = {}
        self._taken = Occupied()

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        columns = self._columns(Reading(self._job, chunk, faults), session)
        stored = self._stored(session, columns, faults)
        counts = Counter[str]()
        days: set[int] = set()
        shown: list[dict[str, Any]] = []
        for place in np.flatnonzero(faults.good).tolist():
            values = columns.at(place)
            key = (values["machine_id"], values["start_us"])
            row = stored.get(key)
            outcome = self._judge(values, columns.given, row, place, faults)
            if not outcome:
                continue
            counts[outcome] += 1
            shown.append(values)
            if outcome != "unchanged":
                days |= _days(values, row)
                self._write(session, values, row)
        if self._job.load and days:
            session.flush()
            bump(session, days)
        return Taken(
            counts["new"], counts["unchanged"], counts["changed"], self._preview(shown[:PREVIEW_ROWS])
        )

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _columns(self, reading: Reading, session: Session) -> _Columns:
        look, mapping = self._job.look, reading.mapping
        machine = reading.machines(session)
        start, end, shift = intervals(reading)
        product = reading.ids("product", look.products, "import the products first, or leave the column out.")
        output, good = _units(reading)
        values: dict[str, list[Any]] = {
            "machine_id": machine.tolist(),
            "product_id": [one or None for one in product.tolist()],
            "shift_id": [one or None for one in shift.tolist()],
            "start_us": start.tolist(),
            "end_us": end.tolist(),
            "output": output.tolist(),
            "good": good.tolist(),
            **_times(reading, start, end),
        }
        for name, most in TEXTS.items():
            values[name] = [text[:most] for text in reading.text(name).to_pylist()]
        given = {name for name in TEXTS if mapping.gives(name)}
        given |= {f"{name}_s" for name in ("operating", "downtime") if mapping.gives(name)}
        given |= {f"{name}_id" for name in ("product", "shift") if mapping.gives(name)}
        return _Columns(
            values, frozenset(given | {"machine_id", "start_us", "end_us", "planned_s", "output", "good"})
        )

    def _stored(self, session: Session, columns: _Columns, faults: Faults) -> dict[Key, PerformanceRecord]:
        good = np.flatnonzero(faults.good).tolist()
        if not good:
            return {}
        machines = {columns.values["machine_id"][at] for at in good}
        low = min(columns.values["start_us"][at] for at in good)
        high = max(columns.values["end_us"][at] for at in good)
        record = PerformanceRecord
        found = session.scalars(
            select(record).where(
                record.machine_id.in_(machines),
                record.start_us < high,
                record.start_us > low - LONGEST_COUNT_US,
            )
        ).all()
        for row in found:
            self._taken.put(row.machine_id, row.start_us, row.end_us)
        return {(row.machine_id, row.start_us): row for row in found}

    def _judge(
        self,
        values: dict[str, Any],
        given: frozenset[str],
        row: PerformanceRecord | None,
        place: int,
        faults: Faults,
    ) -> str:
        """new, unchanged or changed, "" for a refused row; fills in what the file leaves to the store."""
        if row is not None:
            _keep_stored(values, given, row)
        wrong = problems(_draft(values))
        if wrong:
            faults.one(place, wrong[0].field.removesuffix("_s"), wrong[0].message)
            return ""
        key = (values["machine_id"], values["start_us"])
        told = self._told.get(key)
        if told is not None:
            if told == values:
                return "unchanged"
            faults.one(
                place,
                "row",
                "An earlier row of this file gives another record for the same machine and start.",
            )
            return ""
        if self._taken.overlaps(key[0], key[1], values["end_us"]):
            faults.one(place, "start", OVERLAP)
            return ""
        self._told[key] = dict(values)
        self._taken.put(key[0], key[1], values["end_us"])
        self._job.look.planned_batches.add(values["batch"])
        if row is None:
            return "new"
        return "changed" if any(getattr(row, name) != values[name] for name in values) else "unchanged"

    def _write(self, session: Session, values: dict[str, Any], row: PerformanceRecord | None) -> None:
        if not self._job.load:
            return
        now = self._job.access.now
        if row is None:
            session.add(PerformanceRecord(**values, source=SOURCE, created_at=now, updated_at=now))
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = now

    def _preview(self, rows: list[dict[str, Any]]) -> pd.DataFrame:
        look, zone = self._job.look, self._job.access.factory.zone

        def column(name: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
            return np.array([row[name] or 0 for row in rows], np.int64)

        return pd.DataFrame(
            {
                "Machine": look.machines.labels(column("machine_id")),
                "Start": local(column("start_us"), zone),
                "End": local(column("end_us"), zone),
                "Planned (min)": [row["planned_s"] / 60 for row in rows],
                "Operating (min)": [row["operating_s"] / 60 for row in rows],
                "Downtime (min)": [row["downtime_s"] / 60 for row in rows],
                "Output": [row["output"] for row in rows],
                "Good": [row["good"] for row in rows],
                "Product": look.products.labels(column("product_id")),
                "Batch": [row["batch"] for row in rows],
                "Operator": [row["operator"] for row in rows],
            }
        )


def _times(reading: Reading, start: Any, end: Any) -> dict[str, list[float]]:
    """Planned, operating, down time in seconds: planned is the elapsed time, downtime 0 if not given."""
    elapsed = (end - start) / MICROSECONDS
    planned, operating, downtime = (reading.seconds(name) for name in ("planned", "operating", "downtime"))
    planned = np.where(np.isnan(planned), elapsed, planned)
    downtime = np.nan_to_num(downtime)
    operating = np.where(np.isnan(operating), np.maximum(planned - downtime, 0.0), operating)
    return {"planned_s": planned.tolist(), "operating_s": operating.tolist(), "downtime_s": downtime.tolist()}


def _units(reading: Reading) -> tuple[Floats, Floats]:
    """Output and good units; where a file has only one of them, nothing was scrapped."""
    gives = reading.mapping.gives
    names = [name for name in ("output", "good") if gives(name)]
    columns = {name: reading.number(name, needed=True) for name in names}
    empty = np.zeros(len(reading))
    output = columns.get("output", columns.get("good", empty))
    return output, columns.get("good", output)


def _keep_stored(values: dict[str, Any], given: frozenset[str], row: PerformanceRecord) -> None:
    for name in values:
        if name not in given:
            values[name] = getattr(row, name)
    if "operating_s" not in given:
        values["operating_s"] = max(values["planned_s"] - values["downtime_s"], 0.0)


def _draft(values: dict[str, Any]) -> RecordDraft:
    rest = {name: value for name, value in values.items() if name not in {"start_us", "end_us"}}
    return RecordDraft(**rest, start=from_us(values["start_us"]), end=from_us(values["end_us"]))


def _days(values: dict[str, Any], row: PerformanceRecord | None) -> set[int]:
    ends = [values["end_us"], *([row.end_us] if row else [])]
    return days_touched(np.array([values["start_us"]] * len(ends)), np.array(ends))
