"""Secrets of second factors are sealed; what was stored before is sealed when it is used next"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("account", sa.Column("totp_sealed", sa.String(200), nullable=True))
    op.execute("UPDATE account SET totp_sealed = totp_secret")
    op.drop_column("account", "totp_secret")


def downgrade() -> None:
    """Take back: sealed secrets cannot be opened here, so second factors are set up again."""
    op.add_column("account", sa.Column("totp_secret", sa.String(64), nullable=True))
    op.execute("UPDATE account SET totp_confirmed_at = NULL, totp_last_step = NULL")
    op.drop_column("account", "totp_sealed")
