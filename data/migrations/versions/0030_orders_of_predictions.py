"""A work order knows the prediction behind it"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None
NAME = "fk_work_order_prediction_id_prediction"


def upgrade() -> None:
    """Apply. SQLite adds a column with its reference only in one statement; a new table would lose rows."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE work_order ADD COLUMN prediction_id INTEGER "
            f"CONSTRAINT {NAME} REFERENCES prediction (id)"
        )
        return
    op.add_column("work_order", sa.Column("prediction_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(NAME, "work_order", "prediction", ["prediction_id"], ["id"])


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(NAME, "work_order", type_="foreignkey")
    op.drop_column("work_order", "prediction_id")
