"""Rules and alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
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
        "alert_rule",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_alert_rule_active", "factory_id", "is_active"),
    ),
    sa.Table(
        "rule_memory",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("rule_id", KEY, sa.ForeignKey("alert_rule.id", ondelete="CASCADE"), nullable=False),
        sa.Column("machine", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "rule_id", "machine"),
    ),
    sa.Table(
        "rule_version",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("rule_id", KEY, sa.ForeignKey("alert_rule.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(254), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "rule_id", "number"),
    ),
    sa.Table(
        "alert",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("rule_id", KEY, sa.ForeignKey("alert_rule.id"), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("rule_name", sa.String(255), nullable=False),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=True),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("worst", sa.String(20), nullable=False),
        sa.Column("raised_us", sa.BigInteger(), nullable=False),
        sa.Column("cleared_us", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(254), nullable=False),
        sa.Column("assigned_to", sa.String(254), nullable=False),
        sa.Column("shelved_until", sa.BigInteger(), nullable=True),
        sa.Column("shelved_by", sa.String(254), nullable=False),
        sa.Column("shelve_reason", sa.String(500), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.String(254), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_alert_machine", "factory_id", "machine_id", "raised_us"),
        sa.Index("ix_alert_open", "factory_id", "cleared_us"),
        sa.Index("ix_alert_rule", "factory_id", "rule_id", "raised_us"),
        sa.Index("ix_alert_time", "factory_id", "raised_us"),
    ),
    sa.Table(
        "alert_note",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("alert_id", KEY, sa.ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Index("ix_alert_note_alert", "factory_id", "alert_id", "id"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
