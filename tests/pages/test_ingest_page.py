"""The page of arriving messages: what was refused, who waits, and whether the broker is read."""

import json
from datetime import timedelta

import pytest

from app.ingest.broker.status import Told, tell
from app.ingest.stream import Arrived, Stream
from tests.pages.conftest import texts

AT = 1772625600 - 60


def send(gemba, machine="new", payload=None):
    body = json.dumps(payload or {"timestamp": AT, "metrics": {"power_kw": 1.5}}).encode()
    Stream(gemba).take([Arrived(f"factories/north/devices/{machine}/telemetry", body)])


def told(gemba, **given):
    start = Told("gemba-1", "mqtt://broker:1883", True, "", 3, 500, 9_000, 2, 12.5, 250.0, gemba.clock())
    from dataclasses import replace

    tell(gemba, replace(start, **given))


def press(page, label):
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_who_manages_machines_has_the_page(open_page, role):
    with pytest.raises(ValueError, match="ingest"):
        open_page("ingest", role)


def test_an_empty_plant_is_told_how_machines_can_send(open_page):
    page = open_page("ingest", "engineer")
    assert "GEMBA_MQTT_URL" in page.info[0].value
    assert "Every machine that sends is listed" in texts(page)
    assert "No message was refused" in texts(page)
    assert "gemba_send.py" in [one.proto.label for one in page.get("download_button")]


def test_the_connection_and_its_rates_are_shown_and_a_silent_reader_is_told(
    open_page, gemba, factory_id, clock
):
    told(gemba)
    page = open_page("ingest", "engineer")
    assert "The broker is read" in page.success[0].value
    assert [one.value for one in page.metric][:2] == ["12.5 /s", "250.0 /s"]
    told(gemba, is_connected=False, problem="the broker does not answer")
    assert "does not answer" in open_page("ingest", "engineer").error[0].value
    clock.now += timedelta(minutes=2)
    assert "No process reads a broker" in open_page("ingest", "engineer").info[0].value


def test_refusals_are_counted_by_reason_with_a_sample(open_page, gemba, factory_id):
    send(gemba, "m1", {"timestamp": 5, "metrics": {"a": 1}})
    send(gemba, "m1", {"timestamp": AT, "metrics": {"a": None}})
    page = open_page("ingest", "engineer")
    table = page.dataframe[1].value
    assert sorted(table["Code"]) == ["past_time", "wrong_shape"]
    assert table["Messages"].tolist() == [1, 1]
    assert all("metrics" in sample for sample in table["Last message"])


def test_a_machine_in_quarantine_is_listed_and_adopting_asks_for_its_name(open_page, gemba, factory_id):
    send(gemba)
    page = open_page("ingest", "engineer")
    table = page.dataframe[1].value
    assert (table["Key"].tolist(), table["Messages"].tolist()) == (["new"], [1])
    press(page, "Adopt")
    assert next(one for one in page.text_input if one.label == "Name").value == "new"
    assert "Adopt machine" in [one.label for one in page.button]


def test_discarding_asks_first_and_says_how_much_is_lost(open_page, gemba, factory_id):
    send(gemba)
    page = open_page("ingest", "engineer")
    press(page, "Discard")
    assert "1 messages are forgotten for good" in texts(page)
    assert "Discard messages" in [one.label for one in page.button]


def test_late_samples_are_listed_with_their_reason(open_page, gemba, factory_id):
    assert "within the time that rules wait" in texts(open_page("ingest", "engineer"))
    for second in (0, -400, -300):
        send(gemba, "m1", {"timestamp": AT + second, "metrics": {"power_kw": 2.0}})
    shown = open_page("ingest", "engineer").dataframe[-1].value
    assert shown["Samples"].tolist() == [2]
    assert shown["Why"].tolist() == ["newer values of the parameter were there"]
