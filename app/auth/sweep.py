"""Forgets what log-ins leave behind: ended sessions, used tokens and links, old failures."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select

from data.models import LoginFailure, LoginSession, PasswordReset, RefreshToken
from data.relational.scope import Database

SESSIONS: Final = timedelta(days=30)
RESETS: Final = timedelta(days=7)
FAILURES: Final = timedelta(days=1)
AT_ONCE: Final = 1_000


def sweep(database: Database, now: datetime) -> int:
    """Delete what is of no use any more; returns how many sessions went. The audit log keeps what they did.

    A session goes 30 days after its end, so that a refresh token used again until then is still recognised
    as stolen.
    """
    with database.write(None) as session:
        row = LoginSession
        ended = or_(row.expires_at < now - SESSIONS, row.revoked_at < now - SESSIONS)
        old = list(session.scalars(select(row.id).where(ended).order_by(row.id).limit(AT_ONCE)))
        quietly = {"synchronize_session": False}
        session.execute(
            delete(RefreshToken).where(RefreshToken.session_id.in_(old)), execution_options=quietly
        )
        session.execute(delete(row).where(row.id.in_(old)), execution_options=quietly)
        session.execute(
            delete(PasswordReset).where(PasswordReset.expires_at < now - RESETS), execution_options=quietly
        )
        session.execute(
            delete(LoginFailure).where(LoginFailure.last_at < now - FAILURES), execution_options=quietly
        )
    return len(old)
