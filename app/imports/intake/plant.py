"""Machines, products with their ideal cycles, and reasons: small tables, written row by row."""

from collections import Counter
from typing import Any, Protocol

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.permissions import Permission
from app.imports.parsing.states import FLAGS, category_of
from app.imports.reading.table import Chunk
from app.imports.rows.creation import line_id
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.production.machines import KEY_PATTERN
from data.models import IdealCycle, Machine, Product, Reason
from data.queries.plant import CONFIGURATION_DAY, bump

Values = dict[str, Any]
LONGEST_KEY = 100


class Entries(Protocol):
    """How one table of the plant is read from rows and stored."""

    def rows(self, reading: Reading, session: Session) -> list[tuple[int, str, Values]]:
        """Position, key and given values of each good row."""
        ...

    def store(self, session: Session, key: str, values: Values) -> str:
        """new, unchanged or changed; written only when the job loads."""
        ...


class PlantIntake:
    """Takes rows of the plant's configuration; the key decides whether a row is new."""

    def __init__(self, job: Job, entries: Entries) -> None:
        job.access.require(Permission.MANAGE_MACHINES)
        self._job, self._entries = job, entries
        self._told: dict[str, Values] = {}

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        counts = Counter[str]()
        shown_rows: list[Values] = []
        for place, key, values in self._entries.rows(Reading(self._job, chunk, faults), session):
            told = self._told.get(key)
            if told is not None and told != values:
                faults.one(place, "row", f"An earlier row says something else about {shown(key)}.")
                continue
            outcome = "unchanged" if told is not None else self._entries.store(session, key, values)
            self._told[key] = values
            counts[outcome] += 1
            shown_rows.append({"key": key, **values})
        if self._job.load and counts["new"] + counts["changed"]:
            session.flush()
            bump(session, {CONFIGURATION_DAY})
        return Taken(
            counts["new"], counts["unchanged"], counts["changed"], pd.DataFrame(shown_rows[:PREVIEW_ROWS])
        )

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()


def given_texts(reading: Reading, names: dict[str, int]) -> dict[str, list[str]]:
    """The texts of the fields that the file gives, cut to what the store holds."""
    return {
        name: [text[:most] for text in reading.text(name).to_pylist()]
        for name, most in names.items()
        if reading.mapping.gives(name)
    }


def optional(number: float) -> float | None:
    """The number, or None for an empty cell."""
    return None if np.isnan(number) else float(number)


def written(row: Any, values: Values, *, load: bool) -> str:
    """Put what differs onto a stored row."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if load:
        for name, value in changed.items():
            setattr(row, name, value)
    return "changed" if changed else "unchanged"


def _machine_problem(key: str, values: Values) -> tuple[str, str] | None:
    """The field and the message of what is wrong with a machine, or None."""
    if not KEY_PATTERN.fullmatch(key):
        return "device_key", (
            f"{shown(key)} is no key: it begins with a letter or digit; letters, digits, dots, dashes and "
            "underscores may follow."
        )
    cycle_s = values.get("ideal_cycle_s")
    if cycle_s is not None and not 0 < cycle_s <= 86_400:
        return "ideal_cycle", "The ideal cycle time must lie above 0 and up to 86,400 seconds."
    if not 1 <= values.get("importance", 3) <= 5:
        return "importance", "Importance goes from 1 (low) to 5 (vital)."
    return None


class MachineEntries:
    """Machines with their line; a line that is not there yet is made."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def rows(self, reading: Reading, session: Session) -> list[tuple[int, str, Values]]:
        """See `Entries.rows`."""
        keys = reading.needed("device_key").to_pylist()
        texts = given_texts(
            reading, {"name": 200, "type": 60, "manufacturer": 120, "model": 120, "location": 200, "line": 60}
        )
        cycle, importance = reading.seconds("ideal_cycle"), reading.number("importance")
        found = []
        for place in np.flatnonzero(reading.faults.good).tolist():
            values: Values = {name: column[place] for name, column in texts.items()}
            if reading.mapping.gives("ideal_cycle"):
                values["ideal_cycle_s"] = optional(cycle[place])
            if not np.isnan(importance[place]):
                values["importance"] = int(importance[place])
            values["name"] = values.get("name") or keys[place]
            wrong = _machine_problem(keys[place], values)
            if wrong:
                reading.faults.one(place, *wrong)
            else:
                found.append((place, keys[place], values))
        return found

    def store(self, session: Session, key: str, values: Values) -> str:
        """See `Entries.store`."""
        given = dict(values)
        if line := given.pop("line", ""):
            given["line_id"] = line_id(self._job, session, line)
        row = session.scalar(select(Machine).where(Machine.device_key == key))
        now = self._job.access.now
        if row is not None:
            outcome = written(row, given, load=self._job.load)
            if outcome == "changed" and self._job.load:
                row.version += 1
                row.updated_at = now
            return outcome
        if not self._job.load:
            self._job.look.machines.plan(key)
            return "new"
        made = Machine(device_key=key, created_at=now, updated_at=now, **given)
        session.add(made)
        session.flush()
        self._job.look.machines.add(made.id, key)
        return "new"


