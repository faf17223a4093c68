"""The health of machines and of the plant, with what it is made of."""

from dataclasses import dataclass
from typing import Final

from app.alerts.standing import Standing, standings
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.measured.presence import Presence, presences
from app.production.plant import plant
from data.models import to_us

USUAL: Final = 3
"""The importance of a machine of which nobody has said another."""
NOTHING: Final = Standing()


@dataclass(frozen=True, slots=True)
class Health:
    """One machine: its score from 0 to 100, its active alerts, and whether it was heard in five minutes."""

    key: str
    score: int
    standing: Standing
    is_heard: bool
    importance: int = USUAL


@dataclass(frozen=True, slots=True)
class PlantHealth:
    """The plant: its score from 0 to 100, and what pulls it down, machine by machine."""

    score: int
    machines: tuple[Health, ...]
    together: Standing = NOTHING
    """The alerts of several machines together, which are no one machine's."""


def healths(access: Access) -> tuple[Health, ...]:
    """How healthy is each machine in use? See `Standing.health` for what an alert and silence cost."""
    access.require(Permission.SEE_PLANT)
    heard, standing = presences(access), standings(access)
    now_us = to_us(access.now)
    found = []
    for machine in plant(access).active:
        is_heard = heard.get(machine.device_key, Presence()).is_fresh(now_us)
        own = standing.get(machine.id, NOTHING)
        score = own.health(is_heard=is_heard)
        found.append(Health(machine.device_key, score, own, is_heard, machine.importance))
    return tuple(found)


def plant_health(access: Access) -> PlantHealth:
    """How healthy is the plant? 100, less what the alerts and the silence of all its machines cost.

    FactoryOps' sum: 5 points an active critical alert, 2 a high one, 1 a machine that is not heard, each
    weighted by the machine's importance (1 to 5, the usual 3 weighs 1); at least 0. Alerts of several
    machines together weigh 1.
    """
    machines, together = healths(access), standings(access).get(None, NOTHING)
    return PlantHealth(_score(machines, together), machines, together)


def _score(machines: tuple[Health, ...], together: Standing) -> int:
    lost = sum(one.importance / USUAL * (one.standing.cost + (not one.is_heard)) for one in machines)
    return max(0, round(100 - lost - together.cost))
