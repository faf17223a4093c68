"""Hands one mail to the server that the settings name."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from analytics.errors import ConfigurationError, StoreUnavailable
from app.notify.outcome import DeliveryRefused
from app.settings import Settings

ANSWER_S: Final = 10.0
PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; `media` is its type, such as application/pdf."""

    name: str
    media: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Mailer:
    """Where mail is handed in, and from whom it comes."""

    url: str
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> "Mailer | None":
        """The mailer of the settings; None where they name no server."""
        return cls(settings.smtp_url, settings.mail_from) if settings.smtp_url else None

    def send(
        self, to: str, subject: str, text: str, message_id: str = "", attached: Attachment | None = None
    ) -> None:
        """Hand in one plain mail, with a file where one is given.

        Raises StoreUnavailable when the server does not take it.

        DeliveryRefused (a StoreUnavailable too) when it will never take it. A `message_id` that is given
        again lets mailboxes recognise a mail that comes twice.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = message_id or make_msgid(domain="gemba.invalid")
        message.set_content(text)
        if attached is not None:
            form, _, detail = attached.media.partition("/")
            message.add_attachment(attached.body, form, detail, filename=attached.name)
        try:
            self._hand_in(message)
        except (OSError, smtplib.SMTPException) as error:
            kind = DeliveryRefused if _is_final(error) else StoreUnavailable
            raise kind(f"The mail server did not take the mail: {error}") from error

    def _hand_in(self, message: EmailMessage) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigurationError("GEMBA_SMTP_URL: write it as smtp://host:587 or smtps://host:465.")
        port = parts.port or PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                parts.hostname, port, timeout=ANSWER_S, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(parts.hostname, port, timeout=ANSWER_S)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


def _is_final(error: Exception) -> bool:
    """Whether the server refused the recipient or the mail for good; a wrong account can be put right."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    return False
