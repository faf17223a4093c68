"""The first kinds: the anomaly scan and the nightly check of the figures."""

import threading
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from analytics.errors import InvalidInput, NotFound
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask
from app.jobs.context import JobContext
from app.jobs.kinds import identity
from app.jobs.listing import get_job, result_of
from app.jobs.registry import kind
from app.jobs.running import endings
from app.jobs.running.claims import claim_next
from data.documents import Search
from data.models import AuditEntry, Job, NotifyNotice, ScanSession, to_us
from data.telemetry import Batch
from tests.conftest import StillClock

MINUTE = 60_000_000
ROWS, BREAK_FROM, BREAK_TO = 1_800, 1_600, 1_660


@pytest.fixture
def north(acting: Callable[..., Access]) -> Access:
    return acting()


@pytest.fixture
def break_us(gemba: Gemba, north: Access, clock: StillClock) -> int:
    """Thirty hours of two signals of m1 that move together until, for an hour, they do not."""
    chance = np.random.default_rng(3)
    start = to_us(clock.now - timedelta(minutes=ROWS)) // MINUTE * MINUTE
    times = [start + n * MINUTE for n in range(ROWS)]
    speed = 1_000 + 50 * np.sin(np.arange(ROWS) / 40) + chance.normal(0, 2, ROWS)
    load = 0.1 * speed + chance.normal(0, 0.2, ROWS)
    load[BREAK_FROM:BREAK_TO] += 25
    for name, values in (("speed", speed), ("load", load)):
        gemba.telemetry.append(
            "north",
            Batch.of(["m1"] * ROWS, [name] * ROWS, times, values.tolist(), latest_us=to_us(clock.now) + 1),
        )
    return times[BREAK_FROM]


def run_next(gemba: Gemba, access: Access) -> None:
    """What a child does, in this process."""
    claim = claim_next(gemba, "one")
    assert claim is not None
    with access.read() as session:
        parameters = session.get_one(Job, claim.job_id).parameters
    context = JobContext(access, claim, parameters, lambda share, stage: None, threading.Event())
    result = kind(claim.kind).run(context)
    endings.finish(gemba, claim, result, context.effects, next(iter(context.documents), ""))


@pytest.mark.parametrize("method", ["pca", "isolation_forest"])
def test_a_scan_finds_the_break_and_keeps_its_session_in_all_three_places(
    gemba: Gemba, north: Access, clock: StillClock, break_us: int, method: str
) -> None:
    end = to_us(clock.now)
    key = ask(north, Asked("anomaly", {"machines": ["m1"], "method": method, "start_us": end - 360 * MINUTE,
                                       "end_us": end}))  # fmt: skip
    run_next(gemba, north)
    result = result_of(north, key)
    assert result["machines"] == 1
    assert result["rows"] == 360
    assert result["anomalies"] > 0
    with north.read() as session:
        row = session.scalars(select(ScanSession)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "scan.run")).one()
    assert (row.job_key, row.machine_key, row.status, row.asked_by) == (
        key,
        "m1",
        "complete",
        "admin@example.test",
    )
    assert (row.anomalies, row.rows_scored, row.episodes) == (result["anomalies"], 360, result["episodes"])
    assert row.normal_end_us == row.start_us == end - 360 * MINUTE
    assert f'"document":"{row.document}"' in entry.body
    collection, _, name = row.document.partition("/")
    document = gemba.documents.get("north", collection, name)
    assert document is not None
    assert document.machine == "m1"
    found = document.body["episodes"]
    assert any(one["start_us"] <= break_us + 15 * MINUTE and one["end_us"] >= break_us for one in found)
    if method == "isolation_forest":
        assert sum(document.body["severities"].values()) == 360


def test_a_machine_without_enough_normal_data_does_not_stop_the_others(
    gemba: Gemba, north: Access, break_us: int
) -> None:
    key = ask(north, Asked("anomaly", {"days": 0.25}))
    run_next(gemba, north)
    sessions = {one["machine"]: one for one in result_of(north, key)["sessions"]}
    assert sessions["m1"]["status"] == "complete"
    assert sessions["m2"]["status"] == "not_evaluable"
    assert "no readings" in sessions["m2"]["problem"]


def test_a_scan_whose_runner_lost_the_job_leaves_no_session(
    gemba: Gemba, north: Access, break_us: int
) -> None:
    from tests.app.jobs.conftest import expire

    key = ask(north, Asked("anomaly", {"machines": ["m1"], "days": 0.25}))
    old = claim_next(gemba, "one")
    assert old is not None
    expire(gemba, north.factory.id)
    run_next(gemba, north)
    with north.read() as session:
        [before] = session.scalars(select(ScanSession.document))
    assert before.endswith(f"{key}-{old.token + 1}-0")
    assert get_job(north, key).state == "done"
    assert gemba.documents.count("north", "scan_sessions", Search()) == 1


@pytest.mark.parametrize(
    "given",
    [{"machines": ["m9"]}, {"device_ids": [10**6]}, {"device_ids": ["x"]}, {"method": "magic"}, {"tea": 1},
     {"start_us": 5}, {"start_us": 5, "end_us": 5}, {"step_s": True}, {"days": -1}, {"parameters": [[]]}],
)  # fmt: skip
def test_a_scan_that_cannot_be_is_refused_when_it_is_asked_for(
    north: Access, given: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        ask(north, Asked("anomaly", given))


def test_figures_that_add_up_are_told_to_nobody(gemba: Gemba, north: Access) -> None:
    key = ask(north, Asked("identity_check"))
    run_next(gemba, north)
    result = result_of(north, key)
    assert (result["day"], result["violations"]) == ("2026-03-03", 0)
    assert result["cells"] > 0
    with north.read() as session:
        assert session.scalar(select(NotifyNotice.id)) is None


def test_figures_that_do_not_add_up_are_a_notice_and_an_audit_entry(
    gemba: Gemba, north: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = identity.cells

    def wrong(access: Access, start_us: int, end_us: int) -> pd.DataFrame:
        found = honest(access, start_us, end_us).copy()
        found.loc[0, "calendar_us"] += 60_000_000
        return found

    monkeypatch.setattr(identity, "cells", wrong)
    key = ask(north, Asked("identity_check", {"day": "2026-03-02"}))
    run_next(gemba, north)
    result = result_of(north, key)
    assert result["violations"] == 2
    assert result["rows"][0]["rule"] == "classes add up to calendar time"
    with north.read() as session:
        notice = session.scalars(select(NotifyNotice)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "identity.check")).one()
    assert notice.kind == "identity_failed"
    assert "2026-03-02" in notice.sentence
    assert '"violations":2' in entry.body


def test_a_day_that_is_none_is_refused(north: Access) -> None:
    with pytest.raises(InvalidInput, match="2026-02-19"):
        ask(north, Asked("identity_check", {"day": "yesterday"}))
    with pytest.raises(NotFound):
        get_job(north, "none")
