"""What a client of FactoryOps relies on, and what makes two people's changes safe."""

import time

import httpx
import pytest
from prometheus_client import REGISTRY

from tests.api.world import NOW, World, made_world


def test_devices_are_listed_in_the_contracts_shape(world):
    with world.client() as client:
        body = client.get(
            "/devices", params={"page": 1, "per_page": 1, "search": "secret", "is_active": True}
        ).json()
    assert {key: body[key] for key in ("total", "page", "per_page")} == {"total": 1, "page": 1, "per_page": 1}
    row = body["data"][0]
    assert {
        "id", "device_key", "name", "manufacturer", "model", "region", "is_active", "last_seen",
        "health_score", "current_energy_kw", "active_alert_count", "created_at", "updated_at",
    } <= set(row)  # fmt: skip
    assert row["last_seen"] == "2026-03-04T11:59:00Z"
    assert row["current_energy_kw"] == 59.0


def test_a_device_lives_from_its_creation_to_its_soft_deletion(world):
    given = {
        "device_key": "M02",
        "name": "Mill B",
        "manufacturer": "Haas",
        "model": "VF-2",
        "region": "Line 3",
    }
    with world.client(role="engineer") as client:
        made = client.post("/devices", json=given)
        assert made.status_code == 201
        path = f"/devices/{made.json()['id']}"
        changed = client.patch(path, json={"name": "Mill B (Updated)", "region": "Line 4"})
        assert changed.status_code == 200
        assert (changed.json()["name"], changed.json()["manufacturer"]) == ("Mill B (Updated)", "Haas")
        gone = client.delete(path)
        assert (gone.status_code, gone.json()) == (200, {"message": "Device deactivated successfully"})
        assert client.get(path).json()["is_active"] is False
        twice = client.post("/devices", json=given)
        assert (twice.status_code, twice.json()["error"]["fields"][0]["field"]) == (422, "device_key")


def test_limits_are_set_and_taken_away_and_wrong_ones_named_at_their_field(world):
    machine, one = (world.plants["north"].ids[name] for name in ("machine", "parameter"))
    path = f"/devices/{machine}/parameters/{one}"
    with world.client() as client:
        seen = client.get(path)
        assert (seen.json()["low_limit"], seen.json()["high_limit"]) == (None, None)
        tag = {"If-Match": seen.headers["ETag"]}
        done = client.patch(path, json={"low_limit": 1, "high_limit": 80.5}, headers=tag)
        assert (done.json()["low_limit"], done.json()["high_limit"]) == (1.0, 80.5)
        assert client.patch(path, json={"low_limit": 2}, headers=tag).status_code == 412
        wrong = client.patch(path, json={"low_limit": 90})
        fields = [problem["field"] for problem in wrong.json()["error"]["fields"]]
        assert (wrong.status_code, fields) == (422, ["high_limit"])
        named = client.patch(path, json={"unit": "kW"}).json()
        assert (named["low_limit"], named["high_limit"]) == (1.0, 80.5)
        gone = client.patch(path, json={"low_limit": None, "high_limit": None}).json()
        assert (gone["low_limit"], gone["high_limit"]) == (None, None)


def test_parameters_and_kpis_answer_in_the_contracts_shape(world):
    machine, one = (world.plants["north"].ids[name] for name in ("machine", "parameter"))
    with world.client() as client:
        rows = client.get(f"/devices/{machine}/parameters").json()["data"]
        found = {row["parameter_key"]: (row["id"], row["is_kpi_selected"]) for row in rows}
        assert found.keys() == {"power_kw", "anomaly_score"}
        assert found["power_kw"] == (one, True)
        answer = client.patch(f"/devices/{machine}/parameters/{one}", json={"display_name": "Line power"})
        assert answer.json()["display_name"] == "Line power"
        live = client.get(f"/devices/{machine}/kpis/live").json()
        assert (live["device_id"], live["timestamp"]) == (machine, "2026-03-04T11:59:00Z")
        assert live["kpis"] == [
            {
                "parameter_key": "power_kw",
                "display_name": "Line power",
                "unit": "kW",
                "value": 59.0,
                "is_stale": False,
            }
        ]
        past = client.get(
            f"/devices/{machine}/kpis/history",
            params={"parameter": "power_kw", "start": "2026-03-04T11:00:00Z", "end": "2026-03-04T11:10:00Z",
                    "interval": "5m"},
        ).json()  # fmt: skip
    assert past["interval"] == "5m"
    assert past["points"] == [
        {"timestamp": "2026-03-04T11:00:00Z", "value": 2.0},
        {"timestamp": "2026-03-04T11:05:00Z", "value": 7.0},
    ]


