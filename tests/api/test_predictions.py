"""Forecasts, anomalies, models, predictions: listed as the pages show them, promoted and rolled back."""

import pytest
from sqlalchemy import delete

from app.predict.failure.models import add_version
from data.models import FailureModelVersion, to_us
from tests.api.world import NOW, World, acting

LISTS = ("forecasts", "anomalies", "models", "predictions", "predictions/risks",
         "predictions/remaining-lives", "predictions/scores")  # fmt: skip


@pytest.fixture
def versions(world: World):
    """Three versions of risks of m2, oldest first; gone afterwards."""
    access = acting(world.gemba, "north")
    values = {
        "job_key": "v", "machine_key": "m2", "method": "both", "horizon_h": 6.0, "least_stop_min": 30.0,
        "start_us": 0, "end_us": 1, "hours": 1, "failures": 1, "threshold": 0.5, "base_rate": 0.2,
        "beats_naive": True, "fingerprint": "f", "digest": "d", "made_us": to_us(NOW), "made_by": "x",
    }  # fmt: skip
    with access.write() as session:
        found = [add_version(access, session, values).id for _ in range(3)]
    yield found
    with access.write() as session:
        session.execute(delete(FailureModelVersion).where(FailureModelVersion.machine_key == "m2"))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_the_envelope_and_refuses_an_unknown_order(world: World, path):
    with world.client(role="viewer") as client:
        got = client.get(f"/{path}").json()
        wrong = client.get(f"/{path}", params={"sort": "tea"})
    assert (got["page"], got["per_page"]) == (1, 20)
    assert got["total"] == len(got["data"])
    assert wrong.status_code == 422
    assert wrong.json()["error"]["fields"][0]["field"] == "sort"


def test_a_forecast_is_listed_by_target_and_machine_and_has_its_points(world: World):
    with world.client(role="viewer") as client:
        [one] = client.get("/forecasts", params={"target": "energy", "machine": "m1"}).json()["data"]
        assert client.get("/forecasts", params={"target": "kpi"}).json()["data"] == []
        assert client.get("/forecasts", params={"machine": "m2"}).json()["data"] == []
        whole = client.get(f"/forecasts/{one['id']}").json()
    assert (one["name"], one["total"]) == ("north forecast", 2.5)
    [point] = whole["points"]
    assert point["time"] == one["start"]
    assert {point[name] for name in point if name != "time"} == {2.5}


def test_anomalies_are_filtered_by_severity_machine_and_what_was_said(world: World):
    with world.client(role="viewer") as client:
        [one] = client.get("/anomalies", params={"machine": "m1", "severity": "high"}).json()["data"]
        for wrong in ({"severity": "low"}, {"machine": "m2"}, {"said": "real"}):
            assert client.get("/anomalies", params=wrong).json()["data"] == []
    assert (one["peak"], one["said"], one["is_excused"]) == (2.5, "none", False)
    assert one["contributions"] == [{"parameter": "power_kw", "share": 0.9}]


def test_predictions_are_filtered_by_kind_machine_and_match(world: World):
    with world.client(role="viewer") as client:
        both = client.get("/predictions", params={"kind": ["life", "failure"], "sort": "machine"}).json()
        [life] = client.get("/predictions", params={"kind": "life", "machine": "m1"}).json()["data"]
        assert client.get("/predictions", params={"is_matched": True}).json()["total"] == 0
        assert client.get("/predictions", params={"per_page": 1, "page": 2}).json()["total"] == 2
    assert both["total"] == 2
    assert (life["naive"], life["matched_at"], life["scores"]) == (5.0, None, {})


def test_risks_and_remaining_lives_are_those_told_last(world: World):
    with world.client(role="viewer") as client:
        [risk] = client.get("/predictions/risks").json()["data"]
        [life] = client.get("/predictions/remaining-lives").json()["data"]
    assert (risk["chance"], risk["usual"], risk["is_high"], risk["is_trusted"]) == (0.4, 0.1, True, False)
    assert (life["left_h"], life["upper_h"], life["is_open_ended"], life["is_trusted"]) == (
        7.0,
        9.0,
        True,
        True,
    )
    assert life["since"].startswith(NOW.strftime("%Y-%m-%dT%H"))


def test_a_model_is_promoted_rolled_back_and_retired(world: World, versions):
    first, second, _ = versions
    with world.client() as client:
        seen = {"If-Match": client.get(f"/models/{first}").headers["ETag"]}
        assert client.post(f"/models/{first}/promote", headers=seen).json()["state"] == "promoted"
        assert client.post(f"/models/{first}/retire", json={"why": ""}, headers=seen).status_code == 412
        assert client.post(f"/models/{first}/promote").status_code == 409
        assert client.post(f"/models/{first}/roll-back").status_code == 409
        assert client.post(f"/models/{second}/promote").json()["state"] == "promoted"
        assert client.get(f"/models/{first}").json()["why"] == "version 2 was promoted"
        back = client.post(f"/models/{second}/roll-back").json()
        assert (back["id"], back["state"]) == (first, "promoted")
        gone = client.post(f"/models/{first}/retire", json={"why": "the pump was replaced"}).json()
    assert (gone["state"], gone["why"]) == ("retired", "the pump was replaced")


def test_models_are_listed_by_machine_state_and_what_they_tell(world: World, versions):
    with world.client(role="viewer") as client:
        mine = client.get("/models", params={"machine": "m2", "sort": "-number"}).json()["data"]
        assert [one["number"] for one in mine] == [3, 2, 1]
        assert client.get("/models", params={"machine": "m2", "tells": "life"}).json()["data"] == []
        assert client.get("/models", params={"machine": "m2", "state": "promoted"}).json()["data"] == []
        whole = client.get(f"/models/{versions[0]}")
        again = client.get(f"/models/{versions[0]}", headers={"If-None-Match": whole.headers["ETag"]})
        refused = client.post(f"/models/{versions[0]}/promote")
    assert whole.json()["digest"] == "d"
    assert again.status_code == 304
    assert refused.status_code == 403
