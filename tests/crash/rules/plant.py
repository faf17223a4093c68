"""A plant whose samples come on a virtual clock, with rules that run beside them until they are killed."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from app.auth.sessions import service
from app.bootstrap import Access, Gemba, wire
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.settings import Settings
from data.models import Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry import Batch
from tests.conftest import make_factory

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
EVERY_S = 5
CYCLES = int(os.environ.get("GEMBA_TEST_KILLS", "20"))
SAMPLES = max(800, 40 * CYCLES)
SECOND = 1_000_000
BODIES: tuple[dict[str, Any], ...] = (
    {"conditions": {"parameter": "temp", "operator": "gt", "threshold": 60, "exit": 55},
     "severity": "high", "cooldown_minutes": 0},
    {"levels": [
        {"severity": "low",
         "conditions": {"parameter": "temp", "operator": "gt", "threshold": 52, "for_s": 20}},
        {"severity": "critical", "conditions": {"kind": "aggregate", "parameter": "temp", "measure": "mean",
                                                "operator": "gt", "threshold": 58, "window_s": 60}},
     ], "cooldown_minutes": 1, "off_delay_s": 15},
)  # fmt: skip


def drafts() -> list[Draft]:
    return [Draft(f"Rule {n}", body, scope="global") for n, body in enumerate(BODIES)]


def opened(home: Path, now: datetime) -> tuple[Gemba, Access, list[datetime]]:
    """The plant with a clock that the caller moves."""
    clock = [now]
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""), lambda: clock[0])
    principal = service(gemba.database, "north", "rules")
    assert principal is not None
    return gemba, Access(gemba, principal), clock


def made(home: Path) -> None:
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""), lambda: START)
    number = make_factory(gemba, "north")
    with gemba.database.write(number) as session:
        from data.models import Machine

        for machine in session.query(Machine).all():
            session.add(Parameter(machine_id=machine.id, key="temp", unit="°C"))
        bump(session, {CONFIGURATION_DAY})
    principal = service(gemba.database, "north", "rules")
    assert principal is not None
    for draft in drafts():
        add_rule(Access(replace(gemba), principal), draft)
    gemba.close()


def values(machine: int) -> list[float]:
    chance = np.random.default_rng(machine)
    wave = 50 + 12 * np.sin(np.arange(SAMPLES) / (20 + 5 * machine))
    return [float(v) for v in wave + chance.normal(0, 2, SAMPLES)]


def run_until_killed(home: Path) -> None:
    """Go on with the stream behind the newest stored sample, a round of the rules after each one."""
    gemba, access, clock = opened(home, START)
    latest = gemba.telemetry.latest("north")
    start_us = to_us(START)
    newest = max(latest["time_us"].tolist(), default=start_us)
    first = (newest - start_us) // (EVERY_S * SECOND)
    clock[0] = START + timedelta(seconds=EVERY_S * first)
    runtime = RuleRuntime(access)
    streams = [values(1), values(2)]
    for n in range(max(first, 1), SAMPLES):
        at = start_us + n * EVERY_S * SECOND
        clock[0] = START + timedelta(seconds=EVERY_S * n + 1)
        pair = [streams[0][n], streams[1][n]]
        batch = Batch.of(["m1", "m2"], ["temp", "temp"], [at, at], pair, latest_us=at + SECOND)
        gemba.telemetry.append("north", batch)
        runtime.round(access)
    gemba.close()
