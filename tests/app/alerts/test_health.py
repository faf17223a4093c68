"""Health: what alerts and silence cost, of which machine, and the plant's mean."""

from app.alerts.dashboard import summary
from app.alerts.health import healths, plant_health
from app.rules.drafts import Draft
from app.rules.store import add_rule
from data.models import Alert, Machine, to_us
from tests.app.rules.conftest import hot


def _alert(gemba, access, rule, key, severity, cleared=None):
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key=key).one().id
        session.add(
            Alert(
                rule_id=rule, rule_version=1, rule_name="Too hot", machine_id=machine, severity=severity,
                worst=severity, raised_us=to_us(gemba.clock()) - 60_000_000, cleared_us=cleared,
                message="hot", marks=[], created_at=gemba.clock(),
            )
        )  # fmt: skip


def test_an_alert_costs_by_its_severity_and_silence_one_point(gemba, acting):
    access = acting()
    rule = add_rule(access, Draft("Too hot", hot(), scope="global"))
    _alert(gemba, access, rule, "m1", "critical")
    _alert(gemba, access, rule, "m1", "high")
    _alert(gemba, access, rule, "m2", "low", to_us(gemba.clock()))
    found = {one.key: one for one in healths(access)}
    assert (found["m1"].score, found["m1"].is_heard) == (100 - 30 - 15 - 1, False)
    assert (found["m2"].score, found["m2"].standing.active) == (99, 0)
    assert plant_health(healths(access)) == summary(access)["health_score"]


def test_a_plant_without_machines_is_healthy():
    assert plant_health(()) == 100
