"""Simulated lathes that run live, and fitted twins."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
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
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "lathe_fit",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("fitted_by", sa.String(254), nullable=False),
        sa.Column("fitted_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "machine_id"),
    ),
    sa.Table(
        "simulation",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("position_s", sa.Double(), nullable=False),
        sa.Column("worked_s", sa.Double(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("ended_because", sa.String(200), nullable=False),
        sa.Column("started_by", sa.String(254), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_simulation_status", "factory_id", "status"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
