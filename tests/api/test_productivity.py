"""What a client of Productivity relies on: paths, bodies, answers and status codes."""

import pytest

from tests.api.world import World, made_world

EVENT = {
    "timestamp": "2026-03-04T10:15:00Z", "worker_id": "north-w1", "workstation_id": "north-s1",
    "event_type": "working", "confidence": 0.93, "count": 1,
}  # fmt: skip


def api(world: World, role: str = "admin"):
    client = world.client(role=role)
    client.base_url = world.address
    return client


def test_an_event_is_kept_once_and_an_unknown_worker_is_refused(world):
    with api(world) as client:
        first = client.post("/events", json=EVENT)
        assert (first.status_code, first.json()["message"]) == (201, "Event ingested successfully")
        again = client.post("/events", json=EVENT)
        assert (again.status_code, again.json()["is_duplicate"]) == (200, True)
        assert again.json()["event_id"] == first.json()["event_id"]
        for change in (
            {"worker_id": "W9"},
            {"timestamp": "2026-03-04 10:15"},
            {"event_type": "dancing"},
            {"confidence": 1.1},
            {"workstation_id": ""},
            {"timestamp": "2027-03-04T10:15:00Z"},
        ):
            answer = client.post("/events", json={**EVENT, **change})
            assert answer.status_code == 422, change
            assert answer.json()["error"]["fields"]


def test_a_batch_says_what_became_of_each(world):
    events = [
        {**EVENT, "timestamp": "2026-03-04T10:20:00Z", "event_type": "idle", "event_id": "b-1"},
        {**EVENT, "worker_id": "W9"},
        {**EVENT, "timestamp": "2026-03-04T10:20:00Z", "event_type": "idle", "event_id": "b-1"},
    ]
    with api(world, "engineer") as client:
        answer = client.post("/events/batch", json=events)
    assert answer.status_code == 201
    body = answer.json()
    assert body["message"] == "2/3 events ingested successfully"
    assert (body["success_count"], body["total_count"], body["duplicate_count"]) == (2, 3, 1)
    assert body["failed_indices"] == [1]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A world of its own: what the other tests send does not count here."""
    with made_world(tmp_path_factory.mktemp("quiet"), demo=True) as world:
        yield world


def test_metrics_have_the_contracts_shape_and_agree(quiet):
    with api(quiet, "viewer") as client:
        [worker] = client.get("/metrics/workers").json()
        assert worker == {
            "worker_id": "north-w1", "name": "Worker 01", "total_active_time_hours": 0.75,
            "total_idle_time_hours": 1.0, "utilization_percentage": pytest.approx(100 * 0.75 / 1.75),
            "total_units_produced": 6.0, "units_per_hour": 8.0, "event_count": 3,
        }  # fmt: skip
        assert client.get("/metrics/workers/north-w1").json() == worker
        [station] = client.get("/metrics/workstations").json()
        assert station["occupancy_time_hours"] == 1.75
        assert client.get("/metrics/workstations/north-s1").json() == station
        factory = client.get("/metrics/factory").json()
        assert factory["total_productive_time_hours"] == 0.75
        assert (factory["worker_count"], factory["station_count"], factory["total_events"]) == (1, 1, 3)
        strict = client.get("/metrics/factory", params={"least_confidence": 0.95}).json()
        assert strict["total_events"] == 0
        wrong = client.get(
            "/metrics/factory", params={"start": "2026-03-04T10:00:00Z", "end": "2026-03-03T10:00:00Z"}
        )
        assert wrong.status_code == 422


def test_names_are_pseudonyms_unless_somebody_who_may_says_why(quiet):
    with api(quiet, "viewer") as client:
        assert client.get("/workers").json() == [{"worker_id": "north-w1", "name": "Worker 01"}]
        assert client.get("/workers", params={"reason": "Accident report"}).status_code == 403
    with api(quiet, "manager") as client:
        named = client.get("/workers", params={"reason": "Accident report of today"}).json()
        assert named == [{"worker_id": "north-w1", "name": "north Ana Diaz"}]
        assert client.get("/workers", params={"reason": "x"}).status_code == 422


def test_sample_data_is_made_in_demo_mode_only_and_once(world, quiet):
    with api(world) as client:
        assert client.post("/seed").status_code == 404
    with api(quiet) as client:
        assert client.post("/seed").json() == {"message": "Database seeded successfully"}
        workers = client.get("/metrics/workers").json()
        assert client.post("/seed").status_code == 200
        assert client.get("/metrics/workers").json() == workers
    assert len(workers) == 7
    assert min(one["total_units_produced"] for one in workers) > 0
