"""What a model tells, and since when its file is gone"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "failure_model", sa.Column("tells", sa.String(12), nullable=False, server_default="failure")
    )
    op.add_column("failure_model", sa.Column("file_gone_us", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("failure_model", "file_gone_us")
    op.drop_column("failure_model", "tells")
