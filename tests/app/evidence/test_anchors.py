"""What was sent elsewhere tells a history that was written anew, even by whoever holds the keys."""

from email import message_from_bytes, policy

import pytest

from analytics.errors import StoreUnavailable
from app.evidence.anchors import Anchors
from app.evidence.signing import Signer
from app.evidence.verification import verify
from tests.app.ingest.broker import with_settings
from tests.app.notify.box import Box, mail_server
from tests.app.notify.receiver import web_server


@pytest.fixture(params=["sqlite"])
def relational_url(request, tmp_path):
    from tests.conftest import relational

    with relational(request.param, request, tmp_path) as url:
        yield url


def test_the_newest_checkpoint_is_mailed_and_posted_once_a_day_and_verifies_the_log(
    gemba, acting, signed, write, clock
):
    box = Box()
    with mail_server(box) as host, web_server() as hook:
        parts = with_settings(
            gemba,
            smtp_url=f"smtp://{host}",
            audit_anchor_email="auditor@elsewhere.test",
            audit_anchor_webhook=hook.url(),
            notify_allow_hosts="127.0.0.1",
        )
        anchors = Anchors(parts)
        assert anchors.round(["north"]) == 2
        assert Anchors(parts).round(["north"]) == 0, "a new process sends nothing again"
        write(3)
        Signer(gemba).round(["north"])
        assert anchors.round(["north"]) == 0, "once a day is enough"
        clock.forward(days=1)
        assert anchors.round(["north"]) == 2
        clock.forward(days=1)
        assert anchors.round(["north"]) == 0, "there is nothing new"
    assert [request.json["entries"] for request in hook.requests] == [25, 33]
    mail = message_from_bytes(box.mails[0].content, policy=policy.default)
    assert mail["To"] == "auditor@elsewhere.test"
    note = mail.get_content().replace("\r\n", "\n").split("--kept FILE\n\n")[1]
    assert verify(acting(), kept=[note, hook.requests[0].json["checkpoint"]]).is_sound


def test_what_does_not_arrive_is_said_and_tried_again_in_an_hour(gemba, signed, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("app.evidence.anchors.time.monotonic", lambda: now[0])
    with web_server() as hook:
        anchors = Anchors(
            with_settings(gemba, audit_anchor_webhook=hook.url(), notify_allow_hosts="127.0.0.1")
        )
        hook.answer = 503
        with pytest.raises(StoreUnavailable, match="north by webhook"):
            anchors.round(["north"])
        hook.answer = 200
        assert anchors.round(["north"]) == 0
        now[0] = 3_601.0
        assert anchors.round(["north"]) == 1


def test_an_inner_address_is_not_asked_unless_it_is_allowed(gemba, signed):
    with web_server() as hook:
        with pytest.raises(StoreUnavailable):
            Anchors(with_settings(gemba, audit_anchor_webhook=hook.url())).round(["north"])
        assert hook.requests == []
