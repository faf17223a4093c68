"""Log-in, refresh with rotation, log-out; throttling; keys; what the FactoryOps contract answers."""

import time

import httpx
import pytest

from app.auth.signing import SigningKeys
from tests.api.world import PASSWORD, World


def log_in(
    world: World, email: str = "engineer@north.test", password: str = PASSWORD, **more: object
) -> httpx.Response:
    body = {"factory_id": world.plants["north"].id, "email": email, "password": password, **more}
    with world.client(role=None) as client:
        return client.post("/auth/login", json=body)


def bearer(world: World, token: str) -> httpx.Client:
    return world.client(role=None, Authorization=f"Bearer {token}")


def test_the_factories_are_public_and_nothing_else_of_them(world):
    with world.client(role=None) as client:
        rows = client.get("/factories").json()["data"]
    assert [set(row) for row in rows] == [{"id", "name", "slug"}] * 2


def test_a_log_in_answers_as_the_contract_says(world):
    answer = log_in(world)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert body["user"]["email"] == "engineer@north.test"
    assert body["user"]["permissions"]["create_rules"] is True
    assert body["user"]["permissions"]["manage_users"] is False
    with bearer(world, body["access_token"]) as client:
        assert client.get("/devices").status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "factory"),
    [("engineer@north.test", "wrong", "north"), ("nobody@north.test", PASSWORD, "north"),
     ("engineer@north.test", PASSWORD, "south"), ("engineer@north.test", PASSWORD, "none")],
)  # fmt: skip
def test_a_wrong_password_name_or_factory_get_one_and_the_same_answer(world, email, password, factory):
    number = world.plants[factory].id if factory in world.plants else 10_000
    answer = log_in(world, email, password, factory_id=number)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {"code": "not_logged_in", "message": "E-mail or password is wrong.", "fields": []}
    }


def test_many_failures_are_throttled_with_the_time_to_wait(world):
    for _ in range(4):
        assert log_in(world, "viewer@north.test", "wrong").status_code == 401
    answer = log_in(world, "viewer@north.test")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_good_access_token_is_refreshed_without_a_body_as_the_contract_says(world):
    first = log_in(world).json()["access_token"]
    world.clock.forward(seconds=60)
    with bearer(world, first) as client:
        answer = client.post("/auth/refresh")
    assert answer.status_code == 200
    assert answer.json()["access_token"] != first
    with bearer(world, answer.json()["access_token"]) as client:
        assert client.get("/devices").status_code == 200


def test_an_access_token_ends_after_its_minutes_and_the_refresh_token_brings_the_next(world):
    body = log_in(world).json()
    world.clock.forward(minutes=16)
    with bearer(world, body["access_token"]) as client:
        assert client.get("/devices").status_code == 401
        assert client.post("/auth/refresh").status_code == 401
    with world.client(role=None) as client:
        answer = client.post("/auth/refresh", json={"refresh_token": body["refresh_token"]})
    assert answer.status_code == 200
    with bearer(world, answer.json()["access_token"]) as client:
        assert client.get("/devices").status_code == 200


def test_a_refresh_token_that_comes_twice_ends_the_whole_log_in(world):
    stolen = log_in(world).json()["refresh_token"]
    with world.client(role=None) as client:
        second = client.post("/auth/refresh", json={"refresh_token": stolen}).json()
        assert client.post("/auth/refresh", json={"refresh_token": stolen}).status_code == 401
        again = client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert again.status_code == 401
    with bearer(world, second["access_token"]) as client:
        assert client.get("/devices").status_code == 401


def test_after_the_log_out_neither_token_is_worth_anything(world):
    body = log_in(world).json()
    with bearer(world, body["access_token"]) as client:
        assert client.get("/devices").status_code == 200
        assert client.post("/auth/logout").status_code == 200
        assert client.get("/devices").status_code == 401
        assert client.post("/auth/refresh", json={"refresh_token": body["refresh_token"]}).status_code == 401


def test_a_rotated_key_still_checks_old_tokens_and_a_removed_one_does_not(world):
    old = log_in(world).json()["access_token"]
    keys = SigningKeys(world.gemba.settings.home)
    keys.rotate(world.clock())
    assert keys.path.stat().st_mode & 0o777 == 0o600
    new = log_in(world).json()["access_token"]
    for token in (old, new):
        with bearer(world, token) as client:
            assert client.get("/devices").status_code == 200
    keys.rotate(world.clock(), at_once=True)
    for token in (old, new):
        with bearer(world, token) as client:
            assert client.get("/devices").status_code == 401


def test_a_deactivated_user_is_out_at_once_and_in_again_when_reactivated(world):
    token = log_in(world, "operator@north.test").json()["access_token"]
    number = world.plants["north"].ids["user.operator"]
    admin = log_in(world, "admin@north.test").json()["access_token"]
    with bearer(world, admin) as client, bearer(world, token) as person:
        assert person.get("/devices").status_code == 200
        assert client.delete(f"/users/{number}").json() == {"message": "User deactivated successfully"}
        assert person.get("/devices").status_code == 401
        assert log_in(world, "operator@north.test").status_code == 401
        assert client.post(f"/users/{number}/reactivate").json()["is_active"] is True
    assert log_in(world, "operator@north.test").status_code == 200


def test_a_key_sends_for_its_machine_only_and_can_do_nothing_else(world):
    admin = log_in(world, "admin@north.test").json()["access_token"]
    with bearer(world, admin) as client:
        made = client.post(
            "/api-keys", json={"name": "press", "machine": "m1", "permissions": ["send_data"]}
        ).json()
        moment = world.clock().isoformat()
        messages = [{"machine": m, "start": moment, "state": "running"} for m in ("m1", "m2")]
        with world.client(role=None, **{"X-API-Key": made["key"]}) as machine:
            answer = machine.post("/states", json={"messages": messages}).json()
            assert (answer["stored"], [one["position"] for one in answer["refused"]]) == (1, [1])
            assert machine.get("/devices").status_code == 403
        assert client.get(f"/api-keys/{made['id']}").json()["last_used_at"] is not None
        fresh = client.post(f"/api-keys/{made['id']}/rotate").json()["key"]
        with world.client(role=None, **{"X-API-Key": made["key"]}) as machine:
            assert machine.post("/states", json={"messages": []}).status_code == 401
        with world.client(role=None, **{"X-API-Key": fresh}) as machine:
            assert machine.post("/states", json={"messages": []}).status_code == 200
        client.delete(f"/api-keys/{made['id']}")
        with world.client(role=None, **{"X-API-Key": fresh}) as machine:
            assert machine.post("/states", json={"messages": []}).status_code == 401


def test_the_password_digest_is_paid_once_and_not_per_request(world, monkeypatch):
    token = log_in(world).json()["access_token"]
    monkeypatch.setattr("app.auth.passwords.bcrypt.checkpw", lambda *_: pytest.fail("a digest was computed"))
    started = time.perf_counter()
    with bearer(world, token) as client:
        for _ in range(20):
            assert client.get("/devices").status_code == 200
    assert time.perf_counter() - started < 20
