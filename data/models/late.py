"""Samples that came later than rules wait for them."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, UtcTime


class LateSample(FactoryScoped, Base, kw_only=True):
    """Late samples of one parameter that came on a UTC `day`, by reason.

    `first_us` and `last_us` are the earliest and the latest event time, `most_late_us` how far the latest of
    them lay behind the newest sample of its machine, `last_at` when the last one came.
    """

    __tablename__ = "late_sample"
    __table_args__ = (Unique("factory_id", "day", "machine_key", "parameter", "reason"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[int] = mapped_column(Integer)
    machine_key: Mapped[str] = mapped_column(String(100))
    parameter: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(20))
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    first_us: Mapped[int] = mapped_column(BigInteger)
    last_us: Mapped[int] = mapped_column(BigInteger)
    most_late_us: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
