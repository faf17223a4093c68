"""Parameters of machines, as a plant's own list describes them."""

from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.imports.intake.plant import Values, given_texts, optional, written
from app.imports.parsing.states import FLAGS
from app.imports.rows.faults import shown
from app.imports.rows.job import Job
from app.imports.rows.typed import Reading
from app.production.measured.parameters import limit_problems
from data.models import Parameter
from data.telemetry.batch import LONGEST_KEY

DATA_TYPES: Final = {
    "float": "float", "double": "float", "real": "float", "number": "float", "": "float",
    "int": "int", "integer": "int", "long": "int",
    "bool": "bool", "boolean": "bool",
    "string": "string", "text": "string", "str": "string",
}  # fmt: skip
DIVIDER: Final = "\x1f"
LIMITS: Final = ("low_limit", "high_limit")


class ParameterEntries:
    """Parameters; the key is machine and parameter."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def rows(self, reading: Reading, session: Session) -> list[tuple[int, str, Values]]:
        """See `Entries.rows`."""
        machine = reading.machines(session)
        keys = reading.needed("parameter").to_pylist()
        texts = given_texts(reading, {"name": 200, "unit": 30, "data_type": 20, "is_kpi": 10})
        limits = {name: reading.number(name, least=None) for name in LIMITS if reading.mapping.gives(name)}
        found = []
        for place in np.flatnonzero(reading.faults.good).tolist():
            values: Values = {name: column[place] for name, column in texts.items()}
            wrong = _problem(keys[place], values)
            if wrong:
                reading.faults.one(place, *wrong)
                continue
            if "data_type" in values:
                values["data_type"] = DATA_TYPES[values["data_type"].casefold()]
            if "is_kpi" in values:
                values["is_kpi"] = FLAGS[values["is_kpi"].casefold()]
            if "name" in values:
                values["display_name"] = values.pop("name") or keys[place].replace("_", " ")
            values |= {name: optional(column[place]) for name, column in limits.items()}
            wrong = _limit_problem(session, int(machine[place]), keys[place], values)
            if wrong:
                reading.faults.one(place, *wrong)
                continue
            found.append((place, f"{machine[place]}{DIVIDER}{keys[place]}", values))
        return found

    def store(self, session: Session, key: str, values: Values) -> str:
        """See `Entries.store`."""
        number, _, parameter = key.partition(DIVIDER)
        machine = int(number)
        row = _stored(session, machine, parameter)
        if row is not None:
            outcome = written(row, values, load=self._job.load)
            if outcome == "changed" and self._job.load:
                row.version += 1
                row.updated_at = self._job.access.now
            return outcome
        if self._job.load:
            given: dict[str, Any] = {"display_name": parameter.replace("_", " "), **values}
            session.add(
                Parameter(machine_id=machine, key=parameter, updated_at=self._job.access.now, **given)
            )
            self._job.look.parameters.add((machine, parameter))
        return "new"


def _stored(session: Session, machine: int, key: str) -> Parameter | None:
    found: Parameter | None = session.scalar(
        select(Parameter).where(Parameter.machine_id == machine, Parameter.key == key)
    )
    return found


def _limit_problem(session: Session, machine: int, key: str, values: Values) -> tuple[str, str] | None:
    """What is wrong with the limits that the parameter would have: what the row leaves out stays."""
    if values.keys().isdisjoint({"data_type", *LIMITS}):
        return None
    row = _stored(session, machine, key)
    kept = {"data_type": "float", **dict.fromkeys(LIMITS)}
    if row is not None:
        kept = {name: getattr(row, name) for name in kept}
    wanted = {**kept, **{name: values[name] for name in kept if name in values}}
    problems = limit_problems(wanted["data_type"], wanted["low_limit"], wanted["high_limit"])
    return (problems[0].field, problems[0].message) if problems else None


def _problem(key: str, values: Values) -> tuple[str, str] | None:
    """The field and the message of what is wrong, or None."""
    if len(key) > LONGEST_KEY or not key.isprintable():
        return "parameter", f"A parameter's key has at most {LONGEST_KEY} printable characters."
    if values.get("data_type", "").casefold() not in DATA_TYPES:
        return "data_type", f"{shown(values['data_type'])} is none of float, int, bool, string."
    if values.get("is_kpi", "").casefold() not in FLAGS:
        return "is_kpi", "Write yes or no."
    return None
