"""Simulated lathes that run live, and what the twin of a real one was fitted to."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, UtcTime, Versioned


class Simulation(FactoryScoped, Versioned, Base, kw_only=True):
    """A lathe that is simulated live on a machine's keys.

    `status` is running, paused, finished or stopped. `position_s` is how far the lathe's own time has come
    of `duration_s`, at `last_us` on the clock; it goes `speed` times as fast. `worked_s` is how long it has
    run on the clock. `state` is the machine state that was last told (-1: none).
    """

    __tablename__ = "simulation"
    __table_args__ = (Index("ix_simulation_status", "factory_id", "status"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    status: Mapped[str] = mapped_column(String(12), default="running")
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    seed: Mapped[int] = mapped_column(BigInteger)
    speed: Mapped[float] = mapped_column(Double, default=1.0)
    duration_s: Mapped[float] = mapped_column(Double)
    position_s: Mapped[float] = mapped_column(Double, default=0.0)
    worked_s: Mapped[float] = mapped_column(Double, default=0.0)
    last_us: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[int] = mapped_column(Integer, default=-1)
    parts: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_because: Mapped[str] = mapped_column(String(200), default="")
    started_by: Mapped[str] = mapped_column(String(254))
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class LatheFit(FactoryScoped, Versioned, Base, kw_only=True):
    """What the twin of a machine was fitted to: `body` holds the values with their errors."""

    __tablename__ = "lathe_fit"
    __table_args__ = (UniqueConstraint("factory_id", "machine_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    fitted_by: Mapped[str] = mapped_column(String(254))
    fitted_at: Mapped[datetime] = mapped_column(UtcTime)
