"""Machines that are scored for anomalies while they run: their detectors, and how far the scores are."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, Versioned


class LiveDetector(FactoryScoped, Versioned, Base, kw_only=True):
    """The detector of one machine; `digest` is the SHA-256 of its file.

    Scores up to `until_us` are final, those up to `ahead_us` can change with late samples; `memory` is what
    the detector remembers at `until_us`. `scored` and `withheld` count final rows with and without a score.
    `score` is the newest one, in multiples of the limit, `leading` the parameter that made most of it.
    """

    __tablename__ = "live_detector"
    __table_args__ = (Unique("factory_id", "machine_key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_key: Mapped[str] = mapped_column(String(100))
    is_on: Mapped[bool] = mapped_column(Boolean)
    method: Mapped[str] = mapped_column(String(30))
    step_us: Mapped[int] = mapped_column(BigInteger)
    false_alarms_per_week: Mapped[float] = mapped_column(Double)
    parameters: Mapped[list[Any]] = mapped_column(Json, default_factory=list)
    normal_start_us: Mapped[int] = mapped_column(BigInteger)
    normal_end_us: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    job_key: Mapped[str] = mapped_column(String(36))
    fitted_us: Mapped[int] = mapped_column(BigInteger)
    switched_us: Mapped[int] = mapped_column(BigInteger)
    switched_by: Mapped[str] = mapped_column(String(254))
    until_us: Mapped[int] = mapped_column(BigInteger)
    ahead_us: Mapped[int] = mapped_column(BigInteger)
    memory: Mapped[bytes] = mapped_column(LargeBinary(2**24 - 1), default=b"")
    score: Mapped[float | None] = mapped_column(Double, default=None)
    leading: Mapped[str] = mapped_column(String(200), default="")
    scored: Mapped[int] = mapped_column(BigInteger, default=0)
    withheld: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str] = mapped_column(String(500), default="")
