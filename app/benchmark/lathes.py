"""Live lathes: do as many as a factory may have keep pace with the clock, at a thousand times its speed?"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select

from analytics.errors import Conflict
from app.auth.sessions import service
from app.bootstrap import Access, wire
from app.people.first import first_administrator
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.services import LATHES_EVERY_S
from app.settings import Settings
from app.simulate.lathes.drafts import StartDraft
from app.simulate.lathes.service import LatheService
from app.simulate.lathes.store import list_simulations, start
from app.simulate.lathes.watching import add_lathe
from data.models import Alert, to_us

SLUG: Final = "plant"
SECONDS: Final = 30.0
INTERVAL_S: Final = 1.0
SPEED: Final = 1_000.0
WORN: Final[dict[str, Any]] = {
    "conditions": {"parameter": "tool_wear_mm", "operator": "gt", "threshold": 0.25, "exit": 0.1},
    "severity": "high",
}


@dataclass(slots=True)
class Pace:
    """How far behind the clock the slowest lathe was after each round, and what the rounds took (seconds)."""

    behind_s: list[float] = field(default_factory=list)
    round_s: list[float] = field(default_factory=list)
    rules_s: list[float] = field(default_factory=list)


def run(lathes: int, seconds: float = SECONDS) -> Iterator[str]:
    """Yields one line per figure; `lathes` of one factory run for `seconds`, then one more is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder), database_url="", telemetry_url="", documents_url="", mqtt_url="",
            simulation_interval_s=INTERVAL_S, simulation_most=lathes,
        )  # fmt: skip
        gemba = wire(settings)
        try:
            first_administrator(gemba.database, gemba.clock())
            principal = service(gemba.database, SLUG, "benchmark")
            assert principal is not None  # noqa: S101 - the administrator's factory
            access = Access(gemba, principal)
            _started(access, lathes, seconds)
            yield f"{lathes} lathes at {SPEED:,.0f} times the clock, a reading each {INTERVAL_S:g} s"
            yield from _told(access, _moved(access, seconds), seconds)
            yield f"one more: {_refused(access)}"
        finally:
            gemba.close()


def _started(access: Access, lathes: int, seconds: float) -> None:
    for number in range(lathes):
        start(access, _draft(add_lathe(access), number, seconds))
    add_rule(access, Draft("Worn edge", WORN, scope="global"))


def _draft(lathe: str, seed: int, seconds: float) -> StartDraft:
    return StartDraft(lathe, "Mild Steel", "turning", 5, 2 * seconds * SPEED, SPEED, seed=seed)


def _moved(access: Access, seconds: float) -> Pace:
    """Rounds of the service and of the rules, as often as the server makes them."""
    lathes, rules, pace = LatheService(access.gemba), RuleRuntime(access), Pace()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        lathes.round()
        moved = time.perf_counter()
        rules.round(access)
        done = time.perf_counter()
        pace.round_s.append(moved - begun)
        pace.rules_s.append(done - moved)
        slowest = min(one.last_us for one in list_simulations(access, alive_only=True))
        pace.behind_s.append((to_us(access.now) - slowest) / 1e6)
        time.sleep(max(LATHES_EVERY_S - (time.perf_counter() - begun), 0.0))
    return pace


def _told(access: Access, pace: Pace, seconds: float) -> Iterator[str]:
    values = access.gemba.telemetry.read(SLUG, 0, 2**62)
    known = list_simulations(access, alive_only=True)
    hours = sum(one.position_s for one in known) / 3_600
    with access.read() as session:
        alerts = session.scalar(select(func.count(Alert.id)))
    worst, most = max(pace.behind_s), max(pace.round_s)
    yield (
        f"behind the clock: median {np.median(pace.behind_s):.2f} s, at most {worst:.2f} s "
        f"(a reading is due each {INTERVAL_S:g} s, a round each {LATHES_EVERY_S:g} s)"
    )
    yield (
        f"a round: median {1e3 * np.median(pace.round_s):.0f} ms, at most {1e3 * most:.0f} ms; "
        f"of the rules: median {1e3 * np.median(pace.rules_s):.0f} ms"
    )
    yield (
        f"{len(values):,} values through the intake ({len(values) / seconds:,.0f}/s), "
        f"{hours:,.0f} lathe hours, {sum(one.parts for one in known):,} parts, {alerts} alerts of worn edges"
    )


def _refused(access: Access) -> str:
    """What is said to who asks for one more; that it is taken is told as well."""
    try:
        start(access, _draft(add_lathe(access), 0, 60.0))
    except Conflict as error:
        return f"refused, '{error}'"
    return "taken, although that is one too many"
