"""When each machine was last heard, and the power that it draws: for lists that are asked again and again."""

import time
from dataclasses import dataclass
from typing import Final

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.measured.energy import powers
from app.production.plant import Plant, plant
from data.models import to_us

REMEMBER_S: Final = 2.0
STALE_US: Final = 300_000_000
"""A value older than five minutes no longer says how things are now; such a machine counts as offline."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What the newest values of one machine say; `power_kw` is None without a fresh value of power."""

    last_seen_us: int | None = None
    power_kw: float | None = None

    def is_fresh(self, now_us: int) -> bool:
        """Whether the machine was heard in the last five minutes."""
        return self.last_seen_us is not None and now_us - self.last_seen_us <= STALE_US


_remembered: dict[tuple[int, int], tuple[float, dict[str, Presence]]] = {}


def presences(access: Access) -> dict[str, Presence]:
    """The presence of every machine that ever sent a value, by key; remembered for two seconds."""
    access.require(Permission.SEE_PLANT)
    key = (access.gemba.database.number, access.factory.id)
    found = _remembered.get(key)
    if found is None or time.monotonic() - found[0] > REMEMBER_S:
        found = (time.monotonic(), _read(access, plant(access)))
        _remembered[key] = found
    return found[1]


def _read(access: Access, known: Plant) -> dict[str, Presence]:
    now_us = to_us(access.now)
    latest = access.gemba.telemetry.latest(access.factory.slug)
    power = powers(known)
    found: dict[str, Presence] = {}
    rows = zip(
        latest["machine"].tolist(),
        latest["parameter"].tolist(),
        latest["time_us"].tolist(),
        latest["value"].tolist(),
        strict=True,
    )
    for machine, parameter, time_us, value in rows:
        before = found.get(machine, Presence())
        kilowatts = before.power_kw
        key, factor = power.get(machine, ("", 0.0))
        if key and key == parameter and now_us - time_us <= STALE_US:
            kilowatts = float(value) * factor if isinstance(value, int | float) else None
        found[machine] = Presence(max(time_us, before.last_seen_us or time_us), kilowatts)
    return found
