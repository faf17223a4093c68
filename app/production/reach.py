"""How far the factory's data reaches."""

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.queries.production import newest_us


def newest_data(access: Access) -> int | None:
    """The newest moment that any production data reaches, in microseconds UTC; None without data."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return newest_us(session)
