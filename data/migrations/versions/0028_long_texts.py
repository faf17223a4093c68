"""Texts of MySQL and MariaDB may be longer than 64 KB: entries of the audit log, rules, problems, notes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    bind = op.get_bind()
    if bind.dialect.name not in {"mysql", "mariadb"}:
        return
    found = sa.inspect(bind)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            if type(column["type"]) is mysql.TEXT:
                op.alter_column(
                    table,
                    column["name"],
                    type_=mysql.LONGTEXT(),
                    existing_type=column["type"],
                    existing_nullable=column["nullable"],
                )


def downgrade() -> None:
    """Take back: a longer text would be cut, and the revision before reads long ones as well."""
