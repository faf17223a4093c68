"""The fields of a chunk as typed columns; whatever is wrong with a cell is put on its row."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from sqlalchemy.orm import Session

from app.imports.parsing.columns import Bools, Floats, Ints, filled, taken, text_column, words
from app.imports.parsing.durations import seconds
from app.imports.parsing.moments import DAY_US, Stamps, instants, stamps
from app.imports.parsing.numbers import numbers
from app.imports.reading.table import Chunk
from app.imports.rows.creation import create_machines
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import Job
from app.imports.rows.lookup import MISSING, Keys
from app.production.machines import KEY_PATTERN
from data.telemetry.batch import EARLIEST_US, LATEST_US

NO_ZONE: Final = (
    "The time names no zone: say in which zone the file's times are (--zone Europe/Berlin, or factory)."
)
NO_ORDER: Final = "Day and month could be swapped: say which comes first (--set date_order=day, or month)."
IS_EMPTY: Final = "The cell is empty."


class Reading:
    """The columns of one chunk through a mapping."""

    def __init__(self, job: Job, chunk: Chunk, faults: Faults) -> None:
        self.job, self.chunk, self.faults, self.mapping = job, chunk, faults, job.mapping

    def __len__(self) -> int:
        return len(self.chunk)

    def text(self, name: str) -> Any:
        """The texts of a field; empty ones where it has neither column nor constant."""
        if name in self.mapping.constants:
            return pa.repeat(self.mapping.constants[name].text.strip(), len(self.chunk))
        if name in self.mapping.columns:
            return self.chunk.column(self.mapping.columns[name].text)
        return text_column([""] * len(self.chunk))

    def mark(self, name: str) -> str:
        """The decimal mark of a field: constants are written with a point."""
        return "." if name in self.mapping.constants else self.mapping.decimal

    def needed(self, name: str) -> Any:
        """The texts of a field that must not be empty."""
        column = self.text(name)
        self.faults.at(~filled(column), name, IS_EMPTY)
        return column

    def number(self, name: str, *, needed: bool = False, least: float | None = 0.0) -> Floats:
        """The numbers of a field, NaN for an empty cell; none below `least`."""
        column = self.needed(name) if needed else self.text(name)
        return self._checked(name, column, *numbers(column, self.mark(name)), least)

    def numbers_of(self, title: str, *, least: float | None = None) -> Floats:
        """The numbers of a wide column."""
        column = self.chunk.column(title)
        return self._checked(title, column, *numbers(column, self.mapping.decimal), least)

    def seconds(self, name: str) -> Floats:
        """The durations of a field in seconds, NaN for an empty cell."""
        column = self.text(name)
        found = seconds(column, self.mapping.unit(name) or "s", self.mark(name))
        return self._checked(name, column, *found, 0.0)

    def _checked(self, name: str, column: Any, values: Floats, wrong: Bools, least: float | None) -> Floats:
        self.faults.at(wrong, name, lambda at: f"{shown(column[at].as_py())} is not a number.")
        if least is not None:
            low = values < least
            self.faults.at(low, name, lambda at: f"{shown(column[at].as_py())} is negative.")
        return values

    def instant(self, name: str, *, needed: bool = True) -> Ints:
        """The moments of a field in microseconds UTC; -1 for an empty cell of a field that may be empty."""
        column = self.needed(name) if needed else self.text(name)
        found = stamps(column, self.mapping.day_first)
        self._check_stamps(name, column, found)
        utc = self.in_zone(name, found.wall_us, found.given & ~found.zoned & ~found.wrong)
        return np.where(found.given, np.where(found.zoned, found.wall_us, utc), -1)

    def _check_stamps(self, name: str, column: Any, found: Stamps) -> None:
        self.faults.at(
            found.wrong,
            name,
            lambda at: f"{shown(column[at].as_py())} is no date and time; write 2026-03-04 14:05:00.",
        )
        self.faults.at(found.unclear, "date_order", NO_ORDER)
        self.check_range(name, found.wall_us, found.given)

    def check_range(self, name: str, wall_us: Ints, given: Bools) -> None:
        """Dates that no clock that was ever set can have written are faults."""
        odd = given & ((wall_us < EARLIEST_US - DAY_US) | (wall_us >= LATEST_US))
        late = given & (wall_us > self.job.now_us + 2 * DAY_US)
        self.faults.at(odd, name, "The date lies before 2000 or after 2100: check the clock that wrote it.")
        self.faults.at(late, name, "The date lies in the future: check the clock that wrote it.")

    def in_zone(self, name: str, wall_us: Ints, naive: Bools) -> Ints:
        """Wall-clock times in the mapping's zone as UTC; impossible and double times are faults."""
        zone = self.mapping.zone_info()
        if zone is None:
            self.faults.at(naive, "zone", NO_ZONE)
            return np.zeros(len(wall_us), np.int64)
        used = naive & self.faults.good
        utc = np.zeros(len(wall_us), np.int64)
        if not used.any():
            return utc
        utc[used], twice, never = instants(wall_us[used], zone)
        for some, reason in (
            (twice, "comes twice there, when the clock goes back: give it with its offset (+01:00)."),
            (never, "does not exist there, because the clock goes forward over it."),
        ):
            mask = np.zeros(len(wall_us), np.bool_)
            mask[used] = some
            self.faults.at(mask, name, f"The local time in {zone.key} {reason}")
        return utc

    def ids(self, name: str, keys: Keys, advice: str) -> Ints:
        """The ids of a field's texts, 0 for an empty cell; unknown texts are faults."""
        column = self.text(name)
        found = keys.ids(column)
        unknown = filled(column) & (found == MISSING)
        self.faults.at(unknown, name, lambda at: f"There is no {name} {shown(column[at].as_py())}: {advice}")
        return found

    def machines(self, session: Session) -> Ints:
        """The machines of the rows; unknown ones are faults unless they are to be created."""
        column = self.needed("machine")
        if self.mapping.create_machines:
            unknown = filled(column) & (self.job.look.machines.ids(column) == MISSING) & self.faults.good
            _, texts = words(taken(column, unknown))
            create_machines(self.job, session, [text for text in texts if KEY_PATTERN.fullmatch(text)])
        advice = "import it first, or let the import create machines (--create-machines)."
        return self.ids("machine", self.job.look.machines, advice)
