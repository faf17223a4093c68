"""Whether cameras can be trusted: thresholds, versions, drift that raises one alert, and the export."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import Forbidden
from analytics.productivity import Verdict
from app.alerts import drift
from app.alerts.listing import Filter, list_alerts
from app.production.camera import quality
from app.production.camera.figures import ActivityQuestion, factory
from app.production.camera.intake import ingest_activities
from data.contracts.messages import ActivityMessage
from data.models import AuditEntry, NotifyNotice, to_us

DAY = 86_400_000_000


@pytest.fixture
def access(acting):
    return acting("engineer")


def looked(access, days, confidence, seed=1):
    """Twenty events on each of the days (counted back from now), with confidence around a mean."""
    random = np.random.default_rng(seed)
    now = to_us(access.now)
    messages = [
        ActivityMessage(
            "m1", now - back * DAY + 1 + number * 600_000_000, ("working", "idle")[number % 2], "W1",
            float(np.clip(random.normal(confidence, 0.03), 0, 1)), model=f"v{seed}",
        )
        for back in days
        for number in range(20)
    ]  # fmt: skip
    ingest_activities(access.gemba, access.factory, messages)


def test_a_shifted_confidence_raises_one_alert_that_clears_when_it_is_back(access, clock):
    looked(access, range(4, 20), 0.9)
    looked(access, (1, 2, 3), 0.7, seed=2)
    confidence, behaviour = quality.drift_now(access)
    assert (confidence.verdict, behaviour.verdict) == (Verdict.SHIFTED, Verdict.STABLE)
    assert drift.round_of(access.gemba, [access.factory.slug]) == 1
    assert drift.round_of(access.gemba, [access.factory.slug]) == 0
    [alert] = list_alerts(access, Filter())
    assert (alert.severity, alert.state) == ("medium", "active")
    assert "The confidence of the last" in alert.message
    with access.read() as session:
        [notice] = session.scalars(select(NotifyNotice)).all()
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == drift.RAISED)).all()
    assert (notice.kind, notice.alert_id, entry.object_id) == ("alert_raised", alert.id, str(alert.id))
    clock.now += timedelta(days=40)
    for back in range(1, 30):
        looked(access, [back], 0.7, seed=2)
    assert quality.drift_now(access)[0].verdict is Verdict.STABLE
    assert drift.round_of(access.gemba, [access.factory.slug]) == 0
    assert list_alerts(access, Filter())[0].state != "active"


def test_a_calm_camera_and_one_that_is_silent_are_not_told(access):
    assert drift.round_of(access.gemba, [access.factory.slug]) == 0
    looked(access, range(1, 20), 0.9)
    assert drift.round_of(access.gemba, [access.factory.slug]) == 0


def test_versions_and_thresholds_are_answered_over_a_range(access):
    looked(access, (4, 5), 0.9)
    looked(access, (2,), 0.5, seed=2)
    asked = ActivityQuestion(to_us(access.now - timedelta(days=6)), to_us(access.now))
    table = quality.by_model(access, asked)
    assert table[["model", "events"]].to_numpy().tolist() == [["v1", 40], ["v2", 20]]
    kept = quality.by_threshold(access, asked).set_index("threshold")["kept"]
    assert kept[0.7] == pytest.approx(2 / 3)


def test_uncertain_events_leave_with_pseudonyms_and_an_audit_entry(access, acting):
    looked(access, (2,), 0.5)
    asked = ActivityQuestion(to_us(access.now - timedelta(days=6)), to_us(access.now))
    table = quality.uncertain(access, asked)
    assert len(table) == 20
    assert table["confidence"].is_monotonic_increasing
    assert set(table["worker"]) == {"Worker 01"}
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action)))
    assert actions.count("productivity.export") == 1
    with pytest.raises(Forbidden):
        quality.uncertain(acting("viewer"), asked)


def test_time_to_come_is_not_worked_time(access):
    now = to_us(access.now)
    seen = [(-600_000_000, "working"), (-60_000_000, "idle")]
    ingest_activities(
        access.gemba, access.factory, [ActivityMessage("m1", now + at, k, "W1") for at, k in seen]
    )
    asked = ActivityQuestion(now - 43_200_000_000, now + 43_200_000_000)
    [whole] = factory(access, asked).to_dict("records")
    first = quality.by_threshold(access, asked).iloc[0]
    assert first["productive_h"] == whole["productive_h"] == pytest.approx(9 / 60)
    assert first["idle_h"] == whole["idle_h"] == pytest.approx(1 / 60)
    assert quality.by_model(access, asked).iloc[0].filter(like="_h").max() <= 10 / 60
