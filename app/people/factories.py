"""The factories of the installation."""

from sqlalchemy import select

from app.bootstrap import Gemba
from data.models import Factory


def all_factories(gemba: Gemba) -> list[tuple[int, str, str]]:
    """Id, name and slug of each factory, by name; anybody may know them."""
    with gemba.database.read(None) as session:
        rows = session.execute(select(Factory.id, Factory.name, Factory.slug).order_by(Factory.name))
        return [(row[0], row[1], row[2]) for row in rows]
