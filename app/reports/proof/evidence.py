"""The entries about a report in the audit log, and the proofs of them that go into its file."""

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import func, select

from analytics.errors import Conflict, NotFound, StoreUnavailable
from app.auth.sessions import service
from app.bootstrap import Access
from app.evidence.export import proof
from app.evidence.signing import Signer
from app.reports.content.document import Document, iso
from app.reports.proof.seals import sealed
from data.models import AuditEntry

CONTENT: Final = "report.content"
FILE: Final = "report.file"
ACTOR: Final = "reports"
WAIT_S: Final = 60.0
QR_BYTES: Final = 2_900


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is printed in a report about itself: digests, version, its place in the log, the proof."""

    content_digest: str
    fingerprint: str
    code_version: str
    position: int
    proof: dict[str, Any]

    @property
    def code(self) -> str:
        """What the QR code holds: the proof, or where it is too long what the entry says."""
        whole = orjson.dumps(self.proof).decode()
        return whole if len(whole) <= QR_BYTES else str(self.proof["entry"])


def stamped(access: Access, document: Document, digest: str) -> Stamp:
    """Write what a report says into the log, sign, and get the proof."""
    after = {
        "title": document.title,
        "start": iso(document.start_us, document.zone),
        "end": iso(document.end_us, document.zone),
        "content_digest": digest,
        "fingerprint": document.fingerprint,
        "code_version": document.code_version,
    }
    found = _entered(access, CONTENT, document.key, after)
    return Stamp(digest, document.fingerprint, document.code_version, found["index"], found)


def with_evidence(access: Access, key: str, body: bytes, stamp: Stamp) -> tuple[bytes, str]:
    """The file with the proofs of its content and of its own bytes; and the digest of those bytes."""
    digest = sha256(body).hexdigest()
    after = {"digest": digest, "content_digest": stamp.content_digest, "size_bytes": len(body)}
    found = _entered(access, FILE, key, after)
    return sealed(body, {"content": stamp.proof, "file": found}), digest


def _entered(access: Access, action: str, key: str, after: dict[str, Any]) -> dict[str, Any]:
    with access.write() as session:
        access.audit(session, action, ("report", key), after=after)
        session.flush()
        position = session.scalar(
            select(func.max(AuditEntry.position)).where(
                AuditEntry.action == action, AuditEntry.object_id == key
            )
        )
    return _proven(access, int(position or 0))


def _proven(access: Access, position: int) -> dict[str, Any]:
    """The proof of an entry; signs until a checkpoint covers it. StoreUnavailable where none does in time."""
    principal = service(access.gemba.database, access.factory.slug, ACTOR)
    if principal is None:
        raise NotFound("There is no such factory.")
    acting = Access(access.gemba, principal)
    until = time.monotonic() + WAIT_S
    while True:
        Signer(access.gemba).round([access.factory.slug])
        try:
            return proof(acting, position)
        except Conflict as error:
            if time.monotonic() > until:
                raise StoreUnavailable("The audit log was not signed in time.") from error
            time.sleep(0.1)
