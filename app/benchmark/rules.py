"""Rules: how long a look back takes, and how fast live evaluation follows, against a plain loop."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from analytics.rules import Inputs, Series, fresh_state, parse_rule, step
from app.auth.sessions import service
from app.bootstrap import Access, wire
from app.people.first import first_administrator
from app.rules.backtest import look_back
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.settings import Settings
from data.models import Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry import Batch

MACHINES: Final = 12
DAYS: Final = 90
SECOND: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND
EVERY_S: Final = 10
SLUG: Final = "plant"
THRESHOLD: Final[dict[str, Any]] = {
    "conditions": {"parameter": "p0", "operator": "gt", "threshold": 53.2, "exit": 52.0, "for_s": 20},
    "severity": "high",
}
WINDOW: Final[dict[str, Any]] = {
    "conditions": {
        "kind": "aggregate",
        "parameter": "p0",
        "measure": "mean",
        "operator": "gt",
        "threshold": 50.5,
        "window_s": 600,
    },
    "severity": "high",
}


def run(rules: int) -> Iterator[str]:
    """Yields one line per figure; `rules` run at once over twelve machines."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", telemetry_url="", documents_url="")
        gemba = wire(settings)
        try:
            first_administrator(gemba.database, gemba.clock())
            principal = service(gemba.database, SLUG, "benchmark")
            assert principal is not None  # noqa: S101 - the administrator's factory
            access = Access(gemba, principal)
            end = to_us(access.now)
            yield _filled(access, end)
            yield from _looked_back(access, end)
            yield from _live(access, rules)
        finally:
            gemba.close()
    yield from _against_a_loop()


def _filled(access: Access, end_us: int) -> str:
    with access.write() as session:
        for number in range(MACHINES):
            key, now = f"m{number}", access.now
            session.add(Machine(device_key=key, name=key, created_at=now, updated_at=now))
        bump(session, {CONFIGURATION_DAY})
    chance = np.random.default_rng(7)
    steps = DAYS * 86_400 // EVERY_S
    times = end_us - DAYS * DAY_US + np.arange(steps, dtype=np.int64) * EVERY_S * SECOND
    for number in range(MACHINES):
        values = 50 + np.cumsum(chance.normal(0, 0.02, steps)) % 3 + chance.normal(0, 0.4, steps)
        for begin in range(0, steps, 200_000):
            part = slice(begin, begin + 200_000)
            size = len(times[part])
            batch = Batch.of(
                [f"m{number}"] * size, ["p0"] * size, times[part], values[part], latest_us=end_us + DAY_US
            )
            access.gemba.telemetry.append(SLUG, batch)
        access.gemba.telemetry.maintain(SLUG, end_us)
    return f"{MACHINES * steps:,} points of {MACHINES} machines over {DAYS} days, one every {EVERY_S} s"


def _looked_back(access: Access, end_us: int) -> Iterator[str]:
    with access.read() as session:
        one = session.query(Machine).first()
        assert one is not None  # noqa: S101 - made above
    for name, body in (("threshold with hysteresis and hold", THRESHOLD), ("mean of ten minutes", WINDOW)):
        draft = Draft(name, body, scope="global")
        for days, machines in ((30, [one.id]), (90, None)):
            begun = time.perf_counter()
            found = look_back(access, draft, end_us - days * DAY_US, end_us, machines=machines)
            took = time.perf_counter() - begun
            count = 1 if machines else MACHINES
            yield (
                f"look back, {name}: {days} days of {count} machines: {took:.2f} s, "
                f"{len(found.alerts):,} alerts"
            )


def _live(access: Access, rules: int) -> Iterator[str]:
    for number in range(rules):
        add_rule(access, Draft(f"Rule {number}", THRESHOLD, scope="global"))
    runtime = RuleRuntime(access)
    runtime.round(access)
    took = []
    for _ in range(20):
        now = to_us(access.now)
        keys = [f"m{number}" for number in range(MACHINES)]
        access.gemba.telemetry.append(
            SLUG, Batch.of(keys, ["p0"] * MACHINES, [now] * MACHINES, [51.0] * MACHINES, latest_us=now + 1)
        )
        begun = time.perf_counter()
        done = runtime.round(access)
        took.append(time.perf_counter() - begun)
    yield (
        f"live: a round of {done.evaluated:,} rules on machines: median {1000 * float(np.median(took)):.0f} "
        f"ms, 95th percentile {1000 * float(np.quantile(took, 0.95)):.0f} ms"
    )


def _against_a_loop() -> Iterator[str]:
    """The engine and a plain loop over the same samples of a threshold rule."""
    chance = np.random.default_rng(7)
    size = 2_000_000
    times = np.arange(size, dtype=np.int64) * SECOND
    values = 50 + np.cumsum(chance.normal(0, 0.02, size)) % 4 + chance.normal(0, 0.4, size)
    rule = parse_rule({**THRESHOLD, "cooldown_minutes": 0})
    begun = time.perf_counter()
    series = Inputs({"p0": Series(times, values)})
    from zoneinfo import ZoneInfo

    events, _ = step(rule, fresh_state(0), {"m": series}, size * SECOND, ZoneInfo("UTC"))
    engine = time.perf_counter() - begun
    begun = time.perf_counter()
    is_on, since, raised = False, 0, 0
    for at, value in zip(times.tolist(), values.tolist(), strict=True):
        was_on = is_on
        is_on = value > 53.2 or (is_on and value > 52.0)
        since = since if was_on and is_on else at
        raised += is_on and at - since == 20 * SECOND
    loop = time.perf_counter() - begun
    count = sum(1 for event in events if event.kind == "raised")
    speed = f"{size / engine:,.0f} samples/s, {loop / engine:.1f} x the speed of a loop"
    yield f"engine: {speed} that knows this rule alone ({count:,} alerts, the loop {raised:,})"
