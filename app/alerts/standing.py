"""How the machines stand: their active alerts by severity, and the health that follows from them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Alert

REMEMBER_S: Final = 2.0
COSTS: Final = {"high": 2, "critical": 5}
"""Points of health that an active alert costs, as FactoryOps counts them; lower severities cost none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The active alerts of one machine, by severity."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def active(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    def health(self, *, is_heard: bool) -> int:
        """100, less what its alerts cost, less one point for a machine that is not heard; at least 0."""
        return max(0, 100 - self.cost - (0 if is_heard else 1))

    @property
    def cost(self) -> int:
        """The points that the alerts cost."""
        return sum(COSTS.get(severity, 0) * count for severity, count in self.counts.items())


_remembered: dict[tuple[int, int], tuple[float, int, dict[int | None, Standing]]] = {}


def standings(access: Access) -> dict[int | None, Standing]:
    """The standing of every machine with an active alert (None: of several together), by id."""
    access.require(Permission.SEE_PLANT)
    key = (access.gemba.database.number, access.factory.id)
    found = _remembered.get(key)
    writes = access.gemba.database.writes
    if found is None or found[1] != writes or time.monotonic() - found[0] > REMEMBER_S:
        fresh = _read(access)
        if found is not None and found[2] == fresh:
            fresh = found[2]
        found = (time.monotonic(), writes, fresh)
        _remembered[key] = found
    return found[2]


def _read(access: Access) -> dict[int | None, Standing]:
    with access.read() as session:
        rows = session.execute(
            select(Alert.machine_id, Alert.severity, func.count())
            .where(
                Alert.cleared_us.is_(None),
                Alert.is_withdrawn.is_(False),
                Alert.resolved_at.is_(None),
                Alert.is_suppressed.is_(False),
                Alert.is_out_of_service.is_(False),
            )
            .group_by(Alert.machine_id, Alert.severity)
        ).all()
    counts: dict[int | None, dict[str, int]] = {}
    for machine, severity, count in rows:
        counts.setdefault(machine, {})[severity] = int(count)
    return {machine: Standing(own) for machine, own in counts.items()}
