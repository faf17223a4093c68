"""Tokens under requests at once, keys that several processes make at once, secrets that name a factory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest

from analytics.errors import ConfigurationError, NotLoggedIn
from app.auth import accounts, passwords
from app.auth.given import factory_of, for_factory
from app.auth.signing import SigningKeys
from tests.conftest import make_factory

PASSWORD = "gravel lantern otter pudding"


@pytest.fixture
def account(gemba, factory_id, monkeypatch):
    monkeypatch.setattr(passwords, "ROUNDS", 4)
    return accounts.create(
        gemba.database, email="ann@north.test", name="Ann", password=PASSWORD, factory_slug="north",
        role="engineer", now=gemba.clock(),
    )  # fmt: skip


def test_of_many_requests_with_one_refresh_token_only_one_gets_the_next(gemba, account, factory_id, clock):
    first = gemba.tokens.open(account, factory_id, client="", now=clock())

    def ask(_: int) -> bool:
        try:
            gemba.tokens.refresh(first.refresh, clock())
        except NotLoggedIn:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert sum(got) <= 1, "the session may have ended before the one that won was answered"
    with pytest.raises(NotLoggedIn):
        gemba.tokens.identify(first.access, clock())


def test_an_access_token_carries_what_the_contract_says_and_is_short(gemba, account, factory_id, clock):
    token = gemba.tokens.open(account, factory_id, client="", now=clock()).access
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["factory_id"], claims["factory_slug"], claims["role"]) == (
        str(account), factory_id, "north", "engineer",
    )  # fmt: skip
    assert claims["exp"] - claims["iat"] == 900


def test_a_token_of_another_key_of_no_signature_or_of_another_factory_is_refused(
    gemba, account, factory_id, clock, tmp_path
):
    token = gemba.tokens.open(account, factory_id, client="", now=clock()).access
    claims, head = jwt.decode(token, options={"verify_signature": False}), jwt.get_unverified_header(token)
    key = gemba.tokens._keys.current(clock())
    foreign = SigningKeys(tmp_path / "elsewhere").current(clock())
    south = make_factory(gemba, "south")
    for bad in (
        jwt.encode(claims, foreign.secret, "HS256", headers={"kid": foreign.id}),
        jwt.encode(claims, foreign.secret, "HS256", headers={"kid": head["kid"]}),
        jwt.encode(claims, None, "none", headers={"kid": head["kid"]}),
        jwt.encode({**claims, "factory_id": south}, key.secret, "HS256", headers={"kid": key.id}),
        jwt.encode(
            {k: v for k, v in claims.items() if k != "exp"}, key.secret, "HS256", headers={"kid": key.id}
        ),
        "a.b.c",
        "",
    ):
        with pytest.raises(NotLoggedIn):
            gemba.tokens.identify(bad, clock())
    assert gemba.tokens.identify(token, clock()).email == "ann@north.test"


def test_a_session_cannot_be_refreshed_beyond_its_days(gemba, account, factory_id, clock):
    refresh = gemba.tokens.open(account, factory_id, client="", now=clock()).refresh
    for _ in range(13):
        clock.forward(days=1)
        refresh = gemba.tokens.refresh(refresh, clock()).refresh
    clock.forward(days=1)
    with pytest.raises(NotLoggedIn):
        gemba.tokens.refresh(refresh, clock())


def test_processes_that_start_at_once_agree_on_one_key(tmp_path, clock):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: SigningKeys(tmp_path).current(clock()).id, range(16)))
    assert len(set(made)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["tokens.json"]


def test_a_retired_key_checks_until_the_last_of_its_tokens_has_ended(tmp_path, clock):
    keys, life = SigningKeys(tmp_path), timedelta(minutes=15)
    old = keys.current(clock())
    keys.rotate(clock())
    assert keys.current(clock()).id != old.id
    assert keys.find(old.id, clock(), life) is not None
    clock.forward(minutes=16)
    assert keys.find(old.id, clock(), life) is None


def test_a_key_file_that_is_damaged_is_named(tmp_path, clock):
    keys = SigningKeys(tmp_path)
    keys.current(clock())
    keys.path.write_text("[]")
    with pytest.raises(ConfigurationError, match=r"tokens\.json"):
        SigningKeys(tmp_path).current(clock())


def test_a_secret_is_looked_up_in_the_factory_that_it_names_and_nowhere_else():
    secret = for_factory("gmb", 42)
    assert factory_of("gmb", secret) == 42
    assert factory_of("inv", secret) is None
    assert factory_of("gmb", secret + "x") is None
    assert factory_of("gmb", "gmb_-1_" + "x" * 43) is None
