"""Whether each store answers, for `/health`, the command line and the health page."""

import time
from dataclasses import asdict
from typing import Any

from analytics.errors import StoreUnavailable
from app.auth.permissions import Permission
from app.bootstrap import Access, Gemba
from data.queries.plant import factory_slugs
from data.relational.health import relational_health

NOBODY = "nobody"
"""A factory that does not exist: the store is asked about itself."""


def report(gemba: Gemba) -> dict[str, Any]:
    """One entry per store and a word for all: "ok" or "degraded"."""
    stores = {
        "relational": relational_health(gemba.database.engine),
        "telemetry": _telemetry(gemba),
        "documents": asdict(gemba.documents.health()),
    }
    reachable = all(store["reachable"] for store in stores.values())
    return {"status": "ok" if reachable else "degraded", "stores": stores}


def report_for(access: Access) -> dict[str, Any]:
    """The same for somebody who is logged in, with the background services of this process."""
    access.require(Permission.SEE_HEALTH)
    services = {name: asdict(state) for name, state in sorted(access.gemba.services.items())}
    return {**report(access.gemba), "services": services}


def _telemetry(gemba: Gemba) -> dict[str, Any]:
    """The store as a whole: sizes and backlog summed over the factories."""
    try:
        with gemba.database.read(None) as session:
            slugs = factory_slugs(session)
    except StoreUnavailable:
        # Which factories there are is in the other store; whether this one answers can be asked without.
        slugs = []
    started = time.perf_counter()
    found = [gemba.telemetry.health(slug) for slug in slugs or [NOBODY]]
    latency_ms = round((time.perf_counter() - started) * 1000 / len(found), 2)
    newest = [each.newest_us for each in found if each.newest_us is not None]
    return {
        **asdict(found[0]),
        "latency_ms": latency_ms,
        "reachable": all(each.reachable for each in found),
        "points": sum(each.points for each in found),
        "size_bytes": sum(each.size_bytes for each in found),
        "backlog": sum(each.backlog for each in found),
        "newest_us": max(newest, default=None),
    }
