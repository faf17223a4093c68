"""Production jobs of another system, with the tools that they name."""

from collections import Counter
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from analytics.twin.lathe.materials import material
from analytics.twin.lathe.tools import operation
from app.auth.permissions import Permission
from app.imports.intake.plant import Values
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.shop.jobs import CANCELLED, FINISHED, OPEN, PAUSED, PLANNED, RUNNING
from data.models import JobSpell, ProductionJob, ShopTool
from data.queries.plant import bump

STATES: Final = {
    "": OPEN, "open": OPEN, "created": OPEN, "pending": OPEN, "queued": OPEN, "planned": PLANNED,
    "scheduled": PLANNED, "running": RUNNING, "in progress": RUNNING, "active": RUNNING, "started": RUNNING,
    "paused": PAUSED, "on hold": PAUSED, "finished": FINISHED, "completed": FINISHED, "complete": FINISHED,
    "done": FINISHED, "cancelled": CANCELLED, "canceled": CANCELLED, "aborted": CANCELLED,
}  # fmt: skip
RAN: Final = (RUNNING, PAUSED, FINISHED, CANCELLED)
DAY_US: Final = 86_400_000_000


class ProductionJobIntake:
    """Takes jobs. One is known by its key; again, only its state and its end may have moved.

    A job that runs, or has an end, ran over that time; one that ended at a time that nobody told has no time
    in which it ran. Tools come into the store by their number, without a life: nobody knows how they cut.
    """

    def __init__(self, job: Job) -> None:
        job.access.require(Permission.ENTER_PRODUCTION)
        self._job = job

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        reading = Reading(self._job, chunk, faults)
        machines = reading.machines(session).tolist()
        keys, texts = reading.needed("key").to_pylist(), reading.text("state").to_pylist()
        start, end = reading.instant("start", needed=False), reading.instant("end", needed=False)
        numbers = {name: reading.number(name) for name in ("tool", "quantity")}
        estimated = reading.seconds("estimated")
        words = {name: reading.text(name).to_pylist() for name in ("operation", "material")}
        states = [STATES.get(one.strip().casefold().replace("_", " "), "") for one in texts]
        faults.at(
            np.array([not one for one in states], np.bool_), "state",
            lambda at: f"{shown(texts[at])} is none of open, planned, running, paused, finished, cancelled.",
        )  # fmt: skip
        faults.at((end >= 0) & (end < start), "end", "The job ends before it starts.")
        faults.at(estimated == 0, "estimated", "An estimated time lies above 0.")
        odd = ~np.isnan(numbers["tool"]) & ((numbers["tool"] < 1) | (numbers["tool"] % 1 != 0))
        faults.at(odd, "tool", "A tool has a whole number from 1 on.")
        begun = np.array([one in (RUNNING, PAUSED) for one in states], np.bool_)
        faults.at(begun & (start < 0), "start", "A job that has begun has a start.")
        counts, rows = Counter[str](), []
        for place in np.flatnonzero(faults.good).tolist():
            one = {
                "key": keys[place][:100], "machine_id": machines[place], "state": states[place],
                "start_us": int(start[place]) if start[place] >= 0 else None,
                "end_us": int(end[place]) if end[place] >= 0 else None,
                "tool": _known(numbers["tool"][place]), "quantity": _known(numbers["quantity"][place]),
                "estimated_s": _known(estimated[place]),
                **{name: known_word(name, column[place]) for name, column in words.items()},
            }  # fmt: skip
            done = self._store(session, one)
            if done:
                counts[done] += 1
                rows.append({"Job": one["key"], "State": one["state"], "Operation": one["operation"]})
            else:
                faults.one(place, "start", "Another job ran on this machine at that time.")
        return Taken(counts["new"], counts["unchanged"], counts["changed"], pd.DataFrame(rows[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _store(self, session: Session, one: Values) -> str:
        """What became of a row: new, changed or unchanged; an empty word where its time is taken."""
        row = session.scalar(select(ProductionJob).where(ProductionJob.key == one["key"]))
        if row is not None and (row.state, row.end_us) == (one["state"], one["end_us"]):
            return "unchanged"
        if self._is_taken(session, one, row):
            return ""
        if not self._job.load:
            return "new" if row is None else "changed"
        if row is None:
            self._add(session, one)
            return "new"
        row.state, row.end_us, row.version = one["state"], one["end_us"], row.version + 1
        row.start_us = row.start_us if one["start_us"] is None else one["start_us"]
        self._keep_spell(session, row)
        return "changed"

    def _is_taken(self, session: Session, one: Values, row: ProductionJob | None) -> bool:
        """Whether another job ran on the machine while this one did."""
        if one["start_us"] is None or not (one["state"] == RUNNING or one["end_us"] is not None):
            return False
        spell = JobSpell
        conditions = [
            spell.machine_id == one["machine_id"],
            or_(spell.end_us.is_(None), spell.end_us > one["start_us"]),
        ]
        if one["end_us"] is not None:
            conditions.append(spell.start_us < one["end_us"])
        if row is not None:
            conditions.append(spell.job_id != row.id)
        return session.scalar(select(spell.id).where(*conditions).limit(1)) is not None

    def _add(self, session: Session, one: Values) -> None:
        values = {name: value for name, value in one.items() if name != "tool"}
        row = ProductionJob(
            **values, tool_id=self._tool_id(session, one["tool"]), cutting={},
            planned_us=one["start_us"] if one["state"] in (OPEN, PLANNED) else None,
            made_by=self._job.access.principal.email, made_at=self._job.access.now,
        )  # fmt: skip
        if row.state in (OPEN, PLANNED):
            row.state, row.start_us = (PLANNED if row.planned_us is not None else OPEN), None
        session.add(row)
        session.flush()
        self._keep_spell(session, row)

    def _keep_spell(self, session: Session, row: ProductionJob) -> None:
        """One spell from the start to the end; none where neither an end nor that it runs is known.

        The days of the spell as it was, and as it is now, change.
        """
        spell = session.scalar(select(JobSpell).where(JobSpell.job_id == row.id))
        ran = [] if spell is None else [(spell.start_us, spell.end_us)]
        if row.start_us is None or row.state not in RAN or (row.end_us is None and row.state != RUNNING):
            if spell is not None:
                session.delete(spell)
        elif spell is None:
            session.add(
                JobSpell(job_id=row.id, machine_id=row.machine_id, start_us=row.start_us, end_us=row.end_us)
            )
        else:
            spell.start_us, spell.end_us = row.start_us, row.end_us
        if row.start_us is not None:
            ran.append((row.start_us, row.end_us))
        if ran:
            first_us = min(start for start, _ in ran)
            last_us = max(self._job.now_us if end is None else end for _, end in ran)
            bump(session, set(range(first_us // DAY_US, last_us // DAY_US + 1)))
        session.flush()

    def _tool_id(self, session: Session, number: float | None) -> int | None:
        if number is None:
            return None
        found = session.scalar(select(ShopTool.id).where(ShopTool.number == int(number)))
        if found is not None:
            return found
        row = ShopTool(number=int(number), name=f"Tool {int(number)}", kind="other")
        session.add(row)
        session.flush()
        return row.id


def known_word(name: str, text: str) -> str:
    """The twin's word for a material or an operation, else the text itself."""
    try:
        return material(text).key if name == "material" else operation(text).value
    except InvalidInput:
        return text.strip()[:60]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
