"""Whether each store answers, for `/health`, the command line and the health page."""

from dataclasses import asdict
from typing import Any

from analytics.errors import StoreUnavailable
from app.bootstrap import Gemba
from data.relational.health import relational_health


def report(gemba: Gemba) -> dict[str, Any]:
    """One entry per store and a word for all: "ok" or "degraded"."""
    stores = {"relational": relational_health(gemba.database.engine), "telemetry": _telemetry(gemba)}
    reachable = all(store["reachable"] for store in stores.values())
    return {"status": "ok" if reachable else "degraded", "stores": stores}


def _telemetry(gemba: Gemba) -> dict[str, Any]:
    try:
        return asdict(gemba.telemetry.health())
    except StoreUnavailable as error:
        return {"reachable": False, "detail": str(error)}
