"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
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

sa.Table(
    "account",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("is_active", sa.Boolean(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("last_login_at", sa.BigInteger(), nullable=True),
)
sa.Table(
    "factory",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("slug", sa.String(60), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("timezone", sa.String(60), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("day_start_min", sa.Integer(), nullable=False),
    sa.Column("minor_stop_s", sa.Integer(), nullable=False),
    sa.Column("oee_target", sa.Double(), nullable=True),
    sa.Column("audit_size", KEY, nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
)
sa.Table(
    "lease",
    TABLES,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("holder", sa.String(120), nullable=False),
    sa.Column("expires_us", sa.BigInteger(), nullable=False),
)
sa.Table(
    "login_failure",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("name_digest", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("last_at", sa.BigInteger(), nullable=False),
    sa.UniqueConstraint("name_digest", "address"),
)
sa.Table(
    "area",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("key", sa.String(60), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "key"),
)
sa.Table(
    "audit_entry",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("recorded_at", sa.BigInteger(), nullable=False),
    sa.Column("actor", sa.String(254), nullable=False),
    sa.Column("action", sa.String(80), nullable=False),
    sa.Column("object_type", sa.String(60), nullable=False),
    sa.Column("object_id", sa.String(120), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("leaf", sa.String(64), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "position"),
    sa.Index("ix_audit_entry_time", "factory_id", "recorded_at"),
)
sa.Table(
    "day_revision",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("day", sa.Integer(), nullable=False),
    sa.Column("revision", sa.BigInteger(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "day"),
)
sa.Table(
    "import_run",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("file_digest", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(254), nullable=False),
    sa.Column("started_at", sa.BigInteger(), nullable=False),
    sa.Column("finished_at", sa.BigInteger(), nullable=True),
    sa.Column("rows", sa.Integer(), nullable=False),
    sa.Column("loaded", sa.Integer(), nullable=False),
    sa.Column("unchanged", sa.Integer(), nullable=False),
    sa.Column("rejected", sa.Integer(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
)
sa.Table(
    "login_session",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.Column("account_id", KEY, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("ticket_digest", sa.String(64), nullable=True, unique=True),
    sa.Column("token_digest", sa.String(64), nullable=True, unique=True),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", sa.BigInteger(), nullable=False),
    sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    sa.Column("client", sa.String(200), nullable=False),
)
sa.Table(
    "membership",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.Column("account_id", KEY, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("role", sa.String(40), nullable=False),
    sa.UniqueConstraint("factory_id", "account_id"),
)
sa.Table(
    "product",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(30), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "key"),
)
sa.Table(
    "reason",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("parent_id", KEY, sa.ForeignKey("reason.id"), nullable=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("is_operator_error", sa.Boolean(), nullable=True),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "code"),
)
sa.Table(
    "shift",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("key", sa.String(60), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("start_min", sa.Integer(), nullable=False),
    sa.Column("end_min", sa.Integer(), nullable=False),
    sa.Column("weekdays", sa.Integer(), nullable=False),
    sa.Column("breaks", sa.String(200), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "key"),
)
sa.Table(
    "import_reject",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("run_id", KEY, sa.ForeignKey("import_run.id", ondelete="CASCADE"), nullable=False),
    sa.Column("line", sa.Integer(), nullable=False),
    sa.Column("field", sa.String(100), nullable=False),
    sa.Column("message", sa.String(500), nullable=False),
    sa.Column("row", sa.Text(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.Index("ix_import_reject_run", "factory_id", "run_id"),
)
sa.Table(
    "line",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("area_id", KEY, sa.ForeignKey("area.id"), nullable=True),
    sa.Column("key", sa.String(60), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("oee_target", sa.Double(), nullable=True),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "key"),
)
sa.Table(
    "machine",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("line_id", KEY, sa.ForeignKey("line.id"), nullable=True),
    sa.Column("device_key", sa.String(100), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("manufacturer", sa.String(120), nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("location", sa.String(200), nullable=False),
    sa.Column("ideal_cycle_s", sa.Double(), nullable=True),
    sa.Column("importance", sa.Integer(), nullable=False),
    sa.Column("is_active", sa.Boolean(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("updated_at", sa.BigInteger(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.UniqueConstraint("factory_id", "device_key"),
)
sa.Table(
    "ideal_cycle",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
    sa.Column("product_id", KEY, sa.ForeignKey("product.id"), nullable=False),
    sa.Column("cycle_s", sa.Double(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "machine_id", "product_id"),
)
sa.Table(
    "parameter",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("display_name", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(30), nullable=False),
    sa.Column("data_type", sa.String(20), nullable=False),
    sa.Column("is_kpi", sa.Boolean(), nullable=False),
    sa.Column("low_limit", sa.Double(), nullable=True),
    sa.Column("high_limit", sa.Double(), nullable=True),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "machine_id", "key"),
)
sa.Table(
    "performance_record",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
    sa.Column("product_id", KEY, sa.ForeignKey("product.id"), nullable=True),
    sa.Column("shift_id", KEY, sa.ForeignKey("shift.id"), nullable=True),
    sa.Column("batch", sa.String(100), nullable=False),
    sa.Column("operator", sa.String(200), nullable=False),
    sa.Column("start_us", sa.BigInteger(), nullable=False),
    sa.Column("end_us", sa.BigInteger(), nullable=False),
    sa.Column("planned_s", sa.Double(), nullable=False),
    sa.Column("operating_s", sa.Double(), nullable=False),
    sa.Column("downtime_s", sa.Double(), nullable=False),
    sa.Column("output", sa.Double(), nullable=False),
    sa.Column("good", sa.Double(), nullable=False),
    sa.Column("note", sa.Text(), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("updated_at", sa.BigInteger(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.UniqueConstraint("factory_id", "machine_id", "start_us"),
    sa.Index("ix_performance_record_start", "factory_id", "start_us"),
)
sa.Table(
    "production_count",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
    sa.Column("product_id", KEY, sa.ForeignKey("product.id"), nullable=True),
    sa.Column("start_us", sa.BigInteger(), nullable=False),
    sa.Column("end_us", sa.BigInteger(), nullable=False),
    sa.Column("good", sa.Double(), nullable=False),
    sa.Column("scrap", sa.Double(), nullable=False),
    sa.Column("rework", sa.Double(), nullable=False),
    sa.Column("startup_scrap", sa.Double(), nullable=False),
    sa.Column("received_us", sa.BigInteger(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "machine_id", "product_id", "start_us"),
    sa.Index("ix_production_count_machine", "factory_id", "machine_id", "start_us"),
    sa.Index("ix_production_count_start", "factory_id", "start_us"),
)
sa.Table(
    "state_event",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
    sa.Column("start_us", sa.BigInteger(), nullable=False),
    sa.Column("end_us", sa.BigInteger(), nullable=True),
    sa.Column("state", sa.Integer(), nullable=False),
    sa.Column("reason_id", KEY, sa.ForeignKey("reason.id"), nullable=True),
    sa.Column("received_us", sa.BigInteger(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "machine_id", "start_us", "state"),
    sa.Index("ix_state_event_end", "factory_id", "end_us"),
    sa.Index("ix_state_event_start", "factory_id", "start_us"),
)
sa.Table(
    "record_stop",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("record_id", KEY, sa.ForeignKey("performance_record.id", ondelete="CASCADE"), nullable=False),
    sa.Column("reason_id", KEY, sa.ForeignKey("reason.id"), nullable=False),
    sa.Column("duration_s", sa.Double(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "record_id", "reason_id"),
)


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind())


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind())
