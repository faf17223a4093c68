"""kill -9 of the rules at any moment: no alert is lost and none is doubled."""

import multiprocessing
import random
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.rules.backtest import look_back
from app.rules.runtime import RuleRuntime
from data.models import Alert, NotifyNotice, to_us
from data.telemetry import Batch
from tests.crash.rules.plant import (
    CYCLES,
    EVERY_S,
    SAMPLES,
    SECOND,
    START,
    drafts,
    made,
    opened,
    run_until_killed,
)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.rules.plant"])
    return context


@pytest.mark.timeout(300 + 5 * CYCLES)
def test_rules_that_are_killed_again_and_again_raise_what_they_should(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    made(home)
    chance = random.Random(11)
    kills = 0
    while True:
        child = processes.Process(target=run_until_killed, args=(home,))
        child.start()
        child.join(None if kills >= CYCLES else 0.6 + chance.random() * 0.8)
        if child.exitcode is not None:
            assert child.exitcode == 0
            break
        child.kill()
        child.join()
        kills += 1
    assert kills >= 5
    gemba, access, clock = opened(home, START + timedelta(seconds=EVERY_S * SAMPLES + 600))
    end = to_us(START) + EVERY_S * SAMPLES * SECOND
    gemba.telemetry.append(
        "north", Batch.of(["m1", "m2"], ["temp"] * 2, [end + 500 * SECOND] * 2, [50.0, 50.0],
                          latest_us=to_us(clock[0])),
    )  # fmt: skip
    RuleRuntime(access).round(access)
    with access.read() as session:
        rows = session.execute(
            select(Alert.rule_name, Alert.machine_id, Alert.raised_us, Alert.cleared_us, Alert.marks).where(
                Alert.is_withdrawn.is_(False), Alert.raised_us < end
            )
        ).all()
        notices = session.scalar(
            select(func.count(NotifyNotice.id)).where(NotifyNotice.kind == "alert_raised")
        )
        alerts = session.scalar(select(func.count(Alert.id)))
    live = sorted((r[0], r[1], r[2], r[3], [tuple(m) for m in r[4]]) for r in rows)
    ids = {"m1": 1, "m2": 2}
    expected = []
    for draft in drafts():
        found = look_back(access, draft, to_us(START), end + 501 * SECOND)
        expected += [
            (draft.name, ids[one.machine], one.raised_us, one.cleared_us, list(one.marks))
            for one in found.alerts
            if one.raised_us < end
        ]
    assert len(expected) > 20
    assert live == sorted(expected)
    assert notices == alerts
    gemba.close()
