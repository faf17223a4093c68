"""Sends the newest checkpoint of each log to where nobody here can rewrite it: a mailbox, a web address.

Whoever takes over this machine with its database and its keys can sign another history; they cannot take back
what was sent before. `python -m app audit verify --kept FILE` compares the log with what arrived.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog

from analytics.errors import ConfigurationError, GembaError, StoreUnavailable
from app.audit.notes import opened
from app.bootstrap import Gemba
from app.notify.guard import allowed_hosts, checked
from app.notify.mail import Mailer
from app.notify.ways import web
from data.models import to_us

log = structlog.get_logger()

DAY_US: Final = 86_400_000_000
AGAIN_S: Final = 3_600.0
MAIL: Final = """This is the newest checkpoint of the audit log of {slug}: {size} entries and the hash
over all of them, signed.

Keep this mail. Saved as a file, the lines below are compared with the log by
python -m app audit verify --factory {slug} --kept FILE

{note}"""


class Anchors:
    """Sends once a day and log what is new since the last time; what fails is tried again in an hour."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        settings = gemba.settings
        ways: dict[str, tuple[str, Callable[[str, int, str], object]]] = {
            "email": (settings.audit_anchor_email, self._mail),
            "webhook": (settings.audit_anchor_webhook, self._post),
        }
        self._ways = {name: send for name, (address, send) in ways.items() if address}
        self._not_before: dict[tuple[str, str], float] = {}

    def round(self, slugs: list[str]) -> int:
        """Send what is due; returns how many went. StoreUnavailable names what did not."""
        problems: list[str] = []
        sent = 0
        with self._gemba.outside.turn() as is_ours:
            for slug in slugs if is_ours and self._ways else []:
                for way in self._ways:
                    try:
                        sent += self._send(slug, way)
                    except GembaError as error:
                        self._not_before[slug, way] = time.monotonic() + AGAIN_S
                        log.warning("checkpoint not sent", factory=slug, way=way, error=str(error))
                        problems.append(f"{slug} by {way}: {error}")
        if problems:
            raise StoreUnavailable(" ".join(problems))
        return sent

    def _send(self, slug: str, way: str) -> bool:
        outside, now_us = self._gemba.outside, to_us(self._gemba.clock())
        size, at_us = outside.sent(slug).get(way, (0, -DAY_US))
        notes = outside.checkpoints(slug)
        if not notes or now_us - at_us < DAY_US or time.monotonic() < self._not_before.get((slug, way), 0.0):
            return False
        newest = opened(notes[-1], outside.verifier()).size
        if newest == size:
            return False
        self._ways[way](slug, newest, notes[-1])
        outside.note_sent(slug, way, newest, now_us)
        return True

    def _mail(self, slug: str, size: int, note: str) -> None:
        mailer = Mailer.of(self._gemba.settings)
        if mailer is None:
            raise ConfigurationError("GEMBA_AUDIT_ANCHOR_EMAIL needs GEMBA_SMTP_URL.")
        mailer.send(
            self._gemba.settings.audit_anchor_email,
            f"Audit log of {slug}: checkpoint over {size:,} entries",
            MAIL.format(slug=slug, size=f"{size:,}", note=note),
            f"<audit-{slug}-{size}@gemba.invalid>",
        )

    def _post(self, slug: str, size: int, note: str) -> None:
        settings = self._gemba.settings
        target = checked(settings.audit_anchor_webhook, allowed_hosts(settings.notify_allow_hosts))
        web.send(target, web.Post({"factory": slug, "entries": size, "checkpoint": note}))
