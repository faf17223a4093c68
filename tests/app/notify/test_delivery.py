"""Messages reach real servers in FactoryOps' form; what fails is tried again, refused or given up."""

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select, update

from app.notify import history
from app.notify.channels import Draft, add_channel, remove_channel, send_test
from app.notify.claims import claim_next
from app.notify.delivery import round_of, sweep
from app.notify.history import Search
from app.notify.outbox import post
from app.notify.spread import spread
from app.services import BackgroundServices
from data.models import Membership, NotifyMessage, NotifyNotice
from tests.app.notify.conftest import notice, run, tell
from tests.app.notify.receiver import web_server

TEXT = """\
Rule: Spindle Overheat
Device: CNC Mill - Station A (M01)
Severity: CRITICAL
Time: 2026-03-04T13:00:00+01:00 (Europe/Berlin)

Spindle temperature 82.5 °C is above 80 °C

Current Values:
- spindle_temp: 82.5 °C
- coolant_flow: 3.2 L/min
"""
SUBJECT = "[CRITICAL] North alert - Spindle Overheat"


def states(who):
    found, _ = history.messages(who, Search(), limit=100)
    return [(one.state, one.attempts) for one in reversed(found)]


def outcomes(who, message_id=None):
    found, _ = history.messages(who, Search(), limit=1)
    return [one.outcome for one in history.attempts(who, message_id or found[0].id)]


def test_a_mail_arrives_in_factoryops_form(plant, person, factory_id, box):
    who = person()
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 1
    mail = message_from_bytes(box.mails[0].content, policy=default)
    assert (mail["Subject"], box.mails[0].rcpt_tos) == (SUBJECT, ["ann@plant.test"])
    assert mail.get_content().replace("\r\n", "\n") == TEXT
    assert states(who) == [("sent", 1)]
    assert outcomes(who) == ["sent"]


def test_whatsapp_and_sms_go_through_twilio(plant, person, factory_id, web):
    who = person()
    add_channel(who, Draft("whatsapp", "Phone", "+49 170 123-4567"))
    add_channel(who, Draft("sms", "Text", "+49 (170) 1234567"))
    tell(plant, factory_id, notice(plant, sentence="x" * 3_000))
    run(plant)
    assert [one.path for one in web.requests] == ["/2010-04-01/Accounts/AC1/Messages.json"] * 2
    first, second = (one.form for one in web.requests)
    assert (first["To"], first["From"]) == ("whatsapp:+491701234567", "whatsapp:+15550002")
    assert (second["To"], second["From"]) == ("+491701234567", "+15550001")
    assert first["Body"].startswith(f"{SUBJECT}\n\nRule: Spindle Overheat\n")
    assert len(first["Body"]) == 1_600
    assert web.requests[0].headers["Authorization"] == "Basic QUMxOnQwa2Vu"


def test_slack_teams_and_webhooks_get_their_own_shapes(plant, person, factory_id, web):
    who = person("manager")
    for kind in ("slack", "teams", "webhook"):
        add_channel(who, Draft(kind, kind, web.url(f"/{kind}?token=s3cret")), of_factory=True)
    tell(plant, factory_id, notice(plant, subject="Heat <b> & more"))
    run(plant)
    slack, teams, hook = (one.json for one in web.requests)
    assert [one.path for one in web.requests] == [
        f"/{kind}?token=s3cret" for kind in ("slack", "teams", "webhook")
    ]
    assert slack["text"].startswith("*[CRITICAL] North alert - Heat &lt;b&gt; &amp; more*\nRule: ")
    assert teams["attachments"][0]["content"]["body"][0]["text"] == "[CRITICAL] North alert - Heat <b> & more"
    assert (hook["severity"], hook["factory"], hook["kind"]) == ("critical", "North", "alerts")
    assert hook["notices"][0]["values"] == {"spindle_temp": "82.5 °C", "coolant_flow": "3.2 L/min"}
    assert web.requests[2].headers["Idempotency-Key"] == hook["id"]
    assert web.requests[2].headers["Host"] == web.host


