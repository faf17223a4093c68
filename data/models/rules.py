"""Rules with their versions and memory, alerts with their history."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, UtcTime, Versioned


class AlertRule(FactoryScoped, Versioned, Base, kw_only=True):
    """A rule: `draft` is what people edit, `published` the number of the version that runs (0: none).

    `scope` is device (the machines of `target`), lines, types or global. A deleted rule keeps its row, for
    its alerts.
    """

    __tablename__ = "alert_rule"
    __table_args__ = (Index("ix_alert_rule_active", "factory_id", "is_active"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(LongText, default="")
    scope: Mapped[str] = mapped_column(String(20), default="device")
    target: Mapped[list[Any]] = mapped_column(Json, default_factory=list)
    draft: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    published: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class RuleVersion(FactoryScoped, Base, kw_only=True):
    """What a rule was when it was published; it never changes."""

    __tablename__ = "rule_version"
    __table_args__ = (UniqueConstraint("factory_id", "rule_id", "number"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rule.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(255))
    scope: Mapped[str] = mapped_column(String(20))
    target: Mapped[list[Any]] = mapped_column(Json)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(254))
    published_at: Mapped[datetime] = mapped_column(UtcTime)


class RuleMemory(FactoryScoped, Base, kw_only=True):
    """What a version remembers of a machine (0: of its machines together) at `until_us`."""

    __tablename__ = "rule_memory"
    __table_args__ = (UniqueConstraint("factory_id", "rule_id", "machine"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rule.id", ondelete="CASCADE"))
    machine: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    until_us: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(LongText)


class Alert(FactoryScoped, Versioned, Base, kw_only=True):
    """One episode of a rule. Times are event times; `is_final` once nothing that comes late can change it.

    `marks` are the severities over time: [time, rank] pairs. `evidence` is the evaluated tree at the moment
    of raising. `is_held`: nobody was told of it yet, because it was suppressed by design or out of service
    from the start; when people were told later than it was raised, `annunciated_us` says when.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_time", "factory_id", "raised_us"),
        Index("ix_alert_machine", "factory_id", "machine_id", "raised_us"),
        Index("ix_alert_rule", "factory_id", "rule_id", "raised_us"),
        Index("ix_alert_open", "factory_id", "cleared_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rule.id"))
    rule_version: Mapped[int] = mapped_column(Integer)
    rule_name: Mapped[str] = mapped_column(String(255))
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"), default=None)
    severity: Mapped[str] = mapped_column(String(20))
    worst: Mapped[str] = mapped_column(String(20))
    raised_us: Mapped[int] = mapped_column(BigInteger)
    cleared_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    cause: Mapped[str] = mapped_column(String(60), default="")
    marks: Mapped[list[Any]] = mapped_column(Json, default_factory=list)
    message: Mapped[str] = mapped_column(LongText, default="")
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    evidence: Mapped[list[Any]] = mapped_column(Json, default_factory=list)
    is_final: Mapped[bool] = mapped_column(Boolean, default=False)
    is_withdrawn: Mapped[bool] = mapped_column(Boolean, default=False)
    is_suppressed: Mapped[bool] = mapped_column(Boolean, default=False)
    is_out_of_service: Mapped[bool] = mapped_column(Boolean, default=False)
    is_held: Mapped[bool] = mapped_column(Boolean, default=False)
    annunciated_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    acknowledged_by: Mapped[str] = mapped_column(String(254), default="")
    assigned_to: Mapped[str] = mapped_column(String(254), default="")
    shelved_until: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    shelved_by: Mapped[str] = mapped_column(String(254), default="")
    shelve_reason: Mapped[str] = mapped_column(String(500), default="")
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    resolved_by: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class AlertNote(FactoryScoped, Base, kw_only=True):
    """A line of an alert's history: what happened or was said, when, and by whom."""

    __tablename__ = "alert_note"
    __table_args__ = (Index("ix_alert_note_alert", "factory_id", "alert_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(LongText, default="")
