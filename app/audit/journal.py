"""Writes audit entries in the transaction of the change that they describe."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.audit.merkle import leaf_hash
from data.models import AuditEntry, Factory


def canonical(body: dict[str, Any]) -> bytes:
    """The one spelling of a body: keys sorted, no spaces, UTF-8."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def seal(key: bytes, body: bytes) -> str:
    """What only a process with the installation's key can write beside an entry."""
    return hmac.digest(key, body, "sha256").hex()


def digest(state: dict[str, Any] | None) -> str | None:
    """The digest of an object's state before or after a change; None where there is no state."""
    return None if state is None else hashlib.sha256(canonical(state)).hexdigest()


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: tuple[str, object],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one entry to the log of the session's factory.

    `subject` is the kind and id of the object. The entry's place comes from a counter on the factory's
    row, which the update locks, so that two writers queue and no place is given twice.
    """
    factory_id = session.info["factory_id"]
    session.execute(
        update(Factory).where(Factory.id == factory_id).values(audit_size=Factory.audit_size + 1),
        execution_options={"synchronize_session": False},
    )
    factory = session.get_one(Factory, factory_id, populate_existing=True)
    body = canonical(
        {
            "action": action,
            "actor": actor,
            "after": after,
            "after_digest": digest(after),
            "at": at.isoformat(),
            "before": before,
            "before_digest": digest(before),
            "object": [subject[0], str(subject[1])],
            "position": factory.audit_size - 1,
        }
    )
    session.add(
        AuditEntry(
            position=factory.audit_size - 1,
            recorded_at=at,
            actor=actor,
            action=action,
            object_type=subject[0],
            object_id=str(subject[1]),
            body=body.decode(),
            leaf=leaf_hash(body).hex(),
            seal=seal(session.info["seal_key"], body),
        )
    )
