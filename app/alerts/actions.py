"""What people do about alerts: acknowledge, assign, comment, shelve, resolve; one by one or many at once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotFound, VersionChanged
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Account, Alert, AlertNote, Membership

LONGEST_SHELF: Final = timedelta(days=30)
MOST_AT_ONCE: Final = 500
Change = Callable[[Session, Alert], str | None]
"""Changes a row; returns what the history says of it, or None where there was nothing to do."""


def acknowledge(
    access: Access, alert_ids: Sequence[int], comment: str = "", version: int | None = None
) -> int:
    """Say that somebody has seen them; returns how many were not acknowledged before."""

    def change(_session: Session, row: Alert) -> str | None:
        if row.acknowledged_at is not None:
            return None
        row.acknowledged_at, row.acknowledged_by = access.now, access.principal.email
        return comment or "acknowledged"

    return _each(access, alert_ids, "acknowledged", change, version)


def resolve(access: Access, alert_ids: Sequence[int], comment: str = "", version: int | None = None) -> int:
    """Say that the matter is settled; a resolved alert counts as acknowledged."""

    def change(_session: Session, row: Alert) -> str | None:
        if row.resolved_at is not None:
            return None
        row.resolved_at, row.resolved_by = access.now, access.principal.email
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = access.now, access.principal.email
        return comment or "resolved"

    return _each(access, alert_ids, "resolved", change, version)


def shelve(
    access: Access, alert_ids: Sequence[int], until: datetime, reason: str, version: int | None = None
) -> int:
    """Put them aside until a moment, at most 30 days ahead, with the reason; they tell nobody meanwhile."""
    if not access.now < until <= access.now + LONGEST_SHELF:
        raise InvalidInput.at("until", "Shelve until a moment within the next 30 days.")
    if not reason.strip():
        raise InvalidInput.at("reason", "Say why it is shelved.")

    def change(_session: Session, row: Alert) -> str | None:
        row.shelved_until, row.shelved_by = until, access.principal.email
        row.shelve_reason = reason.strip()[:500]
        return f"until {until.isoformat()}: {reason.strip()}"

    return _each(access, alert_ids, "shelved", change, version)


def unshelve(access: Access, alert_ids: Sequence[int], version: int | None = None) -> int:
    """Take them back from the shelf."""

    def change(_session: Session, row: Alert) -> str | None:
        if row.shelved_until is None:
            return None
        row.shelved_until = None
        return "taken back"

    return _each(access, alert_ids, "unshelved", change, version)


def assign(access: Access, alert_ids: Sequence[int], email: str, version: int | None = None) -> int:
    """Give them to somebody of the factory, or to nobody with an empty address."""

    def change(session: Session, row: Alert) -> str | None:
        if row.assigned_to == email:
            return None
        if email:
            _refuse_stranger(access, session, email)
        row.assigned_to = email
        return f"to {email}" if email else "to nobody"

    return _each(access, alert_ids, "assigned", change, version)


def comment(access: Access, alert_ids: Sequence[int], text: str) -> int:
    """Add a comment to their history."""
    said = text.strip()
    if not 1 <= len(said) <= 2_000:
        raise InvalidInput.at("comment", "A comment has 1 to 2,000 characters.")
    return _each(access, alert_ids, "comment", lambda _session, _row: said, None)


def _refuse_stranger(access: Access, session: Session, email: str) -> None:
    member = session.scalar(
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.factory_id == access.factory.id, Account.email == email)
    )
    if member is None:
        raise InvalidInput.at("assigned_to", f"{email} does not belong to this factory.")


def _each(access: Access, alert_ids: Sequence[int], kind: str, change: Change, version: int | None) -> int:
    """Change each alert with a line of its history and an audit entry, all in one transaction."""
    access.require(Permission.ACKNOWLEDGE_ALERTS)
    wanted = list(dict.fromkeys(alert_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise InvalidInput.at("alerts", f"At most {MOST_AT_ONCE} alerts can be changed at once.")
    done = 0
    with access.write() as session:
        rows = {row.id: row for row in session.scalars(select(Alert).where(Alert.id.in_(wanted)))}
        for number in wanted:
            row = rows.get(number)
            if row is None:
                raise NotFound("There is no such alert in this factory.")
            if version is not None and row.version != version:
                raise VersionChanged("Somebody changed this alert meanwhile: load it again.")
            before = _told(row)
            said = change(session, row)
            if said is None:
                continue
            row.version += 1
            done += 1
            session.add(
                AlertNote(
                    alert_id=row.id, at=access.now, actor=access.principal.email, kind=kind, text=said[:2_000]
                )
            )
            access.audit(session, f"alert.{kind}", ("alert", row.id), before, {**_told(row), "said": said})
    return done


def _told(row: Alert) -> dict[str, Any]:
    moments = {name: getattr(row, name) for name in ("acknowledged_at", "resolved_at", "shelved_until")}
    return {
        "rule": row.rule_name,
        "assigned_to": row.assigned_to,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
