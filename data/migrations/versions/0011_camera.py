"""Workers, workstations and what cameras saw."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
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
    "machine",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "activity_day",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "day"),
    ),
    sa.Table(
        "camera_model",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
    ),
    sa.Table(
        "worker",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("pseudonym", sa.String(60), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
    ),
    sa.Table(
        "worker_name",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("worker_id", KEY, sa.ForeignKey("worker.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "worker_id"),
    ),
    sa.Table(
        "workstation",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("type", sa.String(60), nullable=False),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=True),
        sa.Column("line_id", KEY, sa.ForeignKey("line.id"), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
    ),
    sa.Table(
        "activity_event",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("worker_id", KEY, sa.ForeignKey("worker.id"), nullable=True),
        sa.Column("station_id", KEY, sa.ForeignKey("workstation.id"), nullable=True),
        sa.Column("model_id", KEY, sa.ForeignKey("camera_model.id"), nullable=True),
        sa.Column("count", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
        sa.Index("ix_activity_event_time", "factory_id", "at_us"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
