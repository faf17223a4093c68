"""Documents as JSON columns."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
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

sa.Table("factory", TABLES, sa.Column("id", KEY, primary_key=True))
DOCUMENT = sa.Table(
    "document",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("collection", sa.String(60), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("at_us", sa.BigInteger(), nullable=False),
    sa.Column("machine", sa.String(120), nullable=False),
    sa.Column("body", sa.JSON(), nullable=False),
    sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    sa.UniqueConstraint("factory_id", "collection", "key"),
    sa.Index("ix_document_time", "factory_id", "collection", "at_us"),
    sa.Index("ix_document_machine", "factory_id", "collection", "machine", "at_us"),
)


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=[DOCUMENT])


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=[DOCUMENT])
