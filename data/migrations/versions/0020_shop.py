"""Production jobs, when they ran, the tool store and what was fitted"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
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
    "product",
):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "shop_tool",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("material", sa.String(60), nullable=False),
        sa.Column("cuts_like", sa.Integer(), nullable=True),
        sa.Column("life_min", sa.Double(), nullable=True),
        sa.Column("limit_mm", sa.Double(), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("reorder_level", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "number"),
    ),
    sa.Table(
        "production_job",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("product_id", KEY, sa.ForeignKey("product.id"), nullable=True),
        sa.Column("tool_id", KEY, sa.ForeignKey("shop_tool.id"), nullable=True),
        sa.Column("material", sa.String(60), nullable=False),
        sa.Column("operation", sa.String(60), nullable=False),
        sa.Column("cutting", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("cycle_s", sa.Double(), nullable=True),
        sa.Column("cycle_source", sa.String(10), nullable=False),
        sa.Column("estimated_s", sa.Double(), nullable=True),
        sa.Column("planned_us", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=True),
        sa.Column("end_us", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("told_good", sa.Double(), nullable=False),
        sa.Column("told_scrap", sa.Double(), nullable=False),
        sa.Column("told_us", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.String(254), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "key"),
        sa.Index("ix_production_job_machine", "factory_id", "machine_id", "state"),
    ),
    sa.Table(
        "tool_fitting",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("tool_id", KEY, sa.ForeignKey("shop_tool.id"), nullable=False),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("fitted_us", sa.BigInteger(), nullable=False),
        sa.Column("fitted_by", sa.String(254), nullable=False),
        sa.Column("removed_us", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(254), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("wear_mm", sa.Double(), nullable=True),
        sa.Column("measured_us", sa.BigInteger(), nullable=True),
        sa.Column("spent", sa.Double(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Index("ix_tool_fitting_machine", "factory_id", "machine_id", "removed_us"),
    ),
    sa.Table(
        "job_spell",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column(
            "job_id", KEY, sa.ForeignKey("production_job.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Index("ix_job_spell_start", "factory_id", "machine_id", "start_us"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
