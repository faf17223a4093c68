"""The same routes on MariaDB: every one that reads answers, and one object of each kind can be changed."""

from collections.abc import Iterator

import pytest

from tests.api.test_tenancy import OPERATIONS, ids_of
from tests.api.world import World, made_world
from tests.conftest import empty


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, migrated_mariadb: str) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("world"), database_url=migrated_mariadb) as made:
        yield made
    empty(migrated_mariadb)


def test_every_route_that_reads_answers(world):
    for one in OPERATIONS:
        if one.method == "get" and "import_id" not in one.names:
            ids = {**ids_of(world, "north"), "session.viewer": world.plants["north"].ids["session.admin"]}
            given = one.request(ids)
            given["params"] = (
                {**given["params"], "search": "a%_b"} if one.path.count("/") == 2 else given["params"]
            )
            with world.client() as client:
                answer = client.request(**given)
            downloads = one.path.endswith("/download")
            assert answer.status_code == (302 if downloads else 200), (one.path, answer.text)


def test_a_device_a_record_a_role_and_a_key_are_changed(world):
    plant = world.plants["north"]
    with world.client() as client:
        assert client.patch(f"/devices/{plant.ids['machine']}", json={"region": "B"}).json()["region"] == "B"
        path = f"/records/{plant.ids['record']}"
        stored = client.get(path)
        given = {k: v for k, v in stored.json().items() if k not in {"id", "version", "source"}}
        changed = client.put(path, json={**given, "good": 900}, headers={"If-Match": stored.headers["ETag"]})
        assert (changed.status_code, changed.json()["good"]) == (200, 900)
        role = client.get(f"/roles/{plant.ids['role']}")
        told = {"name": "Inspector", "permissions": ["see_plant", "see_audit"]}
        done = client.put(
            f"/roles/{plant.ids['role']}", json=told, headers={"If-Match": role.headers["ETag"]}
        )
        assert done.json()["permissions"] == ["see_audit", "see_plant"]
        assert client.post(f"/api-keys/{plant.ids['key']}/rotate").status_code == 200
        found = client.get("/records", params={"search": "NORTH-batch", "sort": "-good"}).json()
        assert [row["id"] for row in found["data"]] == [plant.ids["record"]]