class ProductEntries:
    """Products; an ideal cycle time belongs to the product on the machine that the row names."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def rows(self, reading: Reading, session: Session) -> list[tuple[int, str, Values]]:
        """See `Entries.rows`."""
        keys = reading.needed("product").to_pylist()
        texts = given_texts(reading, {"name": 200, "unit": 30})
        cycle = reading.seconds("ideal_cycle")
        reading.faults.at(cycle <= 0, "ideal_cycle", "The ideal cycle time must lie above 0.")
        wants_cycle = reading.mapping.gives("ideal_cycle")
        machine = reading.machines(session) if wants_cycle else np.zeros(len(keys), np.int64)
        long = np.array([len(key) > LONGEST_KEY for key in keys], np.bool_)
        reading.faults.at(long, "product", f"A key has at most {LONGEST_KEY} characters.")
        found = []
        for place in np.flatnonzero(reading.faults.good).tolist():
            values: Values = {name: column[place] for name, column in texts.items()}
            if wants_cycle and not np.isnan(cycle[place]):
                values["ideal_cycle_s"] = float(cycle[place])
                values["machine"] = self._job.look.machines.label(int(machine[place]))
            found.append((place, keys[place], values))
        return found

    def store(self, session: Session, key: str, values: Values) -> str:
        """See `Entries.store`."""
        given = {name: values[name] for name in ("name", "unit") if values.get(name)}
        row = session.scalar(select(Product).where(Product.key == key))
        if row is None:
            outcome, product = "new", self._add(session, key, given)
        else:
            outcome, product = written(row, given, load=self._job.load), row.id
        if "ideal_cycle_s" not in values:
            return outcome
        machine = self._job.look.machines.find(values["machine"])
        moved = self._cycle(session, machine, product, values["ideal_cycle_s"])
        return "changed" if outcome == "unchanged" and moved else outcome

    def _add(self, session: Session, key: str, given: Values) -> int:
        if not self._job.load:
            return self._job.look.products.plan(key)
        row = Product(key=key, **given)
        session.add(row)
        session.flush()
        self._job.look.products.add(row.id, key)
        return row.id

    def _cycle(self, session: Session, machine: int, product: int, cycle_s: float) -> bool:
        """Whether the cycle time is another than the stored one, which it replaces."""
        row = session.scalar(
            select(IdealCycle).where(IdealCycle.machine_id == machine, IdealCycle.product_id == product)
        )
        if row is not None and row.cycle_s == cycle_s:
            return False
        if self._job.load and row is not None:
            row.cycle_s = cycle_s
        elif self._job.load:
            session.add(IdealCycle(machine_id=machine, product_id=product, cycle_s=cycle_s))
        return True


class ReasonEntries:
    """Reasons of stops with their category and whether an operator's error is the cause."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def rows(self, reading: Reading, session: Session) -> list[tuple[int, str, Values]]:
        """See `Entries.rows`."""
        codes, names = reading.needed("code").to_pylist(), reading.needed("name").to_pylist()
        texts = given_texts(reading, {"category": 60, "operator_error": 20})
        found = []
        for place in np.flatnonzero(reading.faults.good).tolist():
            category = category_of(texts["category"][place] if "category" in texts else "")
            if category is None:
                known = "unplanned, setup, planned, external or not_scheduled"
                reading.faults.one(
                    place, "category", f"{shown(texts['category'][place])} is none of {known}."
                )
                continue
            values: Values = {"name": names[place][:200], "category": category.value}
            if "operator_error" in texts:
                flag = FLAGS.get(texts["operator_error"][place].casefold())
                if flag is None:
                    reading.faults.one(place, "operator_error", "Write yes or no.")
                    continue
                values["is_operator_error"] = flag
            found.append((place, codes[place][:60], values))
        return found

    def store(self, session: Session, key: str, values: Values) -> str:
        """See `Entries.store`."""
        row = session.scalar(select(Reason).where(Reason.code == key))
        if row is not None:
            given = values if self._job.mapping.gives("category") else {**values, "category": row.category}
            return written(row, given, load=self._job.load)
        if not self._job.load:
            self._job.look.reasons.plan(key)
            return "new"
        made = Reason(code=key, **values)
        session.add(made)
        session.flush()
        self._job.look.reasons.add(made.id, key)
        return "new"
