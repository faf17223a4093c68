"""Rules, alerts and the dashboard as a client of FactoryOps uses them."""

import pytest

from app.bootstrap import Access
from app.rules.runtime import RuleRuntime
from data.telemetry.batch import Batch
from tests.api.world import NOW, World, acting, made_world

BODY = {
    "name": "Press overload",
    "description": "Too much power",
    "scope": "device",
    "conditions": {
        "operator": "AND",
        "conditions": [{"parameter": "power_kw", "operator": "gt", "threshold": 80}],
    },
    "cooldown_minutes": 15,
    "severity": "critical",
    "schedule_type": "always",
    "notification_channels": {"email": True, "whatsapp": False},
}


@pytest.fixture
def plants(tmp_path):
    with made_world(tmp_path / "var") as world:
        yield world


def given(world: World) -> dict:
    return {**BODY, "device_ids": [world.plants["north"].ids["machine"]]}


def test_a_rule_lives_from_its_creation_to_its_deletion(plants):
    with plants.client(role="engineer") as client:
        made = client.post("/rules", json=given(plants))
        assert made.status_code == 201, made.text
        rule = made.json()
        assert {name: rule[name] for name in BODY} == BODY
        assert (rule["is_active"], rule["published_version"]) == (True, 1)
        path = f"/rules/{rule['id']}"
        assert client.get(path).json() == rule
        changed = client.patch(path, json={"cooldown_minutes": 30})
        assert (changed.json()["cooldown_minutes"], changed.json()["published_version"]) == (30, 2)
        assert changed.json()["conditions"] == BODY["conditions"]
        assert client.patch(f"{path}/toggle").json()["is_active"] is False
        assert client.patch(f"{path}/toggle").json()["is_active"] is True
        names = [one["name"] for one in client.get("/rules", params={"is_active": True}).json()["data"]]
        assert names == ["Press overload", "north overload"]
        assert client.delete(path).json() == {"message": "Rule deleted successfully"}
        assert client.get(path).status_code == 404


def test_rules_are_filtered_by_device_scope_and_word(plants):
    machine = plants.plants["north"].ids["machine"]
    with plants.client() as client:
        client.post("/rules", json={**BODY, "scope": "global", "name": "Everywhere"})
        assert client.get("/rules", params={"device_id": machine}).json()["total"] == 2
        assert client.get("/rules", params={"scope": "global"}).json()["total"] == 1
        assert client.get("/rules", params={"search": "every"}).json()["total"] == 1
        assert client.get("/rules", params={"device_id": machine + 1}).json()["total"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"conditions": {"parameter": "nothing", "operator": "gt", "threshold": 1}}, "conditions.parameter"),
        (
            {"conditions": {"parameter": "power_kw", "operator": "gt", "threshold": "hot"}},
            "conditions.operator",
        ),
        ({"device_ids": []}, "device_ids"),
        ({"device_ids": [987654]}, "device_ids"),
        ({"notification_channels": {"pigeon": True}}, "notification_channels.pigeon"),
        ({"schedule_type": "time_window", "schedule_config": {}}, "schedule_config.start_time"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_place_of_each_mistake(world, changes, field):
    with world.client() as client:
        answer = client.post("/rules", json={**given(world), **changes})
    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["error"]["fields"]]


def test_two_people_who_edit_one_rule_see_the_conflict(plants):
    with plants.client() as client:
        made = client.post("/rules", json=given(plants))
        path, tag = f"/rules/{made.json()['id']}", made.headers["ETag"]
        first = client.patch(path, json={"severity": "high"}, headers={"If-Match": tag})
        assert first.status_code == 200
        second = client.patch(path, json={"severity": "low"}, headers={"If-Match": tag})
        assert second.status_code == 412


