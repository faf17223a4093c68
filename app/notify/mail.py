"""Hands one mail to the server that the settings name."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from analytics.errors import ConfigurationError, StoreUnavailable
from app.settings import Settings

ANSWER_S: Final = 10.0
PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mailer:
    """Where mail is handed in, and from whom it comes."""

    url: str
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> "Mailer | None":
        """The mailer of the settings; None where they name no server."""
        return cls(settings.smtp_url, settings.mail_from) if settings.smtp_url else None

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand in one plain mail. Raises StoreUnavailable when the server does not take it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="gemba.invalid")
        message.set_content(text)
        try:
            self._hand_in(message)
        except (OSError, smtplib.SMTPException) as error:
            raise StoreUnavailable(f"The mail server did not take the mail: {error}") from error

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
