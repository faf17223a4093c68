"""Production counts: good, scrap and rework units over an interval, per product."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.vocabulary import MICROSECONDS
from app.imports.parsing.columns import Floats, Ints
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.outcome import tally, without_repeats
from app.imports.rows.seen import Seen
from app.imports.rows.typed import IS_EMPTY, Reading
from app.imports.rows.wall import local
from data.queries.loading import (
    CHANGED,
    COUNT_KEY,
    NONE,
    UNCHANGED,
    compared,
    count_reach,
    put_counts,
    stored_counts,
)
from data.queries.plant import bump
from data.queries.production import LONGEST_COUNT_US

UNITS = ("good", "scrap", "rework", "startup_scrap")


class CountIntake:
    """Takes counts; their key is machine, product and start."""

    def __init__(self, job: Job) -> None:
        self._job, self._seen = job, Seen()
        told = {name for name in UNITS if job.mapping.gives(name)}
        counted = {"good", "scrap"} if job.mapping.gives("total") else {"good"}
        self._values = ["end_us", *sorted(told | counted)]

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        rows = self._rows(Reading(self._job, chunk, faults), session)
        rows, repeated = without_repeats(rows, self._seen, faults, COUNT_KEY, ("end_us", *UNITS))
        stored = stored_counts(session, rows)
        judged = compared(rows, stored, COUNT_KEY, self._values)
        if self._job.load:
            self._write(session, judged, stored)
        return tally(judged["status"], repeated, self._preview(judged.head(PREVIEW_ROWS)))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _write(self, session: Session, judged: pd.DataFrame, stored: pd.DataFrame) -> None:
        written = judged[judged["status"] != UNCHANGED]
        if written.empty:
            return
        put_counts(session, written, self._job.now_us)
        replaced = stored[stored["id"].isin(judged.loc[judged["status"] == CHANGED, "id"])]
        names = ["machine", "start_us", "end_us"]
        both = pd.concat([written[names], replaced[names]])
        bump(session, count_reach(session, both, self._job.now_us))

    def _rows(self, reading: Reading, session: Session) -> pd.DataFrame:
        faults = reading.faults
        machine, start = reading.machines(session), reading.instant("start")
        end = self._ends(reading, start)
        faults.at(end <= start, "end", "The end does not lie after the start.")
        faults.at(end - start > LONGEST_COUNT_US, "end", "One count covers at most seven days.")
        product = reading.ids("product", self._job.look.products, "import the products first.")
        good, scrap = _good_and_scrap(reading)
        rest = {name: np.nan_to_num(reading.number(name)) for name in UNITS[2:]}
        startup = rest["startup_scrap"]
        faults.at(startup > scrap, "startup_scrap", "Start-up scrap is part of the scrap.")
        rows = pd.DataFrame(
            {
                "machine": machine,
                "product": np.where(product == 0, NONE, product),
                "start_us": start,
                "end_us": end,
                "good": good,
                "scrap": scrap,
                **rest,
            }
        )
        return rows[faults.good]

    def _ends(self, reading: Reading, start: Ints) -> Ints:
        if reading.mapping.gives("end"):
            return reading.instant("end")
        length = reading.seconds("duration")
        reading.faults.at(np.isnan(length), "duration", IS_EMPTY)
        return start + np.round(np.nan_to_num(length) * MICROSECONDS).astype(np.int64)

    def _preview(self, rows: pd.DataFrame) -> pd.DataFrame:
        look, zone = self._job.look, self._job.access.factory.zone
        return pd.DataFrame(
            {
                "Machine": look.machines.labels(rows["machine"].to_numpy()),
                "Product": look.products.labels(rows["product"].to_numpy()),
                "Start": local(rows["start_us"].to_numpy(), zone),
                "End": local(rows["end_us"].to_numpy(), zone),
                "Good": rows["good"].to_numpy(),
                "Scrap": rows["scrap"].to_numpy(),
                "Rework": rows["rework"].to_numpy(),
            }
        )


def _good_and_scrap(reading: Reading) -> tuple[Floats, Floats]:
    """Good and scrap units from those of good, scrap and total that a file has; total holds rework too."""
    mapping, faults = reading.mapping, reading.faults
    scrap, rework = np.nan_to_num(reading.number("scrap")), np.nan_to_num(reading.number("rework"))
    if not mapping.gives("total"):
        return reading.number("good", needed=True), scrap
    total = reading.number("total", needed=True)
    if not mapping.gives("good"):
        faults.at(scrap + rework > total, "scrap", "Scrap and rework exceed the total.")
        return total - scrap - rework, scrap
    good = reading.number("good", needed=True)
    faults.at(good > total, "good", "The good units exceed the total.")
    if not mapping.gives("scrap"):
        return good, np.maximum(total - good - rework, 0.0)
    odd = np.abs(good + scrap + rework - total) > 1e-6 * np.maximum(total, 1.0)
    faults.at(odd, "total", "Good units, scrap and rework do not add up to the total.")
    return good, scrap
