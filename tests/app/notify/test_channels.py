"""Channels belong to a person or a factory; their secrets are nowhere in the clear."""

import pytest
from sqlalchemy import select, text

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound, Throttled
from app.notify import history
from app.notify.channels import (
    Draft,
    Quiet,
    add_channel,
    edit_channel,
    factory_channels,
    my_channels,
    my_quiet,
    remove_channel,
    send_test,
    set_quiet,
)
from app.notify.history import Search
from data.models import AuditEntry, NotifyChannel
from data.relational.engine import open_engine
from tests.app.notify.conftest import notice, run, tell
from tests.conftest import make_factory

SECRET = "T0PSECRET"


def everything(gemba) -> str:
    """All rows of all tables of notifications and of the audit log, as text."""
    engine = open_engine(gemba.settings.relational_url)
    with engine.connect() as connection:
        tables = ("notify_channel", "notify_message", "notify_notice", "notify_attempt", "audit_entry")
        rows = [
            str(tuple(row)) for name in tables for row in connection.execute(text(f"SELECT * FROM {name}"))
        ]
    engine.dispose()
    return "\n".join(rows)


def test_a_web_address_is_in_the_clear_nowhere(plant, person, factory_id, web):
    who = person("manager")
    hook = add_channel(who, Draft("webhook", "Hook", web.url(f"/{SECRET}?key={SECRET}")), of_factory=True)
    add_channel(who, Draft("apprise", "Chat", f"json://{web.host}/{SECRET}"), of_factory=True)
    web.answer = 500
    tell(plant, factory_id, notice(plant))
    run(plant)
    web.answer = 404
    [first, _] = factory_channels(who)
    edit_channel(who, hook, first.version, Draft("webhook", "Hook 2", None))
    tell(plant, factory_id, notice(plant, subject="Other", machine_key="o"))
    run(plant)
    remove_channel(who, hook)
    rows = everything(plant)
    assert "Hook 2" in rows
    assert SECRET not in rows
    assert SECRET not in str(factory_channels(who)) + str(history.messages(who, Search(), limit=10))
    assert {one.path.count(SECRET) for one in web.requests} == {1, 2}


def test_a_secret_moved_to_another_factory_opens_nothing(plant, person, factory_id, web):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url(f"/{SECRET}")), of_factory=True)
    other = make_factory(plant, "south")
    with plant.database.read(factory_id) as session:
        sealed = session.scalar(select(NotifyChannel.secret))
    south = person("manager", other)
    hook = add_channel(south, Draft("webhook", "Hook", web.url("/south")), of_factory=True)
    with plant.database.write(other) as session:
        session.get_one(NotifyChannel, hook).secret = sealed
    send_test(south, hook)
    run(plant, "south")
    assert web.requests == []
    assert "cannot be opened" in history.messages(south, Search(), limit=1)[0][0].problem


def test_what_is_another_factorys_or_another_persons_is_not_found(plant, person, factory_id, web):
    boss, ann = person("manager"), person()
    hook = add_channel(boss, Draft("webhook", "Hook", web.url(), "low"), of_factory=True)
    mine = add_channel(ann, Draft("email", "Mail", "ann@plant.test"))
    tell(plant, factory_id, notice(plant))
    run(plant)
    of_hook = next(one for one in history.messages(boss, Search(), limit=9)[0] if one.channel == "Hook")
    south = make_factory(plant, "south")
    for stranger, channels in ((person("admin", south), (hook, mine)), (person("admin"), (mine,))):
        for channel in channels:
            with pytest.raises(NotFound):
                send_test(stranger, channel)
            with pytest.raises(NotFound):
                remove_channel(stranger, channel)
            with pytest.raises(NotFound):
                edit_channel(stranger, channel, 1, Draft("email", "Mine", "eve@plant.test"))
    for stranger in (person("admin", south), person("operator")):
        assert history.messages(stranger, Search(), limit=9) == ([], 0)
        for act in (history.attempts, history.words_of, history.send_again, history.give_up):
            with pytest.raises(NotFound):
                act(stranger, of_hook.id)
    assert my_channels(person("admin", south)) == factory_channels(person("admin", south)) == []
    tell(plant, south, notice(plant))
    run(plant, "south")
    assert len(web.requests) == 1, "an alert of the south is told to nobody in the north"


