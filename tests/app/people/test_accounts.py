"""Passwords, resets by mail, second factors, one's own sessions, the first administrator."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.errors import (
    CodeRequired,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotLoggedIn,
    StoreUnavailable,
    Throttled,
)
from app.auth import accounts, passwords, sessions, totp
from app.auth.password_rules import refuse_weak
from app.auth.permissions import ROLES
from app.bootstrap import Access
from app.people import invitations, own, resets, roles, users
from app.people.first import first_administrator
from data.models import Account, AuditEntry, Line, Membership
from tests.app.notify.box import Box, mail_server
from tests.conftest import make_factory

PASSWORD = "gravel lantern otter pudding"
OTHER = "velvet canyon mosquito teapot"


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch):
    monkeypatch.setattr(passwords, "ROUNDS", 4)
    passwords._nobody.cache_clear()


@pytest.fixture
def person(gemba, factory_id):
    """An access of a real account, by role; each call makes one."""

    def make(role: str, slug: str = "north") -> Access:
        account = accounts.create(
            gemba.database, email=f"{role}@{slug}.test", name=role, password=PASSWORD, factory_slug=slug,
            role=role, now=gemba.clock(),
        )  # fmt: skip
        with gemba.database.read(None) as session:
            number = session.scalars(
                select(Membership.factory_id).where(Membership.account_id == account)
            ).one()
        opened = gemba.tokens.open(account, number, client="test", now=gemba.clock())
        return Access(gemba, opened.principal)

    return make


def actions(access: Access) -> list[str]:
    with access.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)))


@pytest.mark.parametrize(
    "password",
    ["short", "passwordpassword", "Password1234", "qwertyuiop123", "123456789012", "aaaaaaaaaaaaaaaa",
     "abcabcabcabcabc", "ann.miller2024!", "gembagemba1234", "correct horse battery staple", "x" * 300,
     "Summer2026!!!", "zyxwvutsrqponm"],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password):
    with pytest.raises(InvalidInput):
        refuse_weak(password, email="ann.miller@plant.test", name="Ann Miller")


@pytest.mark.parametrize(
    "password", [PASSWORD, "ünïcode wörds zählen mit", "kx9-vmQ2-77fa", "        tp7!aqzm"]
)
def test_a_password_of_any_characters_is_taken_when_it_is_long_and_own(password):
    refuse_weak(password, email="ann.miller@plant.test", name="Ann Miller")


def test_a_changed_password_ends_all_other_sessions_and_not_the_present_one(gemba, person):
    access = person("engineer")
    other = gemba.tokens.open(access.principal.account_id, access.factory.id, client="x", now=gemba.clock())
    with pytest.raises(Forbidden, match="present password"):
        own.change_password(access, "wrong", OTHER)
    own.change_password(access, PASSWORD, OTHER)
    assert sessions.find_open(gemba.database, other.principal.session_id, gemba.clock()) is None
    assert sessions.find_open(gemba.database, access.principal.session_id, gemba.clock()) is not None
    assert (
        accounts.check(gemba.database, gemba.vault, "engineer@north.test", PASSWORD, "a", gemba.clock())
        is None
    )
    assert (
        accounts.check(gemba.database, gemba.vault, "engineer@north.test", OTHER, "a", gemba.clock())
        is not None
    )
    assert "account.change_password" in actions(access)


def test_a_session_is_ended_by_its_owner_only(gemba, person):
    mine, hers = person("engineer"), person("viewer")
    with pytest.raises(NotFound):
        own.revoke_session(mine, hers.principal.session_id)
    assert [one.is_current for one in own.my_sessions(mine)] == [True]
    own.revoke_session(mine, mine.principal.session_id)
    assert own.my_sessions(mine) == []


def test_a_code_is_asked_for_once_confirmed_counts_once_and_can_be_taken_off(gemba, person, clock):
    access = person("engineer")
    enrolment = own.enrol_totp(access, PASSWORD)
    assert enrolment.address.startswith("otpauth://totp/Gemba:engineer%40north.test?secret=")

    def code() -> str:
        return totp.code_at(enrolment.secret, int(clock().timestamp()) // 30)

    def check(given: str | None) -> accounts.Person | None:
        return accounts.check(
            gemba.database, gemba.vault, "engineer@north.test", PASSWORD, "a", clock(), given
        )

    assert check(None) is not None
    own.confirm_totp(access, code())
    with pytest.raises(CodeRequired):
        check(None)
    assert check(code()) is None, "the code that confirmed counts no more"
    clock.forward(seconds=60)
    right = code()
    assert check(right) is not None
    assert check(right) is None
    with pytest.raises(Conflict):
        own.enrol_totp(access, PASSWORD)
    clock.forward(seconds=60)
    own.disable_totp(access, PASSWORD, code())
    assert check(None) is not None


def test_a_missing_code_is_no_failed_try(gemba, person, clock):
    access = person("engineer")
    enrolment = own.enrol_totp(access, PASSWORD)
    own.confirm_totp(access, totp.code_at(enrolment.secret, int(clock().timestamp()) // 30))
    for _ in range(accounts.FREE_TRIES + 3):
        with pytest.raises(CodeRequired):
            accounts.check(gemba.database, gemba.vault, "engineer@north.test", PASSWORD, "a", clock())


def test_whoever_is_logged_in_cannot_guess_the_password_without_delay_either(gemba, person, clock):
    access = person("engineer")
    for _ in range(accounts.FREE_TRIES):
        with pytest.raises(Forbidden):
            own.change_password(access, "wrong", OTHER)
    for ask in (
        lambda: own.change_password(access, PASSWORD, OTHER),
        lambda: own.enrol_totp(access, PASSWORD),
        lambda: own.disable_totp(access, PASSWORD, "123456"),
    ):
        with pytest.raises(Throttled):
            ask()
    clock.forward(seconds=61)
    own.change_password(replace(access, gemba=gemba), PASSWORD, OTHER)


def test_the_store_keeps_the_secret_sealed_and_seals_one_of_before_when_it_is_used(gemba, person, clock):
    access = person("engineer")
    enrolment = own.enrol_totp(access, PASSWORD)

    def stored(new: str | None = None) -> str:
        with gemba.database.write(None) as session:
            row = session.get_one(Account, access.principal.account_id)
            row.totp_sealed = new or row.totp_sealed
            return row.totp_sealed

    def right() -> str:
        clock.forward(seconds=60)
        return totp.code_at(enrolment.secret, int(clock().timestamp()) // 30)

    assert enrolment.secret not in stored()
    own.confirm_totp(access, right())
    assert stored(enrolment.secret) == enrolment.secret
    given = ("engineer@north.test", PASSWORD, "a")
    assert accounts.check(gemba.database, gemba.vault, *given, code=right(), now=clock()) is not None
    assert enrolment.secret not in stored()


def test_the_code_is_that_of_rfc_6238():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp.code_at(secret, at // 30) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


@pytest.fixture
def mails():
    box = Box()
    with mail_server(box) as address:
        yield f"smtp://{address}", box


def test_a_forgotten_password_is_set_once_by_a_link_that_ends_after_an_hour(gemba, person, mails, clock):
    access = person("viewer")
    mailing = replace(gemba, settings=gemba.settings.model_copy(update={"smtp_url": mails[0]}))
    resets.request_reset(mailing, "nobody@north.test")
    resets.request_reset(mailing, "Viewer@North.test")
    resets.request_reset(mailing, "viewer@north.test")
    assert [mail.rcpt_tos for mail in mails[1].mails] == [["viewer@north.test"]], "one mail, to the account"
    token = mails[1].mails[0].content.decode().split("reset=")[1].split()[0]
    with pytest.raises(InvalidInput):
        resets.perform_reset(gemba, token, "password1234")
    resets.perform_reset(gemba, token, OTHER)
    assert sessions.find_open(gemba.database, access.principal.session_id, clock()) is None
    assert accounts.check(gemba.database, gemba.vault, "viewer@north.test", OTHER, "a", clock()) is not None
    with pytest.raises(NotLoggedIn):
        resets.perform_reset(gemba, token, PASSWORD)
    clock.forward(minutes=5)
    resets.request_reset(mailing, "viewer@north.test")
    late = mails[1].mails[1].content.decode().split("reset=")[1].split()[0]
    clock.forward(minutes=61)
    with pytest.raises(NotLoggedIn):
        resets.perform_reset(gemba, late, PASSWORD)


def test_an_administrator_cannot_reset_somebody_who_belongs_to_another_factory_too(gemba, person):
    admin, viewer = person("admin"), person("viewer")
    assert "reset=" in resets.make_reset_link(admin, viewer.principal.account_id)
    south = make_factory(gemba, "south")
    with gemba.database.write(None) as session:
        session.add(Membership(factory_id=south, account_id=viewer.principal.account_id, role="admin"))
    with pytest.raises(Forbidden):
        resets.make_reset_link(admin, viewer.principal.account_id)


def test_an_invitation_goes_by_mail_ends_and_a_newer_one_replaces_it(gemba, person, mails, clock):
    admin = person("admin")
    mailing = replace(gemba, settings=gemba.settings.model_copy(update={"smtp_url": mails[0]}))
    access = replace(admin, gemba=mailing)
    made = [invitations.invite(access, "Guest@x.test", role="viewer") for _ in range(2)]
    assert [one.link for one in made] == [None, None]
    tokens = [mail.content.decode().split("invitation=")[1].split()[0] for mail in mails[1].mails]
    with pytest.raises(NotLoggedIn):
        invitations.accept(gemba, tokens[0], OTHER, address="a")
    clock.forward(days=8)
    with pytest.raises(NotLoggedIn):
        invitations.accept(gemba, tokens[1], OTHER, address="a")
    assert invitations.pending(admin) == []


def test_somebody_with_an_account_joins_with_its_password_and_keeps_it(gemba, person):
    admin = person("admin")
    make_factory(gemba, "south")
    person("engineer", "south")
    link = invitations.invite(admin, "engineer@south.test", role="viewer").link
    token = link.partition("invitation=")[2]
    with pytest.raises(NotLoggedIn, match="has an account"):
        invitations.accept(gemba, token, OTHER, address="a")
    invitations.accept(gemba, token, PASSWORD, address="a")
    found = accounts.check(gemba.database, gemba.vault, "engineer@south.test", PASSWORD, "a", gemba.clock())
    assert sorted(role for _, role in found.memberships) == ["engineer", "viewer"]


def test_somebody_with_a_second_factor_joins_with_its_code(gemba, person, clock):
    admin = person("admin")
    make_factory(gemba, "south")
    joining = person("engineer", "south")
    enrolment = own.enrol_totp(joining, PASSWORD)
    own.confirm_totp(joining, totp.code_at(enrolment.secret, int(clock().timestamp()) // 30))
    token = invitations.invite(admin, "engineer@south.test", role="viewer").link.partition("invitation=")[2]
    clock.forward(seconds=60)
    with pytest.raises(CodeRequired):
        invitations.accept(gemba, token, PASSWORD, address="a")
    with pytest.raises(NotLoggedIn):
        invitations.accept(gemba, token, PASSWORD, address="a", code="000000")
    code = totp.code_at(enrolment.secret, int(clock().timestamp()) // 30)
    account_id, factory_id = invitations.accept(gemba, token, PASSWORD, address="a", code=code)
    assert (account_id, factory_id) == (joining.principal.account_id, admin.factory.id)


class Watching(Box):
    """A mail server that looks whether others can write while it takes a mail, and may refuse it."""

    def __init__(self, write, answer="250 taken"):
        super().__init__()
        self.write, self.answer = write, answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.write()
        self.mails.append(envelope)
        return self.answer


def test_nobody_waits_for_the_mail_server_of_an_invitation(gemba, person):
    admin = person("admin")
    south = make_factory(gemba, "south")
    written = []

    def write():
        with gemba.database.write(south) as session:
            session.add(Line(key="new", name="New"))
        written.append(True)

    with mail_server(Watching(write)) as address:
        settings = gemba.settings.model_copy(update={"smtp_url": f"smtp://{address}"})
        invitations.invite(replace(admin, gemba=replace(gemba, settings=settings)), "g@x.test")
    assert written == [True]
    assert [one.email for one in invitations.pending(admin)] == ["g@x.test"]


def test_an_invitation_that_no_mail_carries_is_withdrawn_and_the_older_one_stays(gemba, person):
    admin = person("admin")
    older = invitations.invite(admin, "g@x.test", role="viewer")
    with mail_server(Watching(lambda: None, "554 no")) as address:
        settings = gemba.settings.model_copy(update={"smtp_url": f"smtp://{address}"})
        with pytest.raises(StoreUnavailable):
            invitations.invite(replace(admin, gemba=replace(gemba, settings=settings)), "g@x.test")
    assert [one.id for one in invitations.pending(admin)] == [older.id]
    assert actions(admin)[1:] == ["user.invite", "user.invite", "user.withdraw_invitation"]
    invitations.accept(gemba, older.link.partition("invitation=")[2], OTHER, address="a")


def test_a_factorys_own_role_and_a_persons_own_permissions_hold_in_the_session(gemba, person):
    admin, viewer = person("admin"), person("viewer")
    number, who = (
        roles.add_role(admin, "inspector", "Inspector", ["see_plant", "import_data"]),
        viewer.principal,
    )

    def held() -> set[str]:
        found = sessions.find_open(gemba.database, who.session_id, gemba.clock())
        return {permission.value for permission in found.permissions}

    users.set_role(admin, who.account_id, None, "inspector")
    assert held() == {"see_plant", "import_data"}
    users.set_overrides(admin, who.account_id, None, {"import_data": False, "create_rules": True})
    assert held() == {"see_plant", "create_rules"}
    roles.edit_role(admin, number, 1, "Inspector", ["see_plant", "see_audit"])
    assert held() == {"see_plant", "see_audit", "create_rules"}
    with pytest.raises(Conflict, match="has this role"):
        roles.remove_role(admin, number, 2)
    users.set_role(admin, who.account_id, None, "viewer")
    roles.remove_role(admin, number, 2)
    for action in ("role.add", "role.edit", "role.remove", "user.set_role", "user.set_permissions"):
        assert action in actions(admin)


def test_somebody_can_always_manage_the_users_of_a_factory(gemba, person):
    first, second = person("admin"), person("super_admin")
    users.deactivate(second, first.principal.account_id)
    users.reactivate(second, first.principal.account_id)
    users.set_role(second, first.principal.account_id, None, "viewer")
    with pytest.raises(Forbidden, match="their own"):
        users.set_role(second, second.principal.account_id, None, "viewer")


def test_who_may_less_cannot_make_others_who_may_more(gemba, person):
    admin, viewer = person("admin"), person("viewer")
    roles.add_role(admin, "people_only", "People", ["manage_users"])
    users.set_role(admin, viewer.principal.account_id, None, "people_only")
    limited = Access(gemba, sessions.find_open(gemba.database, viewer.principal.session_id, gemba.clock()))
    for wanted in ({"manage_keys": True}, {"see_plant": True}):
        with pytest.raises(Forbidden, match="do not hold"):
            users.set_overrides(limited, admin.principal.account_id, None, wanted)
    with pytest.raises(Forbidden, match="do not hold"):
        invitations.invite(limited, "x@y.test", role="admin")
    assert ROLES["admin"] > ROLES["viewer"]


def test_the_first_start_makes_one_administrator_and_no_second(gemba, clock):
    made = first_administrator(gemba.database, clock())
    found = accounts.check(gemba.database, gemba.vault, made.email, made.password, "a", clock())
    assert [role for _, role in found.memberships] == ["super_admin"]
    with gemba.database.read(None) as session:
        assert session.scalars(select(Account.must_change_password)).all() == [True]
    assert first_administrator(gemba.database, clock() + timedelta(days=1)) is None
