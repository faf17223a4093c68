"""Roles, API sessions and keys, invitations, password resets, second factors; versions for ETags."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
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
for name in ("factory", "account", "machine", "login_session"):
    sa.Table(name, TABLES, sa.Column("id", KEY, primary_key=True))

MADE = [
    sa.Table(
        "custom_role",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "key"),
    ),
    sa.Table(
        "refresh_token",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("session_id", KEY, sa.ForeignKey("login_session.id"), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
    ),
    sa.Table(
        "api_key",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("machine_id", KEY, sa.ForeignKey("machine.id"), nullable=True),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    ),
    sa.Table(
        "invitation",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=True),
        sa.Column("whatsapp_number", sa.String(40), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("invited_by", sa.String(254), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
    ),
    sa.Table(
        "password_reset",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account_id", KEY, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
    ),
]


def added() -> list[tuple[str, sa.Column]]:
    """The columns that older tables gain."""
    return [
        ("account", sa.Column("whatsapp_number", sa.String(40), nullable=True)),
        (
            "account",
            sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        ("account", sa.Column("totp_secret", sa.String(64), nullable=True)),
        ("account", sa.Column("totp_confirmed_at", sa.BigInteger(), nullable=True)),
        ("account", sa.Column("totp_last_step", sa.BigInteger(), nullable=True)),
        ("membership", sa.Column("version", sa.Integer(), nullable=False, server_default="1")),
        ("membership", sa.Column("overrides", sa.JSON(), nullable=True)),
        ("membership", sa.Column("invited_at", sa.BigInteger(), nullable=True)),
        ("membership", sa.Column("deactivated_at", sa.BigInteger(), nullable=True)),
        ("login_session", sa.Column("kind", sa.String(10), nullable=False, server_default="page")),
        ("parameter", sa.Column("version", sa.Integer(), nullable=False, server_default="1")),
        ("parameter", sa.Column("discovered_at", sa.BigInteger(), nullable=True)),
        ("parameter", sa.Column("updated_at", sa.BigInteger(), nullable=True)),
    ]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)
    for table, column in added():
        op.add_column(table, column)


def downgrade() -> None:
    """Take back."""
    for table, column in reversed(added()):
        op.drop_column(table, column.name)
    TABLES.drop_all(op.get_bind(), tables=MADE)
