"""Whether each store answers, for `/health`, the command line and the health page."""

from dataclasses import asdict
from typing import Any

from analytics.errors import StoreUnavailable
from app.bootstrap import Gemba
from data.queries.plant import factory_slugs
from data.relational.health import relational_health


def report(gemba: Gemba) -> dict[str, Any]:
    """One entry per store and a word for all: "ok" or "degraded"."""
    stores = {
        "relational": relational_health(gemba.database.engine),
        "telemetry": _telemetry(gemba),
        "documents": asdict(gemba.documents.health()),
    }
    reachable = all(store["reachable"] for store in stores.values())
    return {"status": "ok" if reachable else "degraded", "stores": stores}


def _telemetry(gemba: Gemba) -> dict[str, Any]:
    """The store as a whole: sizes and backlog summed over the factories."""
    try:
        with gemba.database.read(None) as session:
            slugs = factory_slugs(session)
        found = [gemba.telemetry.health(slug) for slug in slugs]
    except StoreUnavailable as error:
        return {"reachable": False, "detail": str(error)}
    if not found:
        return {"reachable": True, "points": 0}
    newest = [each.newest_us for each in found if each.newest_us is not None]
    return {
        **asdict(found[0]),
        "reachable": all(each.reachable for each in found),
        "points": sum(each.points for each in found),
        "size_bytes": sum(each.size_bytes for each in found),
        "backlog": sum(each.backlog for each in found),
        "newest_us": max(newest, default=None),
    }
