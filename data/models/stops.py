"""What people said about stops."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, LongText


class StopLabel(FactoryScoped, Base, kw_only=True):
    """A judgement: the machine's stops in [start_us, end_us) have this reason.

    Without an end it lasts until the machine runs again. Labels are never changed: one that is corrected or
    taken back gets `replaced_us`, and its remainder stands in new rows. `first_us` is when the stop was first
    judged, `judged_us` when this judgement was made.
    """

    __tablename__ = "stop_label"
    __table_args__ = (
        Index("ix_stop_label_machine", "factory_id", "machine_id", "start_us"),
        Index("ix_stop_label_start", "factory_id", "start_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    reason_id: Mapped[int] = mapped_column(ForeignKey("reason.id"))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    note: Mapped[str] = mapped_column(LongText, default="")
    judged_by: Mapped[str] = mapped_column(String(254))
    judged_us: Mapped[int] = mapped_column(BigInteger)
    first_us: Mapped[int] = mapped_column(BigInteger)
    replaced_by: Mapped[str] = mapped_column(String(254), default="")
    replaced_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
