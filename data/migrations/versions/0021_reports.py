"""Reports and the mails that bring them"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
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
        "report",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("code_version", sa.String(60), nullable=False),
        sa.Column("log_position", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_us", sa.BigInteger(), nullable=True),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
        sa.UniqueConstraint("factory_id", "job_key"),
        sa.Index("ix_report_expiry", "factory_id", "expires_us"),
        sa.Index("ix_report_time", "factory_id", "created_us"),
    ),
    sa.Table(
        "report_mail",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("report_key", sa.String(36), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_us", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "report_key", "address"),
        sa.Index("ix_report_mail_due", "factory_id", "state", "next_us"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
