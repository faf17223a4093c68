"""Messages over HTTP: each has an outcome, an event id counts once, a machine's key speaks for itself."""

from datetime import UTC, datetime, timedelta

import pytest

from app.ingest import quarantine
from app.ingest.refusals import refusals
from app.people import keys
from tests.api.world import NOW, acting

AT = int(NOW.timestamp()) - 600


@pytest.fixture
def client(world):
    with world.client(role=None, **{"X-API-Key": world.plants["north"].tokens["key"]}) as made:
        yield made


def values(world, parameter):
    found = world.gemba.telemetry.read("north", 0, 2**62, None, [parameter])
    return list(zip(found["machine"], found["value"], strict=True))


def test_one_message_in_factoryops_form_is_stored_and_an_event_id_counts_once(world, client):
    body = {"timestamp": AT, "metrics": {"single": 1}, "event_id": "e1"}
    first = client.post("/devices/m1/telemetry", json=body)
    assert (first.status_code, first.json()["code"]) == (201, "stored")
    again = client.post("/devices/m1/telemetry", json={**body, "metrics": {"single": 2}})
    assert again.json()["code"] == "unchanged"
    assert values(world, "single") == [("m1", 1)]
    assert client.post("/devices/nobody/telemetry", json=body).status_code == 404
    wrong = client.post("/devices/m1/telemetry", json={"timestamp": 5, "metrics": {"single": 2}})
    assert (wrong.status_code, wrong.json()["error"]["fields"][0]["field"]) == (422, "past_time")


def test_half_a_character_is_refused_alone(world, client):
    body = (
        f'{{"items": [{{"machine": "m1", "kind": "telemetry", "data": {{"timestamp": {AT}, "metrics": '
        f'{{"half": "\\ud83d"}}}}}}, {{"machine": "m1", "kind": "telemetry", "data": {{"timestamp": {AT}, '
        f'"metrics": {{"whole": 1}}}}}}]}}'
    )
    answer = client.post("/ingest/batch", content=body, headers={"Content-Type": "application/json"})
    assert [(one["status"], one["code"]) for one in answer.json()["items"]] == [
        (422, "invalid_json"), (201, "stored"),
    ]  # fmt: skip
    assert values(world, "whole") == [("m1", 1)]


def test_a_batch_answers_for_each_message(world, client):
    def item(machine, kind, **data):
        return {"machine": machine, "kind": kind, "data": {"timestamp": AT, **data}}

    sent = [
        item("m1", "telemetry", metrics={"many": 1.5}),
        item("m1", "state", state="flying"),
        {**item("m2", "state", state="idle"), "event_id": "s1"},
        {**item("m2", "state", state="down"), "event_id": "s1"},
        item("stranger", "telemetry", metrics={"many": 1}),
        item("no key!", "telemetry", metrics={"many": 1}),
        item("m1", "count", end=AT + 60, good=5, product="gold"),
    ]
    answer = client.post("/ingest/batch", json={"items": sent})
    assert answer.status_code == 207
    told = [(one["status"], one["code"]) for one in answer.json()["items"]]
    assert told == [
        (201, "stored"), (422, "unknown_state"), (201, "stored"), (200, "unchanged"), (202, "quarantined"),
        (422, "unknown_machine"), (422, "unknown_product"),
    ]  # fmt: skip
    access = acting(world.gemba, "north")
    assert [one.device_key for one in quarantine.unlisted(access)] == ["stranger"]
    assert {"unknown_state", "unknown_machine", "unknown_product"} <= {one.reason for one in refusals(access)}


def test_lines_are_stored_and_bad_ones_named(world, client):
    text = {"Content-Type": "text/plain"}
    good = [
        f"telemetry,factory_id=1,device_id=M\\ 1 x=1 {AT}",
        f'telemetry,machine=m1 line=231.4,n=3i,on=t,w="a, b=\\"c\\"" {AT}',
        "# note",
    ]
    stored = client.post("/ingest/lines?precision=s", content=good[1], headers=text)
    assert stored.status_code == 204
    assert values(world, "line") == [("m1", 231.4)]
    assert values(world, "n") == [("m1", 3)]
    assert values(world, "on") == [("m1", True)]
    assert values(world, "w") == [("m1", 'a, b="c"')]
    bad = [
        "telemetry line=1",
        f"telemetry,machine=m1 line=x {AT}",
        "telemetry,machine=m1 line=1,line=2",
        "telemetry,machine=m1 line=1 5",
    ]
    everything = "\n".join([*good, *bad])
    answer = client.post("/ingest/lines?precision=s", content=everything, headers=text)
    assert answer.status_code == 207
    told = [one["code"] for one in answer.json()["items"]]
    assert told == ["unknown_machine", "stored", "invalid_line", "invalid_line", "duplicate_key", "past_time"]


def test_a_machines_key_speaks_for_its_machine_only(world):
    access = acting(world.gemba, "north")
    _, secret = keys.make_key(access, "m1 itself", ["send_data"], machine="m1")
    body = {"timestamp": AT, "metrics": {"own": 1}}
    with world.client(role=None, **{"X-API-Key": secret}) as client:
        assert client.post("/devices/m1/telemetry", json=body).status_code == 201
        assert client.post("/devices/m2/telemetry", json=body).status_code == 403
        lines = f"x,machine=m1 own=2 {AT + 1}\nx,machine=m2 own=2 {AT + 1}"
        told = client.post("/ingest/lines?precision=s", content=lines, headers={"Content-Type": "text/plain"})
    assert [one["status"] for one in told.json()["items"]] == [201, 403]
    assert {machine for machine, _ in values(world, "own")} == {"m1"}


def test_a_time_in_the_future_is_refused(world, client):
    soon = (datetime.now(UTC) + timedelta(days=900)).isoformat()
    told = client.post("/devices/m1/telemetry", json={"timestamp": soon, "metrics": {"single": 1}})
    assert told.json()["error"]["fields"][0]["field"] == "future_time"
