"""Mail is handed in to a real server, with its account and its refusals."""

from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from analytics.errors import ConfigurationError, StoreUnavailable
from app.notify.mail import Mailer
from app.settings import Settings
from tests.app.notify.box import Box, mail_server


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[str]:
    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"gemba@x", b"p:w/1")
        return AuthResult(success=right)

    with mail_server(box, authenticator=known, auth_require_tls=False) as address:
        yield address


def test_a_mail_arrives_whole_with_its_letters(server, box):
    Mailer(f"smtp://{server}", "gemba@plant.test").send("ann@x.test", "Einladung", "Grüße aus Halle 3\n")
    mail = message_from_bytes(box.mails[0].content)
    assert box.mails[0].rcpt_tos == ["ann@x.test"]
    assert (mail["From"], mail["To"], mail["Subject"]) == ("gemba@plant.test", "ann@x.test", "Einladung")
    assert mail.get_payload(decode=True).decode().splitlines() == ["Grüße aus Halle 3"]
    assert mail["Message-ID"]
    assert mail["Date"]


def test_the_account_of_the_url_logs_in_and_a_wrong_one_is_reported(server, box):
    Mailer(f"smtp://gemba%40x:p%3Aw%2F1@{server}", "g@x").send("ann@x.test", "Hi", "Text")
    assert len(box.mails) == 1
    with pytest.raises(StoreUnavailable, match="did not take"):
        Mailer(f"smtp://gemba%40x:wrong@{server}", "g@x").send("ann@x.test", "Hi", "Text")


def test_a_refused_address_and_a_server_that_is_away_are_reported(server):
    with pytest.raises(StoreUnavailable, match="did not take"):
        Mailer(f"smtp://{server}", "g@x").send("nobody@x.test", "Hi", "Text")
    with pytest.raises(StoreUnavailable, match="did not take"):
        Mailer("smtp://127.0.0.1:1", "g@x").send("ann@x.test", "Hi", "Text")


def test_a_subject_cannot_carry_a_header_of_its_own(server, box):
    with pytest.raises(ValueError, match="linefeed"):
        Mailer(f"smtp://{server}", "g@x").send("ann@x.test", "Hi\r\nBcc: all@x.test", "Text")
    assert box.mails == []


def test_a_url_of_another_kind_is_named_by_its_setting():
    with pytest.raises(ConfigurationError, match="GEMBA_SMTP_URL"):
        Mailer("http://x", "g@x").send("ann@x.test", "Hi", "Text")


def test_without_a_server_there_is_no_mailer():
    assert Mailer.of(Settings(smtp_url="")) is None
    assert Mailer.of(Settings(smtp_url="smtp://x:25", mail_from="a@b")) == Mailer("smtp://x:25", "a@b")
