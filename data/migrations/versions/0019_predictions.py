"""What was predicted and found"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
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
        "episode_label",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("parameter", sa.String(120), nullable=False),
        sa.Column("peak", sa.Double(), nullable=False),
        sa.Column("is_true", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("scan_id", sa.BigInteger(), nullable=False),
        sa.Column("labelled_by", sa.String(254), nullable=False),
        sa.Column("labelled_us", sa.BigInteger(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "machine_key", "method", "start_us", "end_us"),
        sa.Index("ix_episode_label_machine", "factory_id", "machine_key", "end_us"),
    ),
    sa.Table(
        "failure_model",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("horizon_h", sa.Double(), nullable=False),
        sa.Column("least_stop_min", sa.Double(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("ranges", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("base_rate", sa.Double(), nullable=False),
        sa.Column("beats_naive", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(254), nullable=False),
        sa.Column("moved_us", sa.BigInteger(), nullable=True),
        sa.Column("moved_by", sa.String(254), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("factory_id", "machine_key", "number"),
        sa.Index("ix_failure_model_state", "factory_id", "machine_key", "state"),
    ),
    sa.Table(
        "forecast_run",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("target", sa.String(12), nullable=False),
        sa.Column("machines", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("step_s", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("mase", sa.Double(), nullable=True),
        sa.Column("naive_mase", sa.Double(), nullable=True),
        sa.Column("beats_naive", sa.Boolean(), nullable=True),
        sa.Column("total", sa.Double(), nullable=True),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("peak", sa.Double(), nullable=True),
        sa.Column("peak_at_us", sa.BigInteger(), nullable=True),
        sa.Column("history_start_us", sa.BigInteger(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "job_key"),
        sa.Index("ix_forecast_run_made", "factory_id", "made_us"),
    ),
    sa.Table(
        "prediction",
        TABLES,
        sa.Column("id", KEY, primary_key=True),
        sa.Column("job_key", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("machine_key", sa.String(100), nullable=False),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("chance", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("naive", sa.Double(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("matched_us", sa.BigInteger(), nullable=True),
        sa.Column("has_happened", sa.Boolean(), nullable=True),
        sa.Column("lead_h", sa.Double(), nullable=True),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("factory_id", KEY, sa.ForeignKey("factory.id"), nullable=False, index=True),
        sa.UniqueConstraint("factory_id", "job_key", "kind", "machine_key"),
        sa.Index("ix_prediction_due", "factory_id", "matched_us", "until_us"),
        sa.Index("ix_prediction_made", "factory_id", "kind", "machine_key", "made_us"),
    ),
]


def upgrade() -> None:
    """Apply."""
    TABLES.create_all(op.get_bind(), tables=MADE)


def downgrade() -> None:
    """Take back."""
    TABLES.drop_all(op.get_bind(), tables=MADE)