def overloaded(world: World) -> Access:
    """A value above the limit, and one round of the rules."""
    access = acting(world.gemba, "north")
    now = int(NOW.timestamp()) * 1_000_000
    world.gemba.telemetry.append("north", Batch.of(["m1"], ["power_kw"], [now], [99.0], latest_us=now + 1))
    RuleRuntime(access).round(access)
    return access


def test_an_alert_is_listed_resolved_and_counted_as_the_contract_says(plants):
    with plants.client() as client:
        rule = client.post("/rules", json=given(plants)).json()
        overloaded(plants)
        body = client.get("/alerts", params={"severity": "critical"}).json()
        assert body["total"] == 1
        alert = body["data"][0]
        assert (alert["rule_id"], alert["rule_name"]) == (rule["id"], "Press overload")
        assert (alert["device_name"], alert["resolved_at"]) == ("north-secret-press", None)
        assert alert["triggered_at"] == "2026-03-04T12:00:00Z"
        assert alert["telemetry_snapshot"] == {"power_kw": 99.0}
        assert alert["message"] == "north power (99 kW) is above 80 kW"
        device = next(one for one in client.get("/devices").json()["data"] if one["device_key"] == "m1")
        assert (device["active_alert_count"], device["health_score"]) == (2, 93)
        summary = client.get("/dashboard/summary").json()["data"]
        assert (summary["active_alerts"], summary["critical_alerts"], summary["high_alerts"]) == (2, 1, 1)
        assert (summary["total_devices"], summary["active_devices"], summary["offline_devices"]) == (2, 1, 1)
        assert summary["current_energy_kw"] == 99.0
        assert summary["energy_today_kwh"] > 0
        answer = client.patch(f"/alerts/{alert['id']}/resolve")
        assert answer.json() == {"id": alert["id"], "resolved_at": "2026-03-04T12:00:00Z"}
        assert client.get("/alerts", params={"resolved": False}).json()["total"] == 1
        assert client.get("/alerts", params={"resolved": True}).json()["data"][0]["id"] == alert["id"]


def test_people_acknowledge_comment_assign_and_shelve(plants):
    number = plants.plants["north"].ids["alert"]
    path = f"/alerts/{number}"
    with plants.client(role="operator") as client:
        assert client.get(path).json()["state"] == "active"
        assert client.patch(f"{path}/acknowledge", json={"comment": "seen"}).json()["state"] == "acknowledged"
        assert client.post(f"{path}/comments", json={"comment": "pump ordered"}).status_code == 201
        assert client.patch(f"{path}/assign", json={"email": "manager@north.test"}).status_code == 200
        stranger = client.patch(f"{path}/assign", json={"email": "manager@south.test"})
        assert stranger.status_code == 422
        shelf = {"until": "2026-03-05T06:00:00Z", "reason": "test run"}
        assert client.patch(f"{path}/shelve", json=shelf).json()["state"] == "shelved"
        late = client.patch(f"{path}/shelve", json={**shelf, "until": "2026-03-01T06:00:00Z"})
        assert late.status_code == 422
        assert client.patch(f"{path}/unshelve").json()["state"] == "acknowledged"
        kinds = [one["kind"] for one in client.get(path).json()["history"]]
    assert kinds == ["acknowledged", "comment", "assigned", "shelved", "unshelved"]
    with plants.client(role="viewer") as client:
        assert client.patch(f"{path}/resolve").status_code == 403
        assert client.get(path).status_code == 200


def test_a_draft_is_tried_on_history_before_it_runs(plants):
    with plants.client(role="viewer") as client:
        trial = {"rule": given(plants), "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T12:00:00Z"}
        trial["rule"]["conditions"] = {"parameter": "power_kw", "operator": "gt", "threshold": 50}
        found = client.post("/rules/look-back", json=trial).json()
    assert found["total"] == 1
    assert found["alerts"][0]["triggered_at"] == "2026-03-04T11:51:00Z"
    assert found["verdict"] == "acceptable"
    assert [one["device_key"] for one in found["missed"]] == ["m1"] or found["preceded"] == []
