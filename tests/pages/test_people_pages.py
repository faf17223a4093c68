"""Users & roles and Factories: what is shown, who may see it, and that services make the changes."""

import pytest

from app.auth import accounts
from app.people import invitations, registration, roles, users
from tests.pages.conftest import texts

PASSWORD = "violet tractors hum at noon"


@pytest.fixture
def ann(gemba, factory_id):
    return accounts.create(
        gemba.database, email="ann@example.test", name="Ann", password=PASSWORD, factory_slug="north",
        role="engineer", now=gemba.clock(),
    )  # fmt: skip


@pytest.fixture
def boss(gemba, factory_id, monkeypatch):
    """A real administrator of the factory, so that changes have an author."""
    return accounts.create(
        gemba.database, email="boss@example.test", name="Boss", password=PASSWORD, factory_slug="north",
        role="admin", now=gemba.clock(),
    )  # fmt: skip


def test_people_are_listed_with_role_and_state(open_page, ann, boss):
    page = open_page("users")
    assert not page.exception
    frame = page.dataframe[0].value
    assert frame["E-mail"].tolist() == ["ann@example.test", "boss@example.test"]
    assert frame["Role"].tolist() == ["Engineer", "Administrator"]
    assert frame["State"].tolist() == ["active", "active"]


def test_roles_invitations_and_keys_have_their_views(open_page, acting, ann):
    roles.add_role(acting(), "quality", "Quality", ["see_plant", "see_audit"])
    invitations.invite(acting(), "new@example.test", role="quality")
    assert "Quality" in open_page("users", u_view="Roles").dataframe[0].value.columns
    shown = open_page("users", u_view="Invitations").dataframe[0].value
    assert (shown["E-mail"].tolist(), shown["Role"].tolist()) == (["new@example.test"], ["Quality"])
    assert "No key yet" in texts(open_page("users", u_view="API keys"))


@pytest.mark.parametrize("role", ["manager", "engineer", "operator", "viewer"])
def test_only_who_manages_users_has_the_page(open_page, role):
    with pytest.raises(ValueError, match="users"):
        open_page("users", role)


def test_only_a_super_administrator_sees_the_factories(open_page, factory_id):
    with pytest.raises(ValueError, match="factories"):
        open_page("factories", "admin")
    page = open_page("factories", "super_admin")
    assert page.dataframe[0].value["Slug"].tolist() == ["north"]


def test_somebody_who_asks_for_access_waits_until_an_administrator_agrees(
    open_page, gemba, acting, monkeypatch
):
    gemba_open = gemba.settings.model_copy(update={"self_registration": True})
    object.__setattr__(gemba, "settings", gemba_open)
    registration.register(gemba, "north", "new@example.test", "New", PASSWORD)
    registration.register(gemba, "north", "new@example.test", "New", PASSWORD)
    page = open_page("users")
    assert "1 wait for approval: new@example.test." in "\n".join(one.value for one in page.info)
    person = accounts.check(gemba.database, gemba.vault, "new@example.test", PASSWORD, "local", gemba.clock())
    assert person is not None
    assert person.memberships == ()
    [user] = users.list_users(acting())
    registration.approve(acting(), user.id, "operator")
    person = accounts.check(gemba.database, gemba.vault, "new@example.test", PASSWORD, "local", gemba.clock())
    assert person.memberships[0][1] == "operator"


def test_overrides_are_replaced_as_a_whole(acting, ann, boss):
    users.set_overrides(acting(), ann, 1, {"see_audit": True, "import_data": False})
    users.replace_overrides(acting(), ann, 2, {"see_audit": True})
    assert users.user(acting(), ann).overrides == {"see_audit": True}
