"""Activity events of cameras, and the workers that they speak of."""

from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.vocabulary import ACTIVITIES
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.imports.rows.wall import local
from app.production.camera.directory import KEY_LENGTH, name_workers
from app.production.camera.intake import keep
from data.contracts.messages import ActivityMessage
from data.models import from_us

TEXTS: Final = ("worker", "workstation", "model", "event_id")


class ActivityIntake:
    """An event says what a worker did at a workstation from its time on, or how many units were made.

    A known event id (without one: the same time, worker, workstation and kind) changes nothing.
    """

    def __init__(self, job: Job) -> None:
        self._job = job

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        places, messages = self._messages(Reading(self._job, chunk, faults))
        kept = keep(session, messages, self._job.now_us, discover=True, load=self._job.load)
        for place, sentence in kept.refused:
            faults.one(places[place], "worker", sentence)
        return Taken(kept.stored, kept.unchanged, preview=self._preview(messages[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _messages(self, reading: Reading) -> tuple[list[int], list[ActivityMessage]]:
        at_us = reading.instant("time")
        column = reading.needed("event_type").to_pylist()
        types = [text.casefold().replace(" ", "_") for text in column]
        unknown = np.array([bool(one) and one not in ACTIVITIES for one in types], np.bool_)
        reading.faults.at(
            unknown, "event_type", lambda at: f"{shown(column[at])} is none of {', '.join(ACTIVITIES)}."
        )
        count, confidence = reading.number("count"), reading.number("confidence")
        reading.faults.at(confidence > 1, "confidence", "A confidence lies between 0 and 1.")
        texts = {name: reading.text(name).to_pylist() for name in TEXTS}
        places = np.flatnonzero(reading.faults.good).tolist()
        return places, [
            ActivityMessage(
                machine=texts["workstation"][place],
                time_us=int(at_us[place]),
                event_type=types[place],
                worker=texts["worker"][place],
                confidence=None if np.isnan(confidence[place]) else float(confidence[place]),
                count=None if np.isnan(count[place]) else float(count[place]),
                event_id=texts["event_id"][place],
                model=texts["model"][place],
            )
            for place in places
        ]

    def _preview(self, messages: list[ActivityMessage]) -> pd.DataFrame:
        times = np.array([one.time_us for one in messages], np.int64)
        return pd.DataFrame(
            {
                "Time": local(times, self._job.access.factory.zone),
                "Worker": [one.worker for one in messages],
                "Workstation": [one.machine for one in messages],
                "Event": [one.event_type for one in messages],
                "Units": [one.count for one in messages],
                "Confidence": [one.confidence for one in messages],
            }
        )


class WorkerIntake:
    """A worker is listed under a pseudonym; the name is kept apart."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`; a name that is known already changes nothing."""
        reading = Reading(self._job, chunk, faults)
        keys = reading.needed("worker").to_pylist()
        names = reading.text("name").to_pylist()
        long = np.array([len(key) > KEY_LENGTH for key in keys], np.bool_)
        reading.faults.at(long, "worker", f"A worker's key has at most {KEY_LENGTH} characters.")
        places = np.flatnonzero(reading.faults.good).tolist()
        given = {keys[place]: names[place][:200] for place in places}
        new = name_workers(session, from_us(self._job.now_us), given) if self._job.load else len(given)
        shown_rows = {"Worker": list(given)[:PREVIEW_ROWS]}
        return Taken(new, len(places) - new, preview=pd.DataFrame(shown_rows))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()
