"""Registration and factories as services."""

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.auth import accounts
from app.auth.permissions import Permission
from app.people import installation, registration, users
from app.ui.people.words import MEANINGS
from data.models import AuditEntry
from tests.conftest import make_factory

PASSWORD = "violet tractors hum at noon"


@pytest.fixture
def is_open(gemba):
    object.__setattr__(gemba, "settings", gemba.settings.model_copy(update={"self_registration": True}))
    return gemba


def test_nobody_registers_where_it_is_not_allowed(gemba, factory_id):
    with pytest.raises(Forbidden):
        registration.register(gemba, "north", "a@example.test", "A", PASSWORD)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"email": "nobody"}, "email"), ({"name": " "}, "name"), ({"password": "short"}, "password"),
     ({"slug": "nowhere"}, "factory")],
)  # fmt: skip
def test_a_wrong_request_is_refused_at_its_field(is_open, factory_id, acting, change, field):
    given = {"slug": "north", "email": "a@example.test", "name": "A", "password": PASSWORD, **change}
    with pytest.raises(InvalidInput) as refused:
        registration.register(is_open, given["slug"], given["email"], given["name"], given["password"])
    assert [problem.field for problem in refused.value.problems] == [field]
    assert users.list_users(acting()) == []


def test_a_known_address_gets_the_same_answer_and_nothing_changes(is_open, factory_id, acting):
    accounts.create(
        is_open.database, email="a@example.test", name="A", password=PASSWORD, factory_slug="north",
        role="engineer", now=is_open.clock(),
    )  # fmt: skip
    registration.register(is_open, "north", "A@example.test", "Thief", "another long word set")
    [user] = users.list_users(acting())
    assert (user.name, user.role, user.is_waiting, user.is_active) == ("A", "engineer", False, True)


def test_who_was_approved_cannot_be_approved_again(is_open, factory_id, acting):
    registration.register(is_open, "north", "a@example.test", "A", PASSWORD)
    [user] = users.list_users(acting())
    registration.approve(acting(), user.id, "viewer")
    with pytest.raises(Conflict):
        registration.approve(acting(), user.id, "admin")
    with pytest.raises(NotFound):
        registration.approve(acting("admin", make_factory(is_open, "south")), user.id, "viewer")


def test_a_super_administrator_makes_a_factory_and_belongs_to_it(gemba, factory_id, acting):
    account = accounts.create(
        gemba.database, email="root@example.test", name="R", password=PASSWORD, factory_slug="north",
        role="super_admin", now=gemba.clock(),
    )  # fmt: skip
    access = acting("super_admin")
    object.__setattr__(access.principal, "account_id", account)
    made = installation.add_factory(access, "south-2", "South", "America/New_York")
    assert [(one.slug, one.people) for one in installation.list_factories(access)] == [
        ("north", 1),
        ("south-2", 1),
    ]
    with gemba.database.read(made) as session:
        assert [row.action for row in session.scalars(select(AuditEntry))] == ["factory.add"]
    installation.edit_factory(access, made, "South works", "America/Chicago")
    assert installation.list_factories(access)[1].zone == "America/Chicago"


def test_a_factory_that_could_not_be_entered_in_the_log_is_not_made(gemba, factory_id, acting, monkeypatch):
    def broken(*_args, **_given):
        raise RuntimeError("the power went")

    monkeypatch.setattr(installation, "record", broken)
    with pytest.raises(RuntimeError):
        installation.add_factory(acting("super_admin"), "south", "South", "UTC")
    assert [one.slug for one in installation.list_factories(acting("super_admin"))] == ["north"]


@pytest.mark.parametrize(
    ("slug", "name", "zone", "field"),
    [("X", "N", "UTC", "slug"), ("a b", "N", "UTC", "slug"), ("north", "N", "UTC", "slug"),
     ("south", " ", "UTC", "name"), ("south", "N", "Mars/Base", "zone"), ("south", "N", "../etc", "zone")],
)  # fmt: skip
def test_a_wrong_factory_is_refused_at_its_field(factory_id, acting, slug, name, zone, field):
    with pytest.raises(InvalidInput) as refused:
        installation.add_factory(acting("super_admin"), slug, name, zone)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_an_administrator_of_one_factory_makes_no_others(factory_id, acting):
    for role in ("admin", "manager", "viewer"):
        with pytest.raises(Forbidden):
            installation.list_factories(acting(role))
        with pytest.raises(Forbidden):
            installation.add_factory(acting(role), "south", "S", "UTC")


def test_every_permission_has_words():
    assert set(MEANINGS) == set(Permission)
