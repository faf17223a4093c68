"""Live anomaly scores, late samples, alerts suppressed by design and out of service"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
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
    "alert_rule",
    "factory",
    "machine",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "late_sample",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("parameter", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.Column("most_late_us", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "day", "machine_key", "parameter", "reason"),
    ),
    sa.Table(
        "live_detector",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("step_us", sa.BigInteger(), nullable=False),
        sa.Column("false_alarms_per_week", sa.Double(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("normal_start_us", sa.BigInteger(), nullable=False),
        sa.Column("normal_end_us", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("fitted_us", sa.BigInteger(), nullable=False),
        sa.Column("switched_us", sa.BigInteger(), nullable=False),
        sa.Column("switched_by", sa.String(254), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("ahead_us", sa.BigInteger(), nullable=False),
        sa.Column("memory", sa.LargeBinary(2**24 - 1), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("leading", sa.String(200), nullable=False),
        sa.Column("scored", sa.BigInteger(), nullable=False),
        sa.Column("withheld", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "machine_key"),
    ),
    sa.Table(
        "out_of_service",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("rule_id", KEY, sa.ForeignKey("alert_rule.id", ondelete="CASCADE"), nullable=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id", ondelete="CASCADE"), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(254), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(254), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_out_of_service_open", "factory_id", "ended_at"),
    ),
]


def added() -> list[sa.Column[object]]:
    """What alerts get: whether people were told of them, and when if that was later."""
    return [
        sa.Column("is_suppressed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_out_of_service", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("annunciated_us", sa.BigInteger(), nullable=True),
    ]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)
    for column in added():
        op.add_column("alert", column)


def downgrade() -> None:
    """Take back."""
    for column in reversed(added()):
        op.drop_column("alert", column.name)
    TABLES.drop_all(op.get_bind(), tables=MADE)
