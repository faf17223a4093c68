"""Health: what alerts and silence cost, of which machine, and the plant's sum."""

from dataclasses import replace

from app.alerts.dashboard import summary
from app.alerts.health import Health, _score, plant_health
from app.alerts.standing import Standing
from app.rules.drafts import Draft
from app.rules.store import add_rule
from data.models import Alert, Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
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
    _alert(gemba, access, rule, "m1", "medium")
    _alert(gemba, access, rule, "m2", "critical", to_us(gemba.clock()))
    found = plant_health(access)
    machines = {one.key: one for one in found.machines}
    assert (machines["m1"].score, machines["m1"].is_heard) == (100 - 5 - 2 - 1, False)
    assert (machines["m2"].score, machines["m2"].standing.active) == (99, 0)
    assert found.score == 100 - (5 + 2 + 1) - 1 == summary(access)["health_score"]


def test_a_machines_importance_weighs_what_it_costs(gemba, acting):
    access = acting()
    rule = add_rule(access, Draft("Too hot", hot(), scope="global"))
    with access.write() as session:
        session.query(Machine).filter_by(device_key="m1").one().importance = 5
        session.query(Machine).filter_by(device_key="m2").one().importance = 1
        bump(session, {CONFIGURATION_DAY})
    _alert(gemba, access, rule, "m1", "critical")
    _alert(gemba, access, rule, "m2", "high")
    assert plant_health(access).score == 100 - round((5 + 1) * 5 / 3 + (2 + 1) / 3) == 89


def test_the_example_of_the_contract(gemba, acting):
    """47 machines, 2 critical alerts, 5 high ones, 3 machines not heard: 77 where all weigh the same."""
    heard = [Health(f"h{n}", 100, Standing(), True) for n in range(37)]
    silent = [Health(f"s{n}", 99, Standing(), False) for n in range(3)]
    critical = [Health(f"c{n}", 95, Standing({"critical": 1}), True) for n in range(2)]
    high = [Health(f"g{n}", 98, Standing({"high": 1}), True) for n in range(5)]
    assert _score((*heard, *silent, *critical, *high), Standing()) == 77
    assert _score((*heard, *silent, *critical, *high), Standing({"high": 1})) == 75
    assert _score(tuple(replace(one, standing=Standing({"critical": 30})) for one in heard), Standing()) == 0


def test_a_plant_without_machines_is_healthy():
    assert _score((), Standing()) == 100
