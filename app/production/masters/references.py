"""What still refers to a line, a product or a machine, in words; and the refusal that says so."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import StillUsed
from data.models import AlertRule, JobSchedule, RuleVersion

WORDS: Final = {
    "alert": "alert", "alert_rule": "rule", "api_key": "API key", "episode_label": "judged anomaly",
    "failure_model": "model", "job_schedule": "schedule", "job_spell": "spell of a job",
    "lathe_fit": "fitted twin", "live_detector": "live detector", "machine": "machine",
    "maintenance_plan": "maintenance plan", "notify_message": "message", "notify_notice": "notice",
    "performance_record": "shift record", "prediction": "prediction", "production_count": "count",
    "production_job": "production job", "scan_session": "scan", "simulation": "simulated lathe",
    "state_event": "state event", "stop_label": "judged stop", "target": "target",
    "tool_fitting": "tool change", "work_order": "work order", "workstation": "workstation",
}  # fmt: skip


def refuse_used(subject: str, found: Mapping[str, int], advice: str = "") -> None:
    """Raise StillUsed that names what there is of each kind; nothing where `found` is empty."""
    if found:
        verb = "refers" if sum(found.values()) == 1 else "refer"
        raise StillUsed(f"{subject} cannot be deleted: {told(found)} {verb} to it.{advice and ' ' + advice}")


def told(found: Mapping[str, int]) -> str:
    """How many there are of each kind, in words.

    >>> told({"work_order": 1, "alert": 2})
    '2 alerts, 1 work order'
    """
    return ", ".join(_many(count, name) for name, count in sorted(found.items()))


def in_rules(session: Session, scope: str, value: object) -> dict[str, int]:
    """How many rules that are not deleted watch this line, type or machine, now or in an earlier version."""
    rules = {one.id: one for one in session.scalars(select(AlertRule).where(AlertRule.deleted_at.is_(None)))}
    naming = {one.id for one in rules.values() if one.scope == scope and value in one.target}
    for version in session.scalars(select(RuleVersion).where(RuleVersion.scope == scope)):
        if version.rule_id in rules and value in version.target:
            naming.add(version.rule_id)
    return {"alert_rule": len(naming)} if naming else {}


def in_schedules(session: Session, name: str, value: object) -> dict[str, int]:
    """How many schedules ask for this line, product or machine."""
    kept = session.scalars(select(JobSchedule.parameters))
    count = sum(value in _listed(parameters.get(name)) for parameters in kept)
    return {"job_schedule": count} if count else {}


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _many(count: int, name: str) -> str:
    word = WORDS.get(name, name.replace("_", " "))
    if count == 1:
        return f"1 {word}"
    first, of, rest = word.partition(" of ")
    plural = f"{first[:-1]}ies" if first.endswith("ly") else f"{first}s"
    return f"{count:,} {plural}{of}{rest}"
