"""What cameras saw in the demo plant: sent through the intake of all camera events."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from analytics.twin.plant import PlantModel, activities, staff
from analytics.vocabulary import ACTIVITY_WORDS
from app.production.camera.directory import name_workers
from app.production.camera.intake import keep
from data.contracts.messages import ActivityMessage
from data.models import from_us

DAY_US: Final = 86_400_000_000
WATCHED_DAYS: Final = 28
"""The cameras hang since so many days before the history's end."""


def activity_messages(model: PlantModel, start_us: int, end_us: int) -> Iterator[ActivityMessage]:
    """The camera events of all machines in [start_us, end_us)."""
    for machine in model.machines:
        for one in activities(model, machine, start_us, end_us):
            yield ActivityMessage(
                machine=machine.key,
                time_us=one.at_us,
                event_type=ACTIVITY_WORDS[one.kind],
                worker=one.worker,
                confidence=one.confidence,
                count=one.count,
                model=one.model,
            )


def add_people(session: Session, model: PlantModel, start_us: int, end_us: int) -> None:
    """Add the workers with their names, and what cameras saw of them, in the caller's transaction."""
    name_workers(session, from_us(end_us), staff(model))
    first_us = max(start_us, end_us - WATCHED_DAYS * DAY_US)
    for begin in range(first_us, end_us, DAY_US):
        end = min(begin + DAY_US, end_us)
        keep(session, list(activity_messages(model, begin, end)), begin, discover=True)
