"""Maintenance plans, work orders and their parts"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
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
    "alert",
    "factory",
    "machine",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "maintenance_plan",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("begins_us", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ),
    sa.Table(
        "work_order",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("plan_id", KEY, sa.ForeignKey("maintenance_plan.id"), nullable=True),
        sa.Column("plan_cycle", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("start_us", sa.BigInteger(), nullable=True),
        sa.Column("end_us", sa.BigInteger(), nullable=True),
        sa.Column("labour_cost", sa.Double(), nullable=True),
        sa.Column("stop_us", sa.BigInteger(), nullable=True),
        sa.Column("alert_id", KEY, sa.ForeignKey("alert.id"), nullable=True),
        sa.Column("told_us", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.String(254), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "plan_id", "plan_cycle"),
        sa.Index("ix_work_order_start", "factory_id", "start_us"),
        sa.Index("ix_work_order_state", "factory_id", "state", "due_us"),
    ),
    sa.Table(
        "work_part",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column(
            "order_id", KEY, sa.ForeignKey("work_order.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
