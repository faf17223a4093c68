"""One pass over a file: chunk by chunk through the intake, with everything counted and noted."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

import pandas as pd
from sqlalchemy.orm import Session

from app.imports.intake.choice import chunk_rows, intake_of
from app.imports.reading.table import Chunk, Reject, Table
from app.imports.rows.faults import Faults, Note
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken

Progress = Callable[[float, str], None]
MOST_REJECTS: Final = 10_000
MOST_NOTES: Final = 200
REPEATED_HEADER: Final = "The header comes again here; the row is left out."
ABOVE_HEADER: Final = "The lines above the header are left out."


def silent(_share: float, _stage: str) -> None:
    """The progress that nobody watches."""


@dataclass(slots=True)
class Tally:
    """What became of the rows: `rows` of data were read; for telemetry the others count points."""

    rows: int = 0
    new: int = 0
    unchanged: int = 0
    changed: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Walk:
    """The result of a pass so far. At most MOST_REJECTS rejected rows are kept; all are counted.

    `fields` names every field that anything was wrong with.
    """

    tally: Tally = field(default_factory=Tally)
    rejects: list[Reject] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    preview: pd.DataFrame = field(default_factory=pd.DataFrame)

    def add(self, taken: Taken) -> None:
        """Count what became of some rows."""
        self.tally.new += taken.new
        self.tally.unchanged += taken.unchanged
        self.tally.changed += taken.changed
        self._note([Note(0, text) for text in taken.notes])
        if taken.preview is not None and len(self.preview) < PREVIEW_ROWS and len(taken.preview):
            joined = pd.concat([self.preview, taken.preview]) if len(self.preview) else taken.preview
            self.preview = joined.head(PREVIEW_ROWS).reset_index(drop=True)

    def reject(self, chunk: Chunk, faults: Faults) -> list[Reject]:
        """Count the rejected rows of a chunk; returns those that are kept."""
        found = faults.rejects()
        self.tally.rows += len(chunk) + len(chunk.broken)
        self.tally.rejected += len(found)
        self.fields |= faults.fields
        kept = found[: max(0, MOST_REJECTS - len(self.rejects))]
        self.rejects += kept
        self._note([Note(line, REPEATED_HEADER) for line in chunk.repeated] + faults.notes)
        return kept

    def _note(self, notes: list[Note]) -> None:
        known = {note.message for note in self.notes if note.line == 0}
        fresh = [note for note in notes if note.line or note.message not in known]
        self.notes += fresh[: max(0, MOST_NOTES - len(self.notes))]


def walked(
    job: Job,
    table: Table,
    session: Callable[[], AbstractContextManager[Session]],
    progress: Progress,
) -> Iterator[tuple[Walk, Session, list[Reject]]]:
    """Take the file chunk by chunk; yields inside each chunk's transaction, with the rows rejected in it.

    The walk is complete when the iterator is exhausted.
    """
    intake, walk = intake_of(job), Walk()
    stage = "Loading" if job.load else "Checking"
    for chunk in table.chunks(chunk_rows(job.mapping.kind)):
        faults = Faults(chunk)
        with session() as open_session:
            if len(chunk):
                walk.add(intake.take(chunk, open_session, faults))
            yield walk, open_session, walk.reject(chunk, faults)
        walk.add(intake.settle(last=False))
        done = walk.tally.rows + table.header_line
        progress(min(0.99, done / max(table.lines, done + 1)), stage)
    walk.add(intake.settle(last=True))
    with session() as open_session:
        yield walk, open_session, []