def test_any_apprise_address_works_from_a_process_of_its_own(plant, person, factory_id, web):
    who = person("manager")
    add_channel(who, Draft("apprise", "Other", f"json://{web.host}/there"), of_factory=True)
    tell(plant, factory_id, notice(plant))
    run(plant)
    assert web.requests[0].path == "/there"
    assert web.requests[0].json["title"] == SUBJECT
    assert "Spindle temperature 82.5 °C is above 80 °C" in web.requests[0].json["message"]


def test_apprise_reaches_no_inner_address(given, plant, person, factory_id, web):
    who = person("manager")
    add_channel(who, Draft("apprise", "Inner", f"json://{web.host}/"), of_factory=True)
    walled = given(notify_allow_hosts="")
    tell(walled, factory_id, notice(walled))
    run(walled)
    found, _ = history.messages(who, Search(), limit=1)
    assert (found[0].state, "messages go out only" in found[0].problem) == ("failed", True)
    assert web.requests == []


def test_a_server_that_was_down_gets_everything_once_it_is_back(plant, given, person, factory_id, clock):
    with web_server() as down:
        address = down.url()
    allowed = down.host
    gemba = given(notify_allow_hosts=allowed)
    who = person("manager", gemba=gemba)
    add_channel(who, Draft("webhook", "Hook", address), of_factory=True)
    waits = []
    for number in range(3):
        tell(gemba, factory_id, notice(gemba, subject=f"Rule {number}", machine_key=f"m{number}"))
    for _ in range(4):
        assert run(gemba) == 3
        assert run(gemba) == 0
        found, _ = history.messages(who, Search(state="waiting"), limit=10)
        waits.append([(one.next_at - clock.now).total_seconds() for one in found])
        clock.forward(seconds=max(waits[-1]) + 1)
    for attempt, some in enumerate(waits):
        assert all(0.75 * 15 * 2**attempt <= one <= 1.25 * 15 * 2**attempt for one in some)
    assert len({one for some in waits for one in some}) == 12, "each waits its own time"
    with web_server(int(allowed.partition(":")[2])) as back:
        assert run(gemba) == 3
        assert sorted(one.json["notices"][0]["subject"] for one in back.requests) == [
            "Rule 0",
            "Rule 1",
            "Rule 2",
        ]
    assert states(who) == [("sent", 5)] * 3
    assert outcomes(who) == ["later"] * 4 + ["sent"]


def test_a_message_is_given_up_and_sent_again_when_asked(plant, given, person, factory_id, web, clock):
    gemba = given(notify_attempts=3, notify_allow_hosts=web.host)
    who = person("manager", gemba=gemba)
    add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    tell(gemba, factory_id, notice(gemba))
    web.answer = 503
    for _ in range(5):
        run(gemba)
        clock.forward(hours=2)
    assert states(who) == [("given_up", 3)]
    assert outcomes(who) == ["later"] * 3
    web.answer = 200
    found, _ = history.messages(who, Search(), limit=1)
    history.send_again(who, found[0].id)
    run(gemba)
    assert states(who) == [("sent", 1)]
    assert outcomes(who) == ["later"] * 3 + ["again", "sent"]


@pytest.mark.parametrize("answer", [400, 404, 410, 301, 302, 307])
def test_a_refusal_for_good_and_a_redirect_are_not_tried_again(plant, person, factory_id, web, answer):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    tell(plant, factory_id, notice(plant))
    web.answer, web.headers = answer, {"Location": web.url("/elsewhere")}
    web.body = b'{"message": "no such hook"}'
    assert run(plant) == 1
    assert states(who) == [("failed", 1)]
    assert [one.path for one in web.requests] == ["/hook"]
    found, _ = history.messages(who, Search(), limit=1)
    assert found[0].problem == f"127.0.0.1 answered {answer}: no such hook"


def test_a_mail_box_that_does_not_exist_is_not_tried_again(plant, person, factory_id, box):
    who = person()
    add_channel(who, Draft("email", "Mail", "nobody@plant.test"))
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 1
    assert states(who) == [("failed", 1)]
    assert "no such box" in history.messages(who, Search(), limit=1)[0][0].problem


