"""What was predicted and found: forecasts with how they were tested, and what people said of anomalies."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Index, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, Versioned


class ForecastRun(FactoryScoped, Base, kw_only=True):
    """One forecast of one thing; its points and the end of its history are in the document it names.

    `target` is energy, parameter or kpi, `machines` keys (none: the whole plant), `name` the key of the
    parameter or the KPI. `mase` and `naive_mase` are of the backtest before the forecast. `total` is the
    energy in kWh, `cost` in the factory's currency.
    """

    __tablename__ = "forecast_run"
    __table_args__ = (Unique("factory_id", "job_key"), Index("ix_forecast_run_made", "factory_id", "made_us"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    job_key: Mapped[str] = mapped_column(String(36))
    target: Mapped[str] = mapped_column(String(12))
    machines: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    name: Mapped[str] = mapped_column(String(120), default="")
    unit: Mapped[str] = mapped_column(String(40), default="")
    step_s: Mapped[int] = mapped_column(Integer)
    steps: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(30))
    models: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    mase: Mapped[float | None] = mapped_column(Double, default=None)
    naive_mase: Mapped[float | None] = mapped_column(Double, default=None)
    beats_naive: Mapped[bool | None] = mapped_column(Boolean, default=None)
    total: Mapped[float | None] = mapped_column(Double, default=None)
    cost: Mapped[float | None] = mapped_column(Double, default=None)
    peak: Mapped[float | None] = mapped_column(Double, default=None)
    peak_at_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    history_start_us: Mapped[int] = mapped_column(BigInteger)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    made_us: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[str] = mapped_column(String(254))


class EpisodeLabel(FactoryScoped, Versioned, Base, kw_only=True):
    """What a person said of an episode that a scan found: a real anomaly, or a false alarm.

    `parameter` is the one that contributed most, `peak` the highest score, in the measure of `method`.
    """

    __tablename__ = "episode_label"
    __table_args__ = (
        Unique("factory_id", "machine_key", "method", "start_us", "end_us"),
        Index("ix_episode_label_machine", "factory_id", "machine_key", "end_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_key: Mapped[str] = mapped_column(String(100))
    method: Mapped[str] = mapped_column(String(30))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    parameter: Mapped[str] = mapped_column(String(120), default="")
    peak: Mapped[float] = mapped_column(Double)
    is_true: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(String(500), default="")
    scan_id: Mapped[int] = mapped_column(BigInteger)
    labelled_by: Mapped[str] = mapped_column(String(254))
    labelled_us: Mapped[int] = mapped_column(BigInteger)


class FailureModelVersion(FactoryScoped, Versioned, Base, kw_only=True):
    """One fitted model of a machine's failures. `state` is candidate, promoted or retired.

    `tells` is failure (that one of at least `least_stop_min` begins within `horizon_h`) or life (the hours
    until it does, at most `horizon_h`; then `threshold` is 0, `base_rate` the naive rule's hours, `failures`
    the runs that taught it). `digest` is the SHA-256 of its file, which is gone since `file_gone_us`;
    `fingerprint` that of the rows that taught it. `ranges` are values of each feature, from rare low to rare
    high ones.
    """

    __tablename__ = "failure_model"
    __table_args__ = (
        Unique("factory_id", "machine_key", "number"),
        Index("ix_failure_model_state", "factory_id", "machine_key", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    job_key: Mapped[str] = mapped_column(String(36))
    machine_key: Mapped[str] = mapped_column(String(100))
    tells: Mapped[str] = mapped_column(String(12), default="failure", server_default="failure")
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default="candidate")
    method: Mapped[str] = mapped_column(String(20))
    horizon_h: Mapped[float] = mapped_column(Double)
    least_stop_min: Mapped[float] = mapped_column(Double)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    hours: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    features: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    ranges: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    threshold: Mapped[float] = mapped_column(Double)
    base_rate: Mapped[float] = mapped_column(Double)
    beats_naive: Mapped[bool] = mapped_column(Boolean)
    fingerprint: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    file_gone_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    card: Mapped[str] = mapped_column(LongText, default="")
    why: Mapped[str] = mapped_column(String(500), default="")
    made_us: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(String(254))
    moved_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    moved_by: Mapped[str] = mapped_column(String(254), default="")


class Prediction(FactoryScoped, Base, kw_only=True):
    """What was predicted before the fact, and, once `until_us` has passed, what happened.

    `kind` is failure (with the `chance` that one begins in [made_us, until_us)), life (with the hours until
    one begins in `detail`) or forecast. `model` names who told it: a machine's version, or a method of
    forecasts. `naive` is what the naive rule told: the share of hours before a failure, the mean hours until
    one, or the MASE of repeating a season. `scores` are written when it is matched.
    """

    __tablename__ = "prediction"
    __table_args__ = (
        Unique("factory_id", "job_key", "kind", "machine_key"),
        Index("ix_prediction_made", "factory_id", "kind", "machine_key", "made_us"),
        Index("ix_prediction_due", "factory_id", "matched_us", "until_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    job_key: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(12))
    machine_key: Mapped[str] = mapped_column(String(100), default="")
    model: Mapped[str] = mapped_column(String(60))
    model_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    made_us: Mapped[int] = mapped_column(BigInteger)
    until_us: Mapped[int] = mapped_column(BigInteger)
    chance: Mapped[float | None] = mapped_column(Double, default=None)
    threshold: Mapped[float | None] = mapped_column(Double, default=None)
    naive: Mapped[float | None] = mapped_column(Double, default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    matched_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    has_happened: Mapped[bool | None] = mapped_column(Boolean, default=None)
    lead_h: Mapped[float | None] = mapped_column(Double, default=None)
    scores: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
