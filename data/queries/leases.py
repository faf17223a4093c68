"""Who runs what: a name is held by one process until its lease ends."""

import secrets
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict
from data.models import Lease
from data.relational.scope import Database

HELD_US: Final = 20_000_000
RENEW_US: Final = 5_000_000


def claim(session: Session, name: str, holder: str, now_us: int, for_us: int) -> bool:
    """Take or renew the lease of a name; False while somebody else holds it.

    Call it in a transaction of its own: of two that claim a new name at once one gets a Conflict.
    """
    done = session.execute(
        update(Lease)
        .where(Lease.name == name, or_(Lease.expires_us <= now_us, Lease.holder == holder))
        .values(holder=holder, expires_us=now_us + for_us),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount:  # type: ignore[attr-defined]
        return True
    if session.scalar(select(Lease.name).where(Lease.name == name)) is not None:
        return False
    session.add(Lease(name=name, holder=holder, expires_us=now_us + for_us))
    session.flush()
    return True


def release(session: Session, name: str, holder: str) -> None:
    """Give a lease back."""
    session.execute(
        delete(Lease).where(Lease.name == name, Lease.holder == holder),
        execution_options={"synchronize_session": False},
    )


class Holder:
    """One process among several that would do the same: it does it for the names whose lease it gets."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self._kind = database, kind
        self._holder = secrets.token_hex(8)
        self._renewed: dict[str, int] = {}

    def holds(self, name: str, now_us: int) -> bool:
        """Take or renew the lease; False while another process has it."""
        if now_us - self._renewed.get(name, 0) < RENEW_US:
            return True
        try:
            with self._database.write(None) as session:
                has = claim(session, f"{self._kind}:{name}", self._holder, now_us, HELD_US)
        except Conflict:
            has = False
        if has:
            self._renewed[name] = now_us
        else:
            self._renewed.pop(name, None)
        return has
