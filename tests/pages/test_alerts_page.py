"""Alerts and Alert load: what is listed, what can be done, who may do it."""

from datetime import timedelta

import pytest

from app.alerts import actions
from app.alerts.out_of_service import OutDraft, remove_from_service
from app.rules.drafts import Draft
from app.rules.store import add_rule
from data.models import Alert, to_us
from tests.app.rules.conftest import hot
from tests.pages.conftest import texts

MINUTE = 60_000_000


@pytest.fixture
def made(gemba, acting):
    """Three alerts of one rule: one active, one over, one shelved."""
    access = acting()
    rule = add_rule(access, Draft("Too hot", hot(), scope="global"))
    now = to_us(gemba.clock())
    with access.read() as session:
        from data.models import Machine

        machine = session.query(Machine).filter_by(device_key="m1").one().id
    ids = []
    for minutes, cleared, severity in (
        (5, None, "critical"),
        (60, now - 50 * MINUTE, "low"),
        (90, None, "high"),
    ):
        with access.write() as session:
            row = Alert(
                rule_id=rule, rule_version=1, rule_name="Too hot", machine_id=machine, severity=severity,
                worst=severity, raised_us=now - minutes * MINUTE, cleared_us=cleared,
                message=f"temp is above {80 + minutes} °C", marks=[[now - minutes * MINUTE, 4]],
                created_at=gemba.clock(), is_final=True,
            )  # fmt: skip
            session.add(row)
            session.flush()
            ids.append(row.id)
    actions.shelve(access, [ids[2]], gemba.clock().replace(hour=20), "test run")
    return ids


def test_an_empty_plant_is_told_where_rules_are_made(open_page):
    page = open_page("alerts")
    assert not page.exception
    assert "No alert fits" in texts(page)


def test_open_alerts_are_listed_and_shelved_ones_apart(open_page, made):
    page = open_page("alerts")
    frame = page.dataframe[0].value
    assert frame["State"].tolist() == ["active, not seen", "over, not seen"]
    assert frame["Message"].tolist() == ["temp is above 85 °C", "temp is above 140 °C"]
    assert open_page("alerts", al_view="Shelved").dataframe[0].value["State"].tolist() == ["shelved"]
    assert len(open_page("alerts", al_view="All").dataframe[0].value) == 3


def test_filters_stand_in_the_address(open_page, made):
    page = open_page("alerts", al_severity=["critical"])
    assert len(page.dataframe[0].value) == 1
    assert len(open_page("alerts", al_words="140").dataframe[0].value) == 1


def test_a_viewer_sees_alerts_but_no_action(open_page, made):
    page = open_page("alerts", "viewer")
    assert len(page.dataframe[0].value) == 2
    assert "Acknowledge" not in [one.label for one in page.button]
    assert "Acknowledge" in [one.label for one in open_page("alerts", "operator").button]


def test_every_page_tells_how_many_alerts_are_active(open_page, made):
    page = open_page("machines")
    assert "2 active alerts]](/alerts)" in texts(page)


def test_the_load_is_told_against_the_limits(open_page, made):
    page = open_page("alert_load")
    assert not page.exception
    said = texts(page)
    assert "Acceptable" in said
    assert page.metric[0].value == "3"
    sources = page.dataframe[1].value
    assert sources["Rule"].tolist() == ["Too hot"]
    assert sources["Alerts"].tolist() == [3]


def test_the_overview_tells_the_health_and_the_open_alerts(open_page, made, with_record):
    page = open_page("overview")
    said = texts(page)
    assert "Health **" in said
    assert "[2 open alerts](/alerts), :red[**[1 critical](/alerts?al_severity=critical)**]" in said
    assert ":red[**[1 high](/alerts?al_severity=high)**]" in said
    [health] = [one for one in page.markdown if "Health **" in one.value]
    assert "92 (1 critical, 1 high, not heard)" in health.help


def test_an_alert_goes_out_of_service_and_is_listed_with_its_reason(open_page, made, acting, clock):
    with acting().read() as session:
        row = session.get_one(Alert, made[0])
    draft = OutDraft(row.rule_id, row.machine_id, clock.now + timedelta(days=1), "a new sensor")
    remove_from_service(acting(), draft)
    page = open_page("alerts", al_view="Held back")
    assert set(page.dataframe[0].value["State"]) == {"out of service"}
    assert page.dataframe[-1].value["Why"].tolist() == ["a new sensor"]
    page.button(key="al-in").click()
    page.run()
    assert "What is still active is told now" in texts(page)
    labels = {one.label for one in open_page("alerts", "operator", al_view="Held back").button}
    assert not {"Out of service", "Return to service"} & labels
