"""What arrives: refusals, quarantine, event ids, readers of the broker."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
for name in ("factory",):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "ingest_refusal",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("sentence", sa.String(300), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "day", "reason", "kind"),
    ),
    sa.Table(
        "ingest_stray",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("sentence", sa.String(300), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("day", "reason"),
    ),
    sa.Table(
        "quarantined_message",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("device_key", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(2**24 - 1), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "device_key", "digest"),
    ),
    sa.Table(
        "seen_event",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("device_key", sa.String(100), nullable=False),
        sa.Column("event_id", sa.String(120), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "device_key", "event_id"),
        sa.Index("ix_seen_event_time", "factory_id", "seen_at"),
    ),
    sa.Table(
        "ingest_client",
        TABLES,
        sa.Column("client_id", sa.String(100), primary_key=True),
        sa.Column("broker", sa.String(300), nullable=False),
        sa.Column("is_connected", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(300), nullable=False),
        sa.Column("backlog", sa.Integer(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("messages_per_s", sa.Double(), nullable=False),
        sa.Column("points_per_s", sa.Double(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
