"""Workers and workstations: listed by hand, by an import, or when the first event speaks of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import CameraModel, Worker, WorkerName, Workstation
from data.queries import activity as queries

KEY_LENGTH: Final = 120
LEAST_REASON: Final = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """The ids of workers, workstations and models by their keys."""

    workers: Mapping[str, int]
    stations: Mapping[str, int]
    models: Mapping[str, int]


def known(session: Session, workers: Iterable[str], stations: Iterable[str], models: Iterable[str]) -> Listed:
    """Those of the keys that are listed."""
    return Listed(
        queries.ids_of(session, Worker, workers),
        queries.ids_of(session, Workstation, stations),
        queries.ids_of(session, CameraModel, models),
    )


def discovered(
    session: Session, now: datetime, workers: Iterable[str], stations: Iterable[str], models: Iterable[str]
) -> Listed:
    """All of the keys, listed now where they were not.

    A worker gets the next pseudonym; a workstation with the key of a machine stands at that machine.
    """
    workers, stations, models = ({key for key in keys if key} for keys in (workers, stations, models))
    found = known(session, workers, stations, models)
    add_workers(session, now, workers - set(found.workers))
    missing = sorted(stations - set(found.stations))
    places = queries.places_of(session, missing) if missing else {}
    for key in missing:
        name, kind, machine, line = places.get(key, ("", "", None, None))
        session.add(
            Workstation(key=key, name=name, type=kind, machine_id=machine, line_id=line, created_at=now)
        )
    for key in sorted(models - set(found.models)):
        session.add(CameraModel(key=key))
    session.flush()
    return known(session, workers, stations, models)


def add_workers(session: Session, now: datetime, keys: Iterable[str]) -> None:
    """List workers under the next free pseudonyms."""
    number = queries.number_of_workers(session)
    for key in sorted(set(keys)):
        number += 1
        session.add(Worker(key=key, pseudonym=f"Worker {number:02d}", created_at=now))
    session.flush()


def name_workers(session: Session, now: datetime, names: Mapping[str, str]) -> int:
    """List workers and keep their real names apart; returns how many names are new or changed."""
    found = discovered(session, now, names, (), ())
    rows = {row.worker_id: row for row in session.scalars(select(WorkerName))}
    changed = 0
    for key, name in names.items():
        number = found.workers[key]
        row = rows.get(number)
        if not name or (row is not None and row.name == name):
            continue
        changed += 1
        if row is None:
            session.add(WorkerName(worker_id=number, name=name))
        else:
            row.name = name
    session.flush()
    return changed


def place_stations(session: Session, now: datetime, given: Mapping[str, tuple[str, str]]) -> int:
    """List workstations with (name, type); returns how many are new or changed."""
    discovered(session, now, (), given, ())
    changed = 0
    for row in session.scalars(select(Workstation).where(Workstation.key.in_(list(given)))):
        name, kind = given[row.key]
        if (name and row.name != name) or (kind and row.type != kind):
            row.name, row.type = name or row.name, kind or row.type
            changed += 1
    session.flush()
    return changed


def workers(access: Access) -> list[Worker]:
    """The workers under their pseudonyms, by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return queries.worker_rows(session)


def stations(access: Access) -> list[Workstation]:
    """The workstations, by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return queries.station_rows(session)


def real_names(access: Access, reason: str) -> dict[str, str]:
    """The real names of workers by key, for somebody who may see them and says why.

    Each look is an audit entry with the reason. Raises Forbidden; InvalidInput without a reason of at least
    eight characters.
    """
    access.require(Permission.SEE_NAMED_PEOPLE)
    said = " ".join(reason.split())
    if not LEAST_REASON <= len(said) <= 300:
        raise InvalidInput.at("reason", "Say in 8 to 300 characters why the names are needed.")
    with access.write() as session:
        keys = {row.id: row.key for row in queries.worker_rows(session)}
        found = {keys[row.worker_id]: row.name for row in session.scalars(select(WorkerName))}
        access.audit(
            session,
            "people.names",
            ("factory", access.factory.slug),
            after={"reason": said, "workers": len(found)},
        )
    return found
