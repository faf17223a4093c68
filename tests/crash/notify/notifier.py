"""A notifier in a process of its own, to be killed."""

from multiprocessing.synchronize import Event
from pathlib import Path

from app.bootstrap import wire
from app.notify.delivery import round_of
from app.settings import Settings


def deliver(home: Path, host: str, begun: Event) -> None:
    """Deliver until killed; sets `begun` when it begins."""
    gemba = wire(
        Settings(
            home=home, database_url="", telemetry_url="", documents_url="", notify_allow_hosts=host,
            notify_group_s=0, notify_storm_alerts=100_000, notify_retry_s=0.05,
        ),
        telemetry_read_only=True,
    )  # fmt: skip
    begun.set()
    while True:
        round_of(gemba, ["north"])