def test_what_a_machine_sends_and_nobody_has_listed_becomes_a_parameter(world):
    machine = world.plants["south"].ids["machine"]
    message = {"machine": "m1", "parameter": "spindle_rpm", "time": NOW.isoformat(), "value": 3500}
    with world.client("south") as client:
        assert client.post("/telemetry", json={"messages": [message]}).json()["stored"] == 1
        rows = client.get(f"/devices/{machine}/parameters", params={"search": "spindle"}).json()["data"]
        assert [(row["data_type"], row["discovered_at"]) for row in rows] == [("int", "2026-03-04T12:00:00Z")]
        again = client.get(f"/devices/{machine}/parameters", params={"search": "spindle"}).json()["data"]
    assert again == rows


def test_somebody_invited_comes_in_once_with_the_permissions_of_the_invitation(world):
    given = {
        "email": "new@north-guests.test",
        "permissions": {"create_rules": True, "generate_reports": False},
    }
    with world.client(role="super_admin") as client:
        made = client.post("/users/invite", json=given)
        assert made.status_code == 201
        token = made.json()["invite_link"].rpartition("=")[2]
        listed = client.get("/users/invitations", params={"search": "new@"}).json()["data"]
        assert [one["invite_link"] for one in listed] == [None]
    with world.client(role=None) as guest:
        right = {"token": token, "password": "velvet canyon mosquito"}
        weak = guest.post("/users/accept-invite", json={"token": token, "password": "passwordpassword"})
        assert (weak.status_code, weak.json()["error"]["fields"][0]["field"]) == (422, "password")
        answer = guest.post("/users/accept-invite", json=right)
        assert answer.status_code == 200
        held = answer.json()["user"]["permissions"]
        assert (held["create_rules"], held["generate_reports"], held["manage_users"]) == (True, False, False)
        twice = guest.post("/users/accept-invite", json=right)
        assert twice.status_code == 401


def test_nobody_gives_more_than_they_hold_or_changes_themselves(world):
    ids = world.plants["north"].ids
    with world.client(role="admin") as client:
        grant = {"role": "super_admin"}
        assert client.patch(f"/users/{ids['user.viewer']}/role", json=grant).status_code == 403
        assert client.delete(f"/users/{ids['user.admin']}").status_code == 403
        assert client.delete(f"/users/{ids['user.super_admin']}").status_code == 403
        assert client.post(f"/users/{ids['user.super_admin']}/reset-link").status_code == 403
        wrong = client.patch(f"/users/{ids['user.viewer']}/permissions", json={"permissions": {"fly": True}})
        assert wrong.status_code == 422


def test_the_second_of_two_people_who_change_one_object_is_told(world):
    path = f"/devices/{world.plants['north'].ids['machine']}"
    with world.client() as first, world.client(role="engineer") as second:
        tag = first.get(path).headers["ETag"]
        assert not tag.startswith("W/")
        assert first.patch(path, json={"region": "A"}, headers={"If-Match": tag}).status_code == 200
        late = second.patch(path, json={"region": "B"}, headers={"If-Match": tag})
        assert (late.status_code, late.json()["error"]["code"]) == (412, "precondition_failed")
        assert first.get(path).json()["region"] == "A"
        fresh = second.get(path).headers["ETag"]
        assert second.patch(path, json={"region": "B"}, headers={"If-Match": fresh}).status_code == 200


def test_our_own_changes_must_name_their_version(world):
    path = f"/records/{world.plants['north'].ids['record']}"
    with world.client() as client:
        stored = client.get(path)
        given = {k: v for k, v in stored.json().items() if k not in {"id", "version", "source"}} | {
            "good": 950
        }
        assert client.put(path, json=given).status_code == 428
        assert client.put(path, json=given, headers={"If-Match": "guess"}).status_code == 422
        done = client.put(path, json=given, headers={"If-Match": stored.headers["ETag"]})
        assert (done.status_code, done.json()["good"], done.json()["version"]) == (200, 950, 2)
        late = client.put(path, json=given, headers={"If-Match": stored.headers["ETag"]})
        assert late.status_code == 412


