"""How each kind of channel hands a message over."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from analytics.errors import ConfigurationError, InvalidInput, StoreUnavailable
from app.notify.guard import Allowed, Target, allowed_hosts, checked
from app.notify.mail import Mailer
from app.notify.message import Told, Words, cut
from app.notify.outcome import DeliveryRefused
from app.notify.ways.web import Post, send
from app.settings import ROOT, Settings

PHONE_MOST: Final = 1_600
CHAT_MOST: Final = 20_000
APPRISE_S: Final = 40.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way: where to, its words, and what it tells. `id` is the same at each attempt."""

    id: str
    kind: str
    to: str
    """The mail address, the phone number or the whole web address."""
    factory: str
    severity: str
    words: Words
    told: Sequence[Told]


def hand_over(settings: Settings, channel_kind: str, parcel: Parcel) -> str:
    """Hand the parcel over; what was answered, in a few words.

    StoreUnavailable when it was not taken and can be tried again, DeliveryRefused when it will never be,
    InvalidInput when its address may not be asked, ConfigurationError when a setting is missing.
    """
    return SENDERS[channel_kind](settings, parcel)


def _mail(settings: Settings, parcel: Parcel) -> str:
    mailer = Mailer.of(settings)
    if mailer is None:
        raise ConfigurationError("No mail server is set (GEMBA_SMTP_URL).")
    mailer.send(parcel.to, parcel.words.subject, parcel.words.text, f"<{parcel.id}@gemba.invalid>")
    return "The mail server took it."


def _sms(settings: Settings, parcel: Parcel) -> str:
    return _twilio(settings, parcel, "", settings.twilio_sms_from, "GEMBA_TWILIO_SMS_FROM")


def _whatsapp(settings: Settings, parcel: Parcel) -> str:
    return _twilio(settings, parcel, "whatsapp:", settings.twilio_whatsapp_from, "GEMBA_TWILIO_WHATSAPP_FROM")


def _twilio(settings: Settings, parcel: Parcel, prefix: str, sender: str, setting: str) -> str:
    """Twilio's Messages resource (API of 2010-04-01)."""
    if not (settings.twilio_account and settings.twilio_token and sender):
        raise ConfigurationError(
            f"WhatsApp and SMS need GEMBA_TWILIO_ACCOUNT, GEMBA_TWILIO_TOKEN and {setting}."
        )
    base = settings.twilio_url.rstrip("/")
    body = {
        "To": prefix + parcel.to,
        "From": prefix + sender.removeprefix(prefix),
        "Body": cut(f"{parcel.words.subject}\n\n{parcel.words.text}", PHONE_MOST),
    }
    return send(
        _operators(f"{base}/2010-04-01/Accounts/{settings.twilio_account}/Messages.json"),
        Post(body, is_form=True, account=(settings.twilio_account, settings.twilio_token)),
    )


def _operators(url: str) -> Target:
    """An address out of the settings: whoever runs the installation may send where they like."""
    try:
        return checked(url, frozenset())
    except InvalidInput:
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
        return checked(url, frozenset({(host.lower(), None)}))


def _slack(settings: Settings, parcel: Parcel) -> str:
    text = cut(f"*{parcel.words.subject}*\n{parcel.words.text}", CHAT_MOST)
    for mark, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, escaped)
    return send(checked(parcel.to, _allowed(settings)), Post({"text": text}))


def _teams(settings: Settings, parcel: Parcel) -> str:
    """An adaptive card, as incoming webhooks and workflows of Teams take it."""
    lines: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": parcel.words.subject, "weight": "bolder", "wrap": True},
        {"type": "TextBlock", "text": cut(parcel.words.text, CHAT_MOST).replace("\n", "\n\n"), "wrap": True},
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return send(
        checked(parcel.to, _allowed(settings)), Post({"type": "message", "attachments": [attachment]})
    )


def _webhook(settings: Settings, parcel: Parcel) -> str:
    """JSON with the words and the notices; the key tells a message that comes twice."""
    body = {
        "id": parcel.id,
        "kind": parcel.kind,
        "factory": parcel.factory,
        "severity": parcel.severity,
        "subject": parcel.words.subject,
        "text": parcel.words.text,
        "notices": [{**asdict(one), "values": dict(one.values)} for one in parcel.told],
    }
    post = Post(body, headers={"Idempotency-Key": parcel.id})
    return send(checked(parcel.to, _allowed(settings)), post)


def _apprise(settings: Settings, parcel: Parcel) -> str:
    order = {"url": parcel.to, "subject": parcel.words.subject, "text": parcel.words.text}
    return in_sandbox(settings, order)


def in_sandbox(settings: Settings, order: dict[str, Any]) -> str:
    """Let Apprise carry an order out in a process of its own; what came of it, in a few words."""
    given = json.dumps({**order, "allow": settings.notify_allow_hosts})
    command = [sys.executable, "-B", "-m", "app.notify.ways.sandbox"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the order is on the command line
            command, input=given, capture_output=True, text=True, timeout=APPRISE_S, check=True,
            cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise StoreUnavailable(f"The service did not answer within {APPRISE_S:.0f} seconds.") from error
    except (subprocess.CalledProcessError, ValueError) as error:
        raise StoreUnavailable("Apprise ended without an answer.") from error
    detail = str(answer["detail"])
    if answer["state"] == "sent":
        return detail
    raise (DeliveryRefused if answer["state"] == "refused" else StoreUnavailable)(detail)


def _allowed(settings: Settings) -> Allowed:
    return allowed_hosts(settings.notify_allow_hosts)


SENDERS: Final[dict[str, Callable[[Settings, Parcel], str]]] = {
    "email": _mail,
    "whatsapp": _whatsapp,
    "sms": _sms,
    "slack": _slack,
    "teams": _teams,
    "webhook": _webhook,
    "apprise": _apprise,
}