@pytest.mark.parametrize("role", ["engineer", "operator", "viewer"])
def test_the_factorys_channels_need_the_permission(plant, person, web, role):
    hook = add_channel(person("manager"), Draft("webhook", "Hook", web.url()), of_factory=True)
    who = person(role)
    for act in (
        lambda: factory_channels(who),
        lambda: add_channel(who, Draft("webhook", "Mine", web.url()), of_factory=True),
        lambda: remove_channel(who, hook),
        lambda: send_test(who, hook),
    ):
        with pytest.raises(Forbidden):
            act()
    assert add_channel(who, Draft("webhook", "Mine", web.url()))


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("email", "nobody"), ("email", "a@b, c@d"), ("email", "a@b.de\nBcc: x@y.de"), ("email", "<a@b.de>"),
        ("whatsapp", "0170 1234567"), ("sms", "+49"), ("sms", "+49x1701234567"), ("email", ""),
        ("webhook", "http://169.254.169.254/latest/meta-data"), ("slack", "http://localhost/"),
        ("teams", "https://10.1.2.3/hook"), ("webhook", "file:///etc/passwd"), ("pigeon", "x"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_at_its_field(person, kind, address):
    with pytest.raises(InvalidInput) as refused:
        add_channel(person(), Draft(kind, "Name", address))
    assert refused.value.problems[0].field == ("kind" if kind == "pigeon" else "address")


def test_every_change_is_in_the_audit_log_and_an_old_version_is_refused(plant, person, factory_id):
    who = person()
    channel = add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    edit_channel(who, channel, 1, Draft("email", "Post", "bob@plant.test", "low"))
    with pytest.raises(Conflict):
        edit_channel(who, channel, 1, Draft("email", "Old", None))
    with pytest.raises(InvalidInput, match="give the address again"):
        edit_channel(who, channel, 2, Draft("sms", "Post", None))
    set_quiet(who, Quiet(60, 120))
    with pytest.raises(Conflict):
        set_quiet(who, Quiet(60, 180))
    assert my_quiet(who) == Quiet(60, 120, True, 1)
    for wrong in (Quiet(60, None), Quiet(60, 60), Quiet(-1, 60), Quiet(60, 1440)):
        with pytest.raises(InvalidInput):
            set_quiet(who, wrong)
    send_test(who, channel)
    remove_channel(who, channel)
    with who.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)))
    assert actions == ["channel.add", "channel.edit", "quiet_hours.set", "channel.test", "channel.remove"]


def test_tests_are_limited(plant, person, factory_id, clock):
    who = person()
    channel = add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    for _ in range(5):
        send_test(who, channel)
        clock.forward(seconds=1)
    with pytest.raises(Throttled):
        send_test(who, channel)
    clock.forward(minutes=10)
    send_test(who, channel)


def test_only_what_waits_can_be_given_up_and_what_was_sent_is_not_sent_again(plant, person, factory_id, web):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    web.answer = 503
    tell(plant, factory_id, notice(plant))
    run(plant)
    message = history.messages(who, Search(), limit=1)[0][0].id
    history.give_up(who, message)
    with pytest.raises(Conflict):
        history.give_up(who, message)
    web.answer = 200
    history.send_again(who, message)
    run(plant)
    with pytest.raises(Conflict):
        history.send_again(who, message)
    assert [one.outcome for one in history.attempts(who, message)] == ["later", "given_up", "again", "sent"]


def test_the_log_is_found_by_state_kind_severity_and_word(plant, person, factory_id, web):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url(), "low"), of_factory=True)
    add_channel(who, Draft("email", "Mail", "nobody@plant.test", "high"))
    tell(plant, factory_id, notice(plant, severity="low", subject="50% off", machine_key="a"))
    tell(plant, factory_id, notice(plant, severity="high", subject="Heat", machine_key="b"))
    run(plant)
    for search, number in (
        (Search(), 3), (Search(state="failed"), 1), (Search(channel_kind="webhook"), 2),
        (Search(severity="low"), 1), (Search(words="heat"), 2), (Search(words="%"), 1),
        (Search(state="sent", words="heat"), 1), (Search(state="held"), 0),
    ):  # fmt: skip
        assert history.messages(who, search, limit=10)[1] == number, search
