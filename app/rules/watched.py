"""The rules that run, and what each of them watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from analytics.rules import Rule, parse_rule
from app.bootstrap import Access
from app.production.plant import Plant
from app.rules.drafts import targets
from data.models import AlertRule, Machine, RuleVersion, to_us

TOGETHER = 0
"""Stands for the machine of a rule that watches its machines together."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One version of a rule that runs, with the machines that it watches."""

    rule_id: int
    number: int
    name: str
    rule: Rule
    machines: tuple[Machine, ...]
    channels: Mapping[str, bool]
    published_us: int

    @property
    def groups(self) -> list[tuple[int, tuple[Machine, ...]]]:
        """What is evaluated together: each machine alone, or all of them where k of them must agree."""
        if self.rule.k:
            return [(TOGETHER, self.machines)] if self.machines else []
        return [(machine.id, (machine,)) for machine in self.machines]


class Watching:
    """The rules of one factory that run, read again only where a rule or the plant has changed."""

    def __init__(self) -> None:
        self._plant: Plant | None = None
        self._known: dict[tuple[int, int, datetime], Watched] = {}

    def rules(self, access: Access, known: Plant) -> list[Watched]:
        """The published rules of the factory that are switched on, by id."""
        before = self._known if known is self._plant else {}
        with access.read() as session:
            named = select(AlertRule.id, RuleVersion.number, RuleVersion.published_at)
            keys = [(row[0], row[1], row[2]) for row in session.execute(_running(named))]
            if missing := {key[0] for key in keys if key not in before}:
                whole = _running(select(AlertRule, RuleVersion)).where(AlertRule.id.in_(missing))
                before |= {
                    (rule.id, version.number, version.published_at): _watched(known, rule, version)
                    for rule, version in session.execute(whole)
                }
        self._plant, self._known = known, {key: before[key] for key in keys if key in before}
        return list(self._known.values())


def _running(asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    same = (RuleVersion.rule_id == AlertRule.id) & (RuleVersion.number == AlertRule.published)
    running = (AlertRule.is_active, AlertRule.deleted_at.is_(None))
    return asked.select_from(AlertRule).join(RuleVersion, same).where(*running).order_by(AlertRule.id)


def _watched(known: Plant, rule: AlertRule, version: RuleVersion) -> Watched:
    body: Mapping[str, Any] = version.body
    return Watched(
        rule.id,
        version.number,
        version.name,
        parse_rule(body),
        tuple(targets(known, version.scope, version.target)),
        dict(body.get("notification_channels") or {}),
        to_us(version.published_at),
    )
