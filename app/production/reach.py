"""How far the factory's data reaches, and whether it has changed."""

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.queries.plant import revision_sum
from data.queries.production import newest_us


def newest_data(access: Access) -> int | None:
    """The newest moment that any production data reaches, in microseconds UTC; None without data."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return newest_us(session)


def data_stamp(access: Access) -> int:
    """A number that moves with every change of the factory's production data or configuration."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return revision_sum(session)
