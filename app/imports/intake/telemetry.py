"""Telemetry: one column per parameter, or machine, parameter, time and value in each row."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import TooManyPoints
from app.imports.parsing.columns import Floats, Ints, words
from app.imports.reading.table import Chunk
from app.imports.rows.creation import list_parameters
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import IS_EMPTY, Reading
from app.imports.rows.wall import local
from data.telemetry.batch import LONGEST_KEY

LOAD_POINTS: Final = 500_000
"""Points that are loaded at once."""
KEYS: Final = ["machine", "parameter", "time_us"]


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """n points in the order of the file; parameters are numbers into a list of keys."""

    machine: Ints
    parameter: npt.NDArray[np.int32]
    time_us: Ints
    value: Floats


class TelemetryIntake:
    """Takes points; their key is machine, parameter and time, and the last one of a key counts."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._parameters: dict[str, int] = {}
        self._waiting: list[_Points] = []
        self._expired = 0

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`. Nothing is counted here: `settle` does, when the points go to the store."""
        reading = Reading(self._job, chunk, faults)
        machine, time_us = reading.machines(session), reading.instant("time")
        points = (self._wide if self._job.mapping.wide else self._long)(reading, machine, time_us)
        self._list(session, points)
        self._waiting.append(points)
        return Taken(preview=self._preview(points))

    def settle(self, *, last: bool) -> Taken:
        """Send what waits to the store, or without loading compare it with what is there."""
        size = sum(len(points.value) for points in self._waiting)
        if not size or (size < LOAD_POINTS and not last):
            return Taken()
        rows = self._frame()
        self._waiting = []
        return self._loaded(rows) if self._job.load else self._compared(rows)

    def _code(self, key: str) -> int:
        return self._parameters.setdefault(key, len(self._parameters))

    def _long(self, reading: Reading, machine: Ints, time_us: Ints) -> _Points:
        value = reading.number("value", needed=True, least=None)
        codes, texts = words(reading.needed("parameter"))
        odd = np.array([len(text) > LONGEST_KEY or not text.isprintable() for text in texts], np.bool_)
        reading.faults.at(odd[codes], "parameter", f"A parameter's key has at most {LONGEST_KEY} characters.")
        good = reading.faults.good
        own = np.array([self._code(text) if text else 0 for text in texts], np.int32)[codes]
        return _Points(machine[good], own[good], time_us[good], value[good])

    def _wide(self, reading: Reading, machine: Ints, time_us: Ints) -> _Points:
        values = [reading.numbers_of(one.column) for one in reading.mapping.wide]
        filled = ~np.logical_and.reduce([np.isnan(column) for column in values])
        reading.faults.at(~filled, "value", IS_EMPTY)
        good = reading.faults.good
        parts = []
        for one, column in zip(reading.mapping.wide, values, strict=True):
            here = good & ~np.isnan(column)
            code = np.full(int(here.sum()), self._code(one.key), np.int32)
            parts.append(_Points(machine[here], code, time_us[here], column[here]))
        return _joined(parts)

    def _list(self, session: Session, points: _Points) -> None:
        units = {one.key: one.unit for one in self._job.mapping.wide}
        given = self._job.mapping.columns.get("value")
        keys = list(self._parameters)
        pairs = np.unique(np.stack([points.machine, points.parameter.astype(np.int64)], axis=1), axis=0)
        found = [
            (machine, keys[code], units.get(keys[code], given.unit if given else ""))
            for machine, code in pairs.tolist()
        ]
        list_parameters(self._job, session, found)

    def _frame(self) -> pd.DataFrame:
        points = _joined(self._waiting)
        machines, codes = np.unique(points.machine, return_inverse=True)
        labels = self._job.look.machines.labels(machines)
        return pd.DataFrame(
            {
                "machine": pd.Categorical.from_codes(codes.astype(np.int32), pd.Index(labels)),
                "parameter": pd.Categorical.from_codes(points.parameter, pd.Index(list(self._parameters))),
                "time_us": points.time_us,
                "value": points.value,
            }
        )

    def _loaded(self, rows: pd.DataFrame) -> Taken:
        report = self._job.access.gemba.telemetry.bulk_load(self._job.access.factory.slug, rows)
        notes: tuple[str, ...] = ()
        if report.expired:
            notes = (f"{report.expired:,} points are older than what is kept, and were left out.",)
        repeated = len(rows) - report.loaded - report.unchanged - report.expired
        return Taken(new=report.loaded, unchanged=report.unchanged + repeated, notes=notes)

    def _compared(self, rows: pd.DataFrame) -> Taken:
        latest = rows.drop_duplicates(KEYS, keep="last")
        repeated = len(rows) - len(latest)
        stored = self._stored(latest)
        if stored is None:
            text = "So much is stored for this time already that the preview does not compare it."
            return Taken(new=len(latest), unchanged=repeated, notes=(text,))
        for name in ("machine", "parameter"):
            latest = latest.assign(**{name: latest[name].astype(object)})
        joined = latest.merge(stored, on=KEYS, how="left", suffixes=("", "_stored"))
        known = joined["value_stored"].notna().to_numpy()
        same = joined["value"].to_numpy() == pd.to_numeric(joined["value_stored"], errors="coerce").to_numpy()
        return Taken(
            new=int((~known).sum()),
            unchanged=int((known & same).sum()) + repeated,
            changed=int((known & ~same).sum()),
        )

    def _stored(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        store, slug = self._job.access.gemba.telemetry, self._job.access.factory.slug
        if slug not in store.factories():
            return pd.DataFrame({name: pd.Series(dtype=object) for name in KEYS} | {"value": []}).astype(
                {"time_us": np.int64}
            )
        try:
            found = store.read(
                slug,
                int(rows["time_us"].min()),
                int(rows["time_us"].max()) + 1,
                [str(key) for key in rows["machine"].cat.categories],
                [str(key) for key in rows["parameter"].cat.categories],
            )
        except TooManyPoints:
            return None
        return found.assign(
            machine=found["machine"].astype(object), parameter=found["parameter"].astype(object)
        )

    def _preview(self, points: _Points) -> pd.DataFrame:
        keys, zone = list(self._parameters), self._job.access.factory.zone
        return pd.DataFrame(
            {
                "Machine": self._job.look.machines.labels(points.machine[:PREVIEW_ROWS]),
                "Parameter": [keys[code] for code in points.parameter[:PREVIEW_ROWS].tolist()],
                "Time": local(points.time_us[:PREVIEW_ROWS], zone),
                "Value": points.value[:PREVIEW_ROWS],
            }
        )


def _joined(parts: list[_Points]) -> _Points:
    return _Points(
        np.concatenate([part.machine for part in parts]),
        np.concatenate([part.parameter for part in parts]),
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.value for part in parts]),
    )
