"""JSON columns of MySQL keep what was written: its own type sorts keys and rounds numbers (MariaDB's does not)"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _change(before: type, after: sa.types.TypeEngine) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "mysql" or bind.dialect.is_mariadb:
        return
    found = sa.inspect(bind)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            if isinstance(column["type"], before):
                op.alter_column(
                    table,
                    column["name"],
                    type_=after,
                    existing_type=column["type"],
                    existing_nullable=column["nullable"],
                )


def upgrade() -> None:
    """Apply."""
    _change(sa.JSON, mysql.LONGTEXT())


def downgrade() -> None:
    """Take back: texts stay texts, which the revision before reads as well."""
