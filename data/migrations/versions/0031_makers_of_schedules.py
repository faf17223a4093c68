"""A schedule knows the account that made it"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
NAME = "fk_job_schedule_account_id_account"


def upgrade() -> None:
    """Apply, and look up the makers of the schedules that are there by their mail address."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE job_schedule ADD COLUMN account_id INTEGER CONSTRAINT {NAME} REFERENCES account (id)"
        )
    else:
        op.add_column("job_schedule", sa.Column("account_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(NAME, "job_schedule", "account", ["account_id"], ["id"])
    op.execute(
        "UPDATE job_schedule SET account_id ="
        " (SELECT account.id FROM account WHERE account.email = job_schedule.asked_by)"
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(NAME, "job_schedule", type_="foreignkey")
    op.drop_column("job_schedule", "account_id")
