"""What people say about stops; reasons out of use and in order"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
for name in (
    "factory",
    "machine",
    "reason",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "stop_label",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("reason_id", KEY, sa.ForeignKey("reason.id"), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.String(254), nullable=False),
        sa.Column("judged_us", sa.BigInteger(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.Column("replaced_by", sa.String(254), nullable=False),
        sa.Column("replaced_us", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Index("ix_stop_label_machine", "factory_id", "machine_id", "start_us"),
        sa.Index("ix_stop_label_start", "factory_id", "start_us"),
    ),
]


def added() -> list[sa.Column[object]]:
    """What reasons have now besides."""
    return [
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    ]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)
    for column in added():
        op.add_column("reason", column)


def downgrade() -> None:
    """Take back."""
    for column in reversed(added()):
        op.drop_column("reason", column.name)
    TABLES.drop_all(op.get_bind(), tables=MADE)
