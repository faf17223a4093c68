"""The health of machines and of the plant, with what it is made of."""

from dataclasses import dataclass

from app.alerts.standing import Standing, standings
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.measured.presence import Presence, presences
from app.production.plant import plant
from data.models import to_us


@dataclass(frozen=True, slots=True)
class Health:
    """One machine: its score from 0 to 100, its active alerts, and whether it was heard in five minutes."""

    key: str
    score: int
    standing: Standing
    is_heard: bool


def healths(access: Access) -> tuple[Health, ...]:
    """How healthy is each machine in use? See `Standing.health` for what an alert and silence cost."""
    access.require(Permission.SEE_PLANT)
    heard, standing = presences(access), standings(access)
    now_us = to_us(access.now)
    found = []
    for machine in plant(access).active:
        is_heard = heard.get(machine.device_key, Presence()).is_fresh(now_us)
        own = standing.get(machine.id, Standing())
        found.append(Health(machine.device_key, own.health(is_heard=is_heard), own, is_heard))
    return tuple(found)


def plant_health(found: tuple[Health, ...]) -> int:
    """The mean of the machines' scores; 100 where there is none."""
    return round(sum(one.score for one in found) / len(found)) if found else 100
