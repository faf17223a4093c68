"""How far camera events reach."""

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import DAY_US
from data.queries import activity as queries


def first_activity(access: Access) -> int | None:
    """Where the first UTC day with any event begins, in microseconds; None without events."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        first = queries.totals(session)[2]
    return None if first is None else first * DAY_US


def newest_activity(access: Access) -> int | None:
    """A moment of the newest UTC day with any event, in microseconds; None without events."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        last = queries.totals(session)[3]
    return None if last is None else last * DAY_US + DAY_US // 2


def activity_stamp(access: Access) -> tuple[int, int]:
    """Numbers that move with every event that comes in: all there are, and those that came late."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return queries.totals(session)[:2]
