"""Log-ins: right and wrong pairs, growing delays, one-time tickets, revocation."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from analytics.errors import Conflict, InvalidInput, NotFound, NotLoggedIn, Throttled
from app.auth import accounts, passwords, sessions
from data.models import Base, Membership
from tests.conftest import make_factory

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch):
    monkeypatch.setattr(passwords, "ROUNDS", 4)
    passwords._nobody.cache_clear()


@pytest.fixture
def account(gemba, factory_id):
    return accounts.create(
        gemba.database, email="Ann@Example.test ", name="Ann", password=PASSWORD,
        factory_slug="north", role="engineer", now=gemba.clock(),
    )  # fmt: skip


def check(gemba, email, password, address="10.0.0.1"):
    return accounts.check(gemba.database, gemba.vault, email, password, address, gemba.clock())


def logged_in(gemba, account, factory_id):
    ticket = sessions.open_ticket(
        gemba.database, account, factory_id, life=timedelta(hours=1), client="test", now=gemba.clock()
    )
    return sessions.redeem(gemba.database, ticket, gemba.clock())[0]


def test_the_right_pair_gives_the_person_whatever_the_case_of_the_address(gemba, account, factory_id):
    person = check(gemba, " ann@EXAMPLE.test", PASSWORD)
    assert person is not None
    assert person.memberships == ((factory_id, "engineer"),)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(gemba, account):
    assert check(gemba, "ann@example.test", "wrong") is None
    assert check(gemba, "nobody@example.test", PASSWORD) is None


def test_failed_tries_delay_this_name_from_this_address_and_nobody_else(gemba, account, clock):
    for _ in range(6):
        clock.forward(seconds=61)
        assert check(gemba, "ann@example.test", "wrong") is None
    with pytest.raises(Throttled, match="Try again in"):
        check(gemba, "ann@example.test", PASSWORD)
    assert check(gemba, "ann@example.test", PASSWORD, address="10.0.0.2") is not None
    clock.forward(seconds=61)
    assert check(gemba, "ann@example.test", PASSWORD) is not None
    assert check(gemba, "ann@example.test", "wrong") is None


def test_a_second_account_for_an_address_is_refused(gemba, account):
    with pytest.raises(Conflict):
        accounts.create(
            gemba.database, email="ann@example.test", name="", password="x" * 12,
            factory_slug="north", role="viewer", now=gemba.clock(),
        )  # fmt: skip


def test_an_unknown_role_and_a_wrong_address_are_both_named(gemba, factory_id):
    with pytest.raises(InvalidInput) as refused:
        accounts.create(
            gemba.database, email="none", name="", password="x", factory_slug="north", role="king",
            now=gemba.clock(),
        )  # fmt: skip
    assert [problem.field for problem in refused.value.problems] == ["email", "role"]


def test_a_ticket_opens_one_session_once_and_only_within_a_minute(gemba, account, factory_id, clock):
    def ticket():
        return sessions.open_ticket(
            gemba.database, account, factory_id, life=timedelta(hours=1), client="", now=clock()
        )

    first = ticket()
    sessions.redeem(gemba.database, first, clock())
    with pytest.raises(NotLoggedIn):
        sessions.redeem(gemba.database, first, clock())
    late = ticket()
    clock.forward(seconds=61)
    with pytest.raises(NotLoggedIn):
        sessions.redeem(gemba.database, late, clock())
    with pytest.raises(NotLoggedIn):
        sessions.redeem(gemba.database, "guess", clock())


def test_a_token_names_the_principal_until_the_session_ends(gemba, account, factory_id, clock):
    token = logged_in(gemba, account, factory_id)
    who = sessions.find(gemba.database, token, clock())
    assert who is not None
    assert (who.email, who.role, who.factory.slug) == ("ann@example.test", "engineer", "north")
    assert sessions.find(gemba.database, token, clock() + timedelta(hours=1)) is None
    assert sessions.find(gemba.database, "guess", clock()) is None
    assert sessions.find(gemba.database, None, clock()) is None


def test_a_revoked_session_is_worth_nothing(gemba, account, factory_id, clock):
    token = logged_in(gemba, account, factory_id)
    who = sessions.find(gemba.database, token, clock())
    sessions.revoke(gemba.database, who, clock())
    assert sessions.find(gemba.database, token, clock()) is None


def test_a_person_of_two_factories_changes_between_them_and_never_into_a_third(
    gemba, account, factory_id, clock
):
    south, west = make_factory(gemba, "south"), make_factory(gemba, "west")
    with gemba.database.write(None) as session:
        session.add(Membership(factory_id=south, account_id=account, role="viewer"))
    token = logged_in(gemba, account, factory_id)
    who = sessions.find(gemba.database, token, clock())
    how = {"life": timedelta(hours=1), "client": "", "now": clock()}
    with pytest.raises(NotFound):
        sessions.switch(gemba.database, who, west, **how)
    ticket = sessions.switch(gemba.database, who, south, **how)
    assert sessions.find(gemba.database, token, clock()) is None
    there = sessions.find(gemba.database, sessions.redeem(gemba.database, ticket, clock())[0], clock())
    assert (there.factory.slug, there.role) == ("south", "viewer")


def test_the_store_keeps_no_token_and_no_password(gemba, account, factory_id):
    token = logged_in(gemba, account, factory_id)
    with gemba.database.engine.connect() as connection:
        stored = repr([connection.execute(table.select()).all() for table in Base.metadata.sorted_tables])
    assert "ann@example.test" in stored
    assert token not in stored
    assert PASSWORD not in stored


def test_tries_that_come_side_by_side_count_one_after_the_other(gemba, account, clock, monkeypatch):
    """A comparison takes a while: whoever asks twenty times at once must not be compared twenty times."""
    for _ in range(accounts.FREE_TRIES):
        assert check(gemba, "ann@example.test", "wrong") is None
    clock.forward(seconds=61)
    compared = []

    def slow(password, stored):
        compared.append(password)
        time.sleep(0.2)
        return False

    monkeypatch.setattr(accounts, "verify", slow)

    def tried(number):
        try:
            check(gemba, "ann@example.test", f"guess {number}")
        except Throttled:
            return "throttled"
        return "compared"

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(tried, range(6)))
    assert sorted(found) == ["compared", *["throttled"] * 5]
    assert len(compared) == 1
