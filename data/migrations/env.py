"""Alembic's entry: runs the migrations on the connection that the caller brings."""

from alembic import context

from data.models import Base
from data.models.base import UtcTime


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own column type as the integer that it is in the database."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.BigInteger()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
