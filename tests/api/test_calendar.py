"""Shifts, crews, special days and holidays are changed with the version that the change is based on."""

import pytest
from sqlalchemy import select

from data.models import AuditEntry
from tests.api.world import World, acting

ANCHOR = "2026-03-02"


def tag(answer):
    return {"If-Match": answer.headers["ETag"]}


def actions(world):
    with acting(world.gemba, "north").read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def given(answer):
    return {name: value for name, value in answer.json().items() if name not in {"id", "version"}}


def test_a_shift_is_changed_from_its_version_only_and_the_change_is_audited(world: World):
    path = f"/calendar/shifts/{world.plants['north'].ids['shift']}"
    with world.client() as client:
        seen = client.get(path)
        body = given(seen) | {"breaks": [{"start": "09:30", "end": "10:00"}]}
        assert client.put(path, json=body).status_code == 428
        done = client.put(path, json=body, headers=tag(seen))
        assert (done.status_code, done.json()["version"]) == (200, seen.json()["version"] + 1)
        assert done.json()["breaks"] == [{"start": "09:30", "end": "10:00"}]
        assert client.put(path, json=body, headers=tag(seen)).status_code == 412
        assert client.get(path).json()["breaks"] == done.json()["breaks"]
    assert actions(world)[-1] == "shift.change"


def test_a_shift_that_overlaps_another_or_is_named_elsewhere_is_refused(world: World):
    path = f"/calendar/shifts/{world.plants['north'].ids['shift']}"
    with world.client() as client:
        seen = client.get(path)
        longer = client.put(path, json=given(seen) | {"end": "15:00"}, headers=tag(seen))
        renamed = client.put(path, json=given(seen) | {"key": "first"}, headers=tag(seen))
        gone = client.delete(path, headers=tag(seen))
        odd = client.post("/calendar/shifts", json=given(seen) | {"start": "6 o'clock"})
    assert [one["field"] for one in longer.json()["error"]["fields"]] == ["shifts"]
    assert [one["field"] for one in renamed.json()["error"]["fields"]] == ["key"]
    assert (gone.status_code, odd.status_code) == (409, 422)


def test_a_shift_for_an_opened_hole_is_added_and_deleted(world: World):
    late = "2027-01-01"
    with world.client() as client:
        for one in client.get("/calendar/shifts").json()["data"]:
            seen = client.get(f"/calendar/shifts/{one['id']}")
            client.put(
                f"/calendar/shifts/{one['id']}", json=given(seen) | {"valid_to": late}, headers=tag(seen)
            )
        body = {"key": "day", "name": "Day", "start": "08:00", "end": "16:00", "valid_from": "2027-01-03"}
        made = client.post("/calendar/shifts", json=body)
        assert (made.status_code, made.json()["weekdays"]) == (201, [0, 1, 2, 3, 4, 5, 6])
        path = f"/calendar/shifts/{made.json()['id']}"
        assert client.delete(path, headers=tag(made)).json() == {"message": "Shift deleted"}
        assert client.get(path).status_code == 404
        assert client.get("/calendar/shifts", params={"sort": "-start"}).json()["total"] == 3
    assert actions(world)[-2:] == ["shift.add", "shift.delete"]


@pytest.mark.parametrize(
    ("path", "body", "change", "wrong", "field"),
    [
        ("crews", {"key": "B", "name": "Crew B", "rotation": ["late", "-"], "anchor": ANCHOR},
         {"rotation": ["-", "late"]}, {"rotation": ["tea"]}, "rotation"),
        ("special-days", {"day": "2026-12-24", "is_open": False, "shifts": [], "name": "Christmas Eve"},
         {"shifts": ["night"]}, {"shifts": ["tea"]}, "shifts"),
        ("targets", {"figure": "oee", "value": 0.8, "valid_from": "2026-03-02", "line": "", "product": "",
                     "shift": "late"},
         {"value": 0.85}, {"value": 75.0}, "value"),
    ],
)  # fmt: skip
def test_crews_days_and_targets_are_added_changed_and_deleted(world, path, body, change, wrong, field):
    with world.client() as client:
        made = client.post(f"/calendar/{path}", json=body)
        assert made.status_code == 201
        one = f"/calendar/{path}/{made.json()['id']}"
        refused = client.put(one, json=body | wrong, headers=tag(made))
        assert [problem["field"] for problem in refused.json()["error"]["fields"]] == [field]
        done = client.put(one, json=body | change, headers=tag(made))
        assert given(done) == body | change
        assert client.put(one, json=body, headers=tag(made)).status_code == 412
        assert client.delete(one).status_code == 428
        assert client.delete(one, headers=tag(done)).status_code == 200
        assert client.get(one).status_code == 404
    kind = {"crews": "crew", "special-days": "calendar", "targets": "target"}[path]
    assert actions(world)[-3:] == [f"{kind}.add", f"{kind}.change", f"{kind}.delete"]


def test_the_holidays_are_chosen_with_their_version(world: World):
    with world.client() as client:
        seen = client.get("/calendar/holidays")
        assert seen.json() == {"country": "", "region": ""}
        done = client.put("/calendar/holidays", json={"country": "DE", "region": "BY"}, headers=tag(seen))
        assert done.json() == {"country": "DE", "region": "BY"}
        assert client.put("/calendar/holidays", json={"country": ""}, headers=tag(seen)).status_code == 412
        assert client.put("/calendar/holidays", json={"country": "XX"}, headers=tag(done)).status_code == 422
        client.put("/calendar/holidays", json={"country": ""}, headers=tag(done))
        assert client.get("/calendar/holidays").json() == {"country": "", "region": ""}
    assert actions(world)[-1] == "holidays.change"


def test_the_basics_are_changed_from_what_was_seen_only_and_the_change_is_audited(world: World):
    with world.client() as client:
        seen = client.get("/calendar/basics")
        was = {"day_start": "06:00", "minor_stop_s": 300, "oee_target": None, "currency": "EUR"}
        assert seen.json() == was
        body = {"day_start": "05:30", "minor_stop_s": 120, "oee_target": 0.8, "currency": "CHF"}
        assert client.put("/calendar/basics", json=body).status_code == 428
        done = client.put("/calendar/basics", json=body, headers=tag(seen))
        assert (done.status_code, done.json()) == (200, body)
        assert client.put("/calendar/basics", json=was, headers=tag(seen)).status_code == 412
        odd = {"day_start": "24:00", "minor_stop_s": -1, "oee_target": 75.0, "currency": "Euro"}
        for field, value in odd.items():
            refused = client.put("/calendar/basics", json=body | {field: value}, headers=tag(done))
            assert [one["field"] for one in refused.json()["error"]["fields"]] == [f"body.{field}"]
        assert client.get("/calendar/basics").json() == body
        client.put("/calendar/basics", json=was, headers=tag(done))
    assert actions(world)[-2:] == ["factory.basics", "factory.basics"]
