"""Jobs: the queue, schedules and scan sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
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
    "account",
    "factory",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "job",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before_us", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("lease_until_us", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("error_attempts", sa.Integer(), nullable=False),
        sa.Column("crash_attempts", sa.Integer(), nullable=False),
        sa.Column("most_attempts", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("stage", sa.String(200), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), nullable=True),
        sa.Column("is_cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.String(120), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("account_id", KEY, sa.ForeignKey("account.id"), nullable=True),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=True),
        sa.Column("finished_us", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
        sa.UniqueConstraint("factory_id", "idempotency_key"),
        sa.Index("ix_job_due", "factory_id", "state", "not_before_us"),
        sa.Index("ix_job_time", "factory_id", "created_us"),
    ),
    sa.Table(
        "job_schedule",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("rhythm", sa.String(10), nullable=False),
        sa.Column("at_min", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("next_run_us", sa.BigInteger(), nullable=False),
        sa.Column("last_run_us", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "name"),
    ),
    sa.Table(
        "scan_session",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("normal_start_us", sa.BigInteger(), nullable=False),
        sa.Column("normal_end_us", sa.BigInteger(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("begun_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_us", sa.BigInteger(), nullable=False),
        sa.Column("rows_scored", sa.Integer(), nullable=False),
        sa.Column("anomalies", sa.Integer(), nullable=False),
        sa.Column("episodes", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "job_key", "machine_key"),
        sa.Index("ix_scan_session_machine", "factory_id", "machine_key", "begun_us"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
