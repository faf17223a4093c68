"""What an intake needs to know, and what it answers for each chunk."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import pandas as pd
from sqlalchemy.orm import Session

from app.bootstrap import Access
from app.imports.layout.mapping import Mapping
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.lookup import Lookup

PREVIEW_ROWS: Final = 50
SOURCE: Final = "import"


@dataclass(frozen=True, slots=True)
class Job:
    """One pass over one file: with `load` it writes, without it only says what it would do."""

    access: Access
    mapping: Mapping
    look: Lookup
    now_us: int
    load: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some rows (of points, for telemetry). `preview` holds the first as they are stored."""

    new: int = 0
    unchanged: int = 0
    changed: int = 0
    preview: pd.DataFrame | None = None
    notes: tuple[str, ...] = field(default=())


class Intake(Protocol):
    """The rows of one kind of file on their way into the stores."""

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """Check the rows, compare them with the store and, when the job loads, write them in the session."""
        ...

    def settle(self, *, last: bool) -> Taken:
        """Called after each transaction has committed, and once more at the end of the file."""
        ...
