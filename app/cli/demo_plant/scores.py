"""Machines of the demo plant that are scored for anomalies while they run."""

from typing import Final

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask
from app.predict.anomaly.live import live_detectors
from app.production.plant import plant

MACHINES: Final = ("finish-1", "press-1", "lathe-1")
LEAST_DAYS: Final = 5
MOST_DAYS: Final = 14


def add_demo_scores(gemba: Gemba, slug: str, days: int) -> None:
    """Ask once for the detectors of some machines; the job runs when the plant is served.

    A history of less than five days teaches too little.
    """
    principal = service(gemba.database, slug, "demo")
    if principal is None or days < LEAST_DAYS:
        return
    access = Access(gemba, principal)
    machines = [key for key in MACHINES if key in plant(access).machine_by_key]
    if machines and not live_detectors(access):
        given = {"machines": machines, "normal_days": min(days - 2, MOST_DAYS)}
        ask(access, Asked("live_scores", given, idempotency_key=f"demo-scores-{days}"))
