"""A seal on each audit entry."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("audit_entry", sa.Column("seal", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    """Take back."""
    op.drop_column("audit_entry", "seal")