def test_who_is_asked_to_wait_waits_as_long(plant, person, factory_id, web, clock):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    tell(plant, factory_id, notice(plant))
    web.answer, web.headers = 429, {"Retry-After": "600"}
    run(plant)
    found, _ = history.messages(who, Search(), limit=1)
    assert (found[0].next_at - clock.now).total_seconds() == 600


def test_without_a_mail_server_a_mail_waits_and_says_why(given, person, plant, factory_id):
    bare = given(smtp_url="")
    who = person(gemba=bare)
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    tell(bare, factory_id, notice(bare))
    run(bare)
    assert states(who) == [("waiting", 1)]
    assert "GEMBA_SMTP_URL" in history.messages(who, Search(), limit=1)[0][0].problem


def test_nothing_is_told_of_a_transaction_that_does_not_commit(plant, person, factory_id, box):
    who = person()
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    with pytest.raises(RuntimeError), plant.database.write(factory_id) as session:
        post(session, plant.clock(), notice(plant))
        session.flush()
        raise RuntimeError
    assert run(plant) == 0
    assert states(who) == []
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 1


def test_the_same_event_of_an_alert_counts_once(plant, person, factory_id, box):
    add_channel(person(), Draft("email", "Mail", "ann@plant.test"))
    one = notice(plant)
    tell(plant, factory_id, one, one)
    tell(plant, factory_id, one)
    assert run(plant) == 1
    tell(plant, factory_id, one)
    assert run(plant) == 0
    assert len(box.mails) == 1


def test_two_processes_never_claim_the_same_message(plant, person, factory_id, web, clock):
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    tell(plant, factory_id, *(notice(plant, subject=f"R{n}", machine_key=f"m{n}") for n in range(3)))
    spread(plant, who.factory)
    claims = [claim_next(plant, factory_id) for _ in range(4)]
    assert len({one.message_id for one in claims[:3]}) == 3
    assert claims[3] is None
    clock.forward(minutes=4)
    again = claim_next(plant, factory_id)
    assert again.message_id in {one.message_id for one in claims[:3]}
    assert history.attempts(who, again.message_id)[0].outcome == "interrupted"


def test_a_message_of_somebody_who_left_meanwhile_is_given_up(plant, person, factory_id, box, clock):
    who, boss = person(), person("manager")
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    tell(plant, factory_id, notice(plant))
    spread(plant, who.factory)
    with plant.database.write(None) as session:
        session.execute(
            update(Membership)
            .where(Membership.account_id == who.principal.account_id)
            .values(deactivated_at=clock.now)
        )
    run(plant)
    assert box.mails == []
    assert states(boss) == [("given_up", 1)]
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 0


def test_a_removed_channel_takes_its_waiting_messages_with_it(plant, person, factory_id, web):
    who = person("manager")
    channel = add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    web.answer = 503
    tell(plant, factory_id, notice(plant))
    run(plant)
    remove_channel(who, channel)
    assert states(who) == [("given_up", 1)]
    assert history.messages(who, Search(), limit=1)[0][0].channel == "Hook"


def test_a_worker_delivers_and_forgets_old_messages(given, plant, person, factory_id, web, clock):
    who = person("manager")
    channel = add_channel(who, Draft("webhook", "Hook", web.url()), of_factory=True)
    send_test(who, channel)
    BackgroundServices(given(parts="worker"))
    assert {"notifications-1", "notifications-2", "notifications-sweep"} <= set(plant.services)
    round_of(plant, ["north", "no-such-plant"])
    assert web.requests[0].json["kind"] == "test"
    sweep(plant, ["north"])
    assert states(who) == [("sent", 1)]
    clock.forward(days=91)
    sweep(plant, ["north"])
    assert states(who) == []
    with who.read() as session:
        assert session.scalar(select(func.count(NotifyNotice.id))) == 0
        assert session.scalar(select(func.count(NotifyMessage.id))) == 0
