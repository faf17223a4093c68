"""Lines and products over the API: with the version that the change is based on, and audited."""

import pytest
from sqlalchemy import select

from data.models import AuditEntry
from tests.api.world import World, acting


def tag(answer):
    return {"If-Match": answer.headers["ETag"]}


def actions(world):
    with acting(world.gemba, "north").read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("path", "body", "change", "wrong", "field"),
    [
        ("lines", {"key": "c", "name": "Packing", "oee_target": None, "area": ""},
         {"name": "Boxes", "oee_target": 0.7, "area": "Hall 2"}, {"key": "d"}, "key"),
        ("products", {"key": "bolt", "name": "Bolt", "unit": "pcs", "cycles": [], "is_active": True},
         {"cycles": [{"machine": "m1", "cycle_s": 1.5}], "is_active": False},
         {"cycles": [{"machine": "m9", "cycle_s": 1.5}]}, "cycles"),
    ],
)  # fmt: skip
def test_lines_and_products_are_added_changed_and_deleted(world: World, path, body, change, wrong, field):
    with world.client() as client:
        made = client.post(f"/{path}", json=body)
        assert made.status_code == 201
        assert client.post(f"/{path}", json=body).json()["error"]["fields"][0]["field"] == "key"
        one = f"/{path}/{made.json()['id']}"
        assert client.put(one, json=body | change).status_code == 428
        refused = client.put(one, json=body | wrong, headers=tag(made))
        assert [problem["field"] for problem in refused.json()["error"]["fields"]] == [field]
        done = client.put(one, json=body | change, headers=tag(made))
        assert done.status_code == 200
        assert body | change == {name: done.json()[name] for name in body}
        assert client.put(one, json=body, headers=tag(made)).status_code == 412
        old = {name: value for name, value in (body | change).items() if name not in {"area", "is_active"}}
        done = client.put(one, json=old, headers=tag(done))
        assert body | change == {name: done.json()[name] for name in body}
        assert client.delete(one).status_code == 428
        assert client.delete(one, headers=tag(done)).status_code == 200
        assert client.get(one).status_code == 404
    kind = path.removesuffix("s")
    assert actions(world)[-4:] == [f"{kind}.add", f"{kind}.change", f"{kind}.change", f"{kind}.delete"]


def test_what_is_in_use_is_not_deleted_and_the_answer_says_why(world: World):
    with world.client() as client:
        (line,) = client.get("/lines", params={"search": "line a"}).json()["data"]
        assert line["machines"] == 2
        seen = client.get(f"/lines/{line['id']}")
        refused = client.delete(f"/lines/{line['id']}", headers=tag(seen))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert "2 machines" in refused.json()["error"]["message"]


def test_a_product_names_each_machine_once(world: World):
    twice = [{"machine": "m1", "cycle_s": 1.5}, {"machine": "m1", "cycle_s": 2.5}]
    with world.client() as client:
        refused = client.post("/products", json={"key": "nut", "cycles": twice})
    assert (refused.status_code, refused.json()["error"]["fields"][0]["field"]) == (422, "cycles")


def test_a_mistyped_device_is_deleted_for_good_and_one_with_data_is_not(world: World):
    good = {"for_good": True}
    with world.client() as client:
        made = client.post("/devices", json={"device_key": "sawl"})
        path = f"/devices/{made.json()['id']}"
        assert client.delete(path, params=good).status_code == 428
        done = client.delete(path, params=good, headers=tag(made))
        assert (done.status_code, done.json()) == (200, {"message": "Device deleted for good"})
        assert client.get(path).status_code == 404
        full = f"/devices/{world.plants['north'].ids['machine']}"
        refused = client.delete(full, params=good | {"with_telemetry": True}, headers=tag(client.get(full)))
        assert refused.status_code == 409
        assert "state event" in refused.json()["error"]["message"]
        assert client.get(full).json()["is_active"] is True
    assert actions(world)[-1] == "machine.delete"
