"""The plant in a few numbers: machines heard, power and energy, alerts, health."""

import time
from datetime import datetime
from typing import Any, Final

from app.alerts.health import plant_health
from app.alerts.standing import standings
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question
from app.production.measured.energy import energy, powers
from app.production.measured.presence import presences
from app.production.plant import Plant, plant
from data.models import to_us

REMEMBER_S: Final = 15.0
_energy: dict[tuple[int, int], tuple[float, float | None]] = {}


def summary(access: Access) -> dict[str, Any]:
    """How does the plant stand now? Counts of active machines; energy is None where none tells its power."""
    access.require(Permission.SEE_PLANT)
    known, heard, standing, health = plant(access), presences(access), standings(access), plant_health(access)
    present = [heard[one.device_key] for one in known.active if one.device_key in heard]
    power = [one.power_kw for one in present if one.power_kw is not None]
    counts = [one.counts for one in standing.values()]
    live = sum(one.is_heard for one in health.machines)
    return {
        "total_devices": len(known.active),
        "active_devices": live,
        "offline_devices": len(health.machines) - live,
        "current_energy_kw": round(sum(power), 3) if power else None,
        "energy_today_kwh": _energy_today(access, known),
        "active_alerts": sum(one.active for one in standing.values()),
        "critical_alerts": sum(one.get("critical", 0) for one in counts),
        "high_alerts": sum(one.get("high", 0) for one in counts),
        "health_score": health.score,
    }


def _energy_today(access: Access, known: Plant) -> float | None:
    """Kilowatt hours since local midnight over the machines that tell their power; remembered shortly."""
    key = (access.gemba.database.number, access.factory.id)
    found = _energy.get(key)
    if found is not None and time.monotonic() - found[0] < REMEMBER_S:
        return found[1]
    total = _measured(access, known)
    _energy[key] = (time.monotonic(), total)
    return total


def _measured(access: Access, known: Plant) -> float | None:
    told = powers(known)
    if not any(one.device_key in told for one in known.active):
        return None
    zone = access.factory.zone
    midnight = datetime.combine(access.now.astimezone(zone).date(), datetime.min.time(), zone)
    begin, end = to_us(midnight), to_us(access.now)
    if end <= begin:
        return 0.0
    return round(float(energy(access, Question(begin, end))["kwh"].sum()), 3)
