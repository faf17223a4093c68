"""Shifts valid for a time and in cycles, days off, crews, targets"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
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
    "line",
    "product",
    "shift",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "calendar_exception",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("shifts", sa.String(1000), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "day", "is_open"),
    ),
    sa.Table(
        "crew",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("rotation", sa.String(4000), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "key"),
    ),
    sa.Table(
        "target",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("figure", sa.String(40), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("line_id", KEY, sa.ForeignKey("line.id"), nullable=True),
        sa.Column("product_id", KEY, sa.ForeignKey("product.id"), nullable=True),
        sa.Column("shift_id", KEY, sa.ForeignKey("shift.id"), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_target_figure", "factory_id", "figure", "valid_from"),
    ),
]


def added() -> list[sa.Column[object]]:
    """What shifts get: a version, their validity and their cycle."""
    return [
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("cycle_weeks", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("cycle_in", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("cycle_from", sa.Date(), nullable=True),
    ]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)
    for column in added():
        op.add_column("shift", column)


def downgrade() -> None:
    """Take back."""
    for column in reversed(added()):
        op.drop_column("shift", column.name)
    TABLES.drop_all(op.get_bind(), tables=MADE)
