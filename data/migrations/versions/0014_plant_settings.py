"""What the plant's time and energy are worth"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
        "plant_setting",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("hour_rate", sa.Double(), nullable=True),
        sa.Column("energy_price", sa.Double(), nullable=True),
        sa.Column("holiday_country", sa.String(2), nullable=False),
        sa.Column("holiday_region", sa.String(10), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
