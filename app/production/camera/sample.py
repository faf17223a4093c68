"""The reference's sample data, for clients that begin with `/api/seed`; in demo mode only."""

from datetime import timedelta
from typing import Final

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.camera.directory import name_workers, place_stations
from app.production.camera.intake import keep
from data.contracts.messages import ActivityMessage
from data.models import to_us

MODEL: Final = "sample"
HOURS: Final = range(8, 17)
WORKERS: Final = {
    "W1": "Alice Johnson",
    "W2": "Bob Smith",
    "W3": "Carol Davis",
    "W4": "David Wilson",
    "W5": "Emma Brown",
    "W6": "Frank Miller",
}
STATIONS: Final = {
    "S1": ("Assembly Line 1", "assembly"),
    "S2": ("Assembly Line 2", "assembly"),
    "S3": ("Quality Check", "inspection"),
    "S4": ("Packaging", "packaging"),
    "S5": ("Welding Station", "welding"),
    "S6": ("Testing Station", "testing"),
}


def seed(access: Access) -> int:
    """Add six workers, six workstations and the events of yesterday and the day before; again: nothing new.

    Returns how many events are new. Raises NotFound outside demo mode, Forbidden.
    """
    access.require(Permission.MANAGE_MACHINES)
    if not access.gemba.settings.demo:
        raise NotFound("Sample data can be made in demo mode only.")
    with access.write() as session:
        name_workers(session, access.now, WORKERS)
        place_stations(session, access.now, STATIONS)
        stored = keep(session, _events(access), to_us(access.now), discover=True).stored
        access.audit(session, "productivity.seed", ("factory", access.factory.slug), after={"events": stored})
    return stored


def _events(access: Access) -> list[ActivityMessage]:
    midnight = access.now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for back in (2, 1):
        for hour in HOURS:
            for number, (worker, station) in enumerate(zip(WORKERS, STATIONS, strict=True)):
                begin = midnight - timedelta(days=back) + timedelta(hours=hour)
                told: list[tuple[int, str, float, float | None]] = [(0, "working", 0.95, None)]
                told += [(15, "idle", 0.88, None)] if hour % 3 == 0 else []
                told += [(30, "product_count", 0.92, 5.0 + (number + hour) % 6)] if hour % 2 == 0 else []
                for minute, kind, confidence, count in told:
                    at_us = to_us(begin + timedelta(minutes=minute))
                    found.append(
                        ActivityMessage(station, at_us, kind, worker, confidence, count, model=MODEL)
                    )
    return found