def test_what_has_not_changed_is_not_sent_again(world):
    path = f"/devices/{world.plants['north'].ids['machine']}"
    with world.client() as client:
        tag = client.get(path).headers["ETag"]
        same = client.get(path, headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
        client.patch(path, json={"importance": 5})
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_every_list_is_cut_into_pages_and_sorted_both_ways(world):
    with world.client(role="super_admin") as client:
        for path, sort in (
            ("/users", "email"),
            ("/devices", "name"),
            ("/roles", "key"),
            ("/audit/entries", "position"),
        ):
            whole = client.get(path, params={"per_page": 100, "sort": sort}).json()
            down = client.get(path, params={"per_page": 100, "sort": f"-{sort}"}).json()["data"]
            assert down == whole["data"][::-1]
            parts = [
                client.get(path, params={"per_page": 2, "page": page, "sort": sort}).json()["data"]
                for page in range(1, -(-whole["total"] // 2) + 1)
            ]
            assert [row for part in parts for row in part] == whole["data"][: whole["total"]]
            assert client.get(path, params={"sort": "nonsense"}).status_code == 422


def test_a_request_id_is_taken_over_or_made(world):
    with world.client() as client:
        assert client.get("/devices", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
        made = client.get("/devices", headers={"X-Request-Id": "not an id"}).headers["X-Request-Id"]
        assert len(made) == 32


def test_requests_are_counted_by_route_and_not_by_address(world):
    def counted(status: str) -> float:
        labels = {"method": "GET", "route": "/devices/{device_id}", "status": status}
        return REGISTRY.get_sample_value("gemba_api_requests_total", labels) or 0.0

    before = counted("200"), counted("404")
    with world.client() as client:
        client.get(f"/devices/{world.plants['north'].ids['machine']}")
        client.get("/devices/123456789")
        client.get("/devices/123456788")
    wanted = (before[0] + 1, before[1] + 2)
    until = time.monotonic() + 10
    while (counted("200"), counted("404")) != wanted and time.monotonic() < until:
        time.sleep(0.01)  # A request is counted when its answer has been sent.
    assert (counted("200"), counted("404")) == wanted


def test_a_body_beyond_the_limit_is_refused_told_or_not(world):
    with world.client() as client:
        told = client.post("/devices", content=b"x" * 9_000_000, headers={"Content-Type": "application/json"})
        assert (told.status_code, told.json()["error"]["code"]) == (413, "too_large")
        parts = (b"x" * 1_000_000 for _ in range(9))
        untold = client.post("/devices", content=parts, headers={"Content-Type": "application/json"})
        assert (untold.status_code, untold.json()["error"]["code"]) == (413, "too_large")


def test_a_token_and_an_address_that_ask_too_often_are_told_when_to_come_back(tmp_path):
    with (
        made_world(tmp_path, api_rate_per_minute=30) as small,
        small.client() as one,
        small.client("south") as two,
    ):
        answers = [one.get("/me") for _ in range(40)]
        assert [a.status_code for a in answers[:30]] == [200] * 30
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3
        assert answers[-1].headers["X-Request-Id"]
        assert two.get("/me").status_code == 200


def test_scripts_of_a_named_origin_may_call_and_others_may_not(tmp_path):
    with made_world(tmp_path, api_cors_origins="https://mes.example") as small, small.client() as client:
        asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
        good = client.options("/devices", headers={"Origin": "https://mes.example", **asked})
        assert good.headers["Access-Control-Allow-Origin"] == "https://mes.example"
        bad = client.options("/devices", headers={"Origin": "https://evil.example", **asked})
        assert "Access-Control-Allow-Origin" not in bad.headers


def test_the_reference_page_needs_no_other_host(world: World):
    page = httpx.get(f"{world.address}/docs", timeout=60).text
    assert "/v1/devices/{device_id}" in page
    assert "http://" not in page.replace("http://127.0.0.1", "")
    assert "https://" not in page


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing"])
def test_an_unknown_path_answers_in_the_one_shape(world, path):
    answer = httpx.get(world.address + path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("kind", ["anomaly", "failure_prediction", "energy_forecast"])
def test_the_reference_kinds_of_job_take_its_body_and_answer_in_its_shape(world, kind):
    with world.client(role="engineer") as client:
        device = client.get("/devices").json()["data"][0]["id"]
        body = {
            "job_type": kind, "mode": "standard", "device_ids": [device],
            "date_range_start": "2026-02-01T00:00:00Z", "date_range_end": "2026-02-19T00:00:00Z",
        }  # fmt: skip
        made = client.post("/analytics/jobs", json=body)
        assert made.status_code == 201, made.text
        assert made.json()["data"]["status"] == "pending"
        shown = client.get(f"/analytics/jobs/{made.json()['data']['job_id']}").json()["data"]
    assert {name: shown[name] for name in body} == body


@pytest.mark.parametrize(
    ("kind", "options"),
    [("energy_forecast", {"method": "magic"}), ("forecast", {"kpi": "luck"}),
     ("failure_prediction", {"parameters": ["failure"]}), ("match_predictions", {"tea": 1})],
)  # fmt: skip
def test_wrong_options_of_a_job_are_refused_with_422(world, kind, options):
    with world.client(role="engineer") as client:
        answer = client.post("/analytics/jobs", json={"job_type": kind, "options": options})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["fields"]
