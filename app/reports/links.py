"""Links to files: signed, good for some minutes, for whoever has them."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import orjson
from sqlalchemy import select

from analytics.errors import NotFound
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.reports.asking import complete
from app.reports.rendering import ENDINGS, MEDIA
from app.reports.shelf import shelf
from data.models import Report, to_us

PATH: Final = "/api/v1/report-files/"
WRONG: Final = "This link is not good, or its time has passed. Get a new one."
ACTOR: Final = "report link"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file as it is handed out."""

    name: str
    media: str
    body: bytes


def link(access: Access, key: str) -> str:
    """An address of the file of a report: the store's own where it can sign, else one of this server."""
    row = complete(access, key)
    lasts_s = int(access.gemba.settings.reports_link_minutes * 60)
    with access.write() as session:
        access.audit(session, "report.download", ("report", key), after={"digest": row.digest})
    signed = shelf(access.gemba.settings).link(row.path, lasts_s)
    return signed or PATH + _token(
        access.gemba, access.factory.slug, key, to_us(access.now) + lasts_s * 1_000_000
    )


def opened(gemba: Gemba, token: str) -> Parcel:
    """The file that a link of this server names. NotFound for a wrong or an old one."""
    slug, key, until_us = _read(gemba, token)
    principal = service(gemba.database, slug, ACTOR)
    if principal is None or to_us(gemba.clock()) >= until_us:
        raise NotFound(WRONG)
    with Access(gemba, principal).read() as session:
        row = session.scalar(select(Report).where(Report.key == key, Report.path != ""))
    if row is None:
        raise NotFound(WRONG)
    return Parcel(name_of(row), MEDIA[row.format], shelf(gemba.settings).read(row.path))


def name_of(row: Report) -> str:
    """The name that the file has for people."""
    clean = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in row.title)
    while "--" in clean:
        clean = clean.replace("--", "-")
    return f"{clean.strip('-.')[:80] or 'report'}.{ENDINGS[row.format]}"


def _token(gemba: Gemba, slug: str, key: str, until_us: int) -> str:
    body = orjson.dumps([slug, key, until_us])
    return base64.urlsafe_b64encode(_mark(gemba, body) + body).decode().rstrip("=")


def _read(gemba: Gemba, token: str) -> tuple[str, str, int]:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise NotFound(WRONG) from error
    mark, body = raw[: sha256().digest_size], raw[sha256().digest_size :]
    if not hmac.compare_digest(mark, _mark(gemba, body)):
        raise NotFound(WRONG)
    slug, key, until_us = orjson.loads(body)
    return str(slug), str(key), int(until_us)


def _mark(gemba: Gemba, body: bytes) -> bytes:
    """The signature: by a key of its own, derived from the secret that the audit log is sealed with."""
    secret = hmac.digest(gemba.outside.seal_key(), b"gemba report links", "sha256")
    return hmac.digest(secret, body, "sha256")
