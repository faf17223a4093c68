"""State events: a machine enters a state, perhaps until an end, perhaps for a reason."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.vocabulary import MICROSECONDS, STATE_LABELS, State
from app.imports.parsing.columns import Ints, filled, words
from app.imports.parsing.states import NO_NUMBERING, state_of
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.outcome import tally, without_repeats
from app.imports.rows.seen import Seen
from app.imports.rows.typed import IS_EMPTY, Reading
from app.imports.rows.wall import local
from data.queries.loading import (
    CHANGED,
    NONE,
    STATE_KEY,
    UNCHANGED,
    compared,
    put_states,
    state_reach,
    stored_states,
)
from data.queries.plant import bump


class StateIntake:
    """Takes state events; their key is machine, start and state."""

    def __init__(self, job: Job) -> None:
        self._job, self._seen = job, Seen()
        self._values = [
            name for name, field in (("end_us", "end"), ("reason", "reason")) if job.mapping.gives(field)
        ]

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        rows = self._rows(Reading(self._job, chunk, faults), session)
        rows, repeated = without_repeats(rows, self._seen, faults, STATE_KEY, ("end_us", "reason"))
        stored = stored_states(session, rows)
        judged = compared(rows, stored, STATE_KEY, self._values)
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
        put_states(session, written, self._job.now_us)
        replaced = stored[stored["id"].isin(judged.loc[judged["status"] == CHANGED, "id"])]
        names = ["machine", "start_us", "end_us"]
        minor_us = self._job.access.factory.minor_stop_s * MICROSECONDS
        both = pd.concat([written[names], replaced[names]])
        bump(session, state_reach(session, both, self._job.now_us, minor_us))

    def _rows(self, reading: Reading, session: Session) -> pd.DataFrame:
        faults = reading.faults
        machine, start = reading.machines(session), reading.instant("start")
        end = reading.instant("end", needed=False)
        faults.at((end >= 0) & (end <= start), "end", "The end does not lie after the start.")
        state = _states(reading)
        reason = reading.ids("reason", self._job.look.reasons, "import the reasons first, or leave it empty.")
        rows = pd.DataFrame(
            {
                "machine": machine,
                "start_us": start,
                "end_us": np.where(end >= 0, end, NONE),
                "state": state,
                "reason": np.where(reason == 0, NONE, reason),
            }
        )
        return rows[faults.good]

    def _preview(self, rows: pd.DataFrame) -> pd.DataFrame:
        look, zone = self._job.look, self._job.access.factory.zone
        return pd.DataFrame(
            {
                "Machine": look.machines.labels(rows["machine"].to_numpy()),
                "Start": local(rows["start_us"].to_numpy(), zone),
                "End": local(rows["end_us"].to_numpy(), zone),
                "State": [STATE_LABELS[State(state)] for state in rows["state"].tolist()],
                "Reason": look.reasons.labels(rows["reason"].to_numpy()),
            }
        )


def _states(reading: Reading) -> Ints:
    column = reading.text("state")
    reading.faults.at(~filled(column), "state", IS_EMPTY)
    codes, texts = words(column)
    known = [state_of(text, reading.mapping.state_numbers) if text else (None, "") for text in texts]
    numbers = np.array([-1 if state is None else int(state) for state, _ in known], np.int64)[codes]
    unnumbered = np.array([why == NO_NUMBERING for _, why in known], np.bool_)[codes]
    reading.faults.at(unnumbered, "state_numbers", NO_NUMBERING)
    reading.faults.at(numbers < 0, "state", lambda at: known[codes[at]][1])
    return numbers
