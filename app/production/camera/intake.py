"""Where all camera events come in, whichever way they came: each is kept once, late ones too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from analytics.vocabulary import ACTIVITIES
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.production.camera.directory import KEY_LENGTH, Listed, discovered, known
from data.contracts.messages import ActivityMessage
from data.documents.document import KEY_LENGTH as EVENT_KEY
from data.documents.document import content_key
from data.models import CameraModel, from_us, to_us
from data.queries import activity as queries

LATE_US: Final = 3_600_000_000
"""An event that comes this long after its time counts as late."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of events: `stored` and `unchanged` count them, `refused` says why, by position."""

    stored: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, str], ...] = ()


def event_key(message: ActivityMessage) -> str:
    """The sender's id of an event or, where it gave none, the hash of its time, worker, station and kind."""
    return message.event_id or content_key(
        str(message.time_us), message.worker, message.machine, message.event_type
    )


def ingest_activities(gemba: Gemba, factory: FactoryProfile, messages: Sequence[ActivityMessage]) -> Kept:
    """Keep events in one transaction; workers and workstations that nobody listed are listed now.

    Raises StoreUnavailable; then nothing is stored.
    """
    if not messages:
        return Kept()
    with gemba.database.write(factory.id) as session:
        return keep(session, messages, to_us(gemba.clock()), discover=True)


def keep(
    session: Session, messages: Sequence[ActivityMessage], now_us: int, *, discover: bool, load: bool = True
) -> Kept:
    """Keep events in the caller's transaction; a key that is known changes nothing, also within these.

    With `discover`, workers, workstations and models that are not listed are listed; without, an event of a
    worker or workstation that is not listed is refused. Event time decides; order and lateness do not matter.
    Without `load` nothing is written.
    """
    refused = [(place, said) for place, one in enumerate(messages) if (said := _problem(one))]
    bad = {place for place, _ in refused}
    good = [(place, one) for place, one in enumerate(messages) if place not in bad]
    columns = [
        sorted({getattr(one, name) for _, one in good} - {""}) for name in ("worker", "machine", "model")
    ]
    listed = known(session, *columns)
    if not discover:
        strange = [(place, said) for place, one in good if (said := _unlisted(one, listed))]
        refused += strange
        bad |= {place for place, _ in strange}
        good = [(place, one) for place, one in good if place not in bad]
    if load and good:
        listed = discovered(session, from_us(now_us), *columns) if discover else _with_models(session, good)
    seen = queries.known_keys(session, sorted({event_key(one) for _, one in good}))
    rows = []
    for _, one in good:
        key = event_key(one)
        if key not in seen:
            seen.add(key)
            rows.append(_row(one, key, listed, now_us) if load else {})
    if load:
        queries.add_events(session, rows, now_us - LATE_US)
    return Kept(len(rows), len(good) - len(rows), tuple(sorted(refused)))


def _problem(one: ActivityMessage) -> str:
    if one.event_type not in ACTIVITIES:
        return f"An event is one of {', '.join(ACTIVITIES)}."
    if len(event_key(one)) > EVENT_KEY:
        return f"An event id has at most {EVENT_KEY} characters."
    if max(len(one.worker), len(one.machine)) > KEY_LENGTH or len(one.model) > 120:
        return f"Keys of workers and workstations have at most {KEY_LENGTH} characters."
    if not one.worker and not one.machine:
        return "An event names a worker, a workstation or both."
    return ""


def _with_models(session: Session, good: Sequence[tuple[int, ActivityMessage]]) -> Listed:
    """The ids that these events need; a version of a model is listed when it first speaks."""
    names = ("worker", "machine", "model")
    workers, stations, models = ({getattr(one, name) for _, one in good} - {""} for name in names)
    for key in sorted(models - set(known(session, (), (), models).models)):
        session.add(CameraModel(key=key))
    session.flush()
    return known(session, workers, stations, models)


def _unlisted(one: ActivityMessage, listed: Listed) -> str:
    if one.worker and one.worker not in listed.workers:
        return f"There is no worker '{one.worker}' in this factory."
    if one.machine and one.machine not in listed.stations:
        return f"There is no workstation '{one.machine}' in this factory."
    return ""


def _row(one: ActivityMessage, key: str, listed: Listed, now_us: int) -> dict[str, Any]:
    return {
        "key": key,
        "at_us": one.time_us,
        "kind": int(ACTIVITIES[one.event_type]),
        "worker_id": listed.workers.get(one.worker),
        "station_id": listed.stations.get(one.machine),
        "model_id": listed.models.get(one.model),
        "count": one.count,
        "confidence": one.confidence,
        "received_us": now_us,
    }
