"""Keeping rules: drafts, versions that never change, switching, rolling back; each change is audited."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import NotFound, VersionChanged
from app.alerts.closing import close_alerts
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from app.rules.drafts import Draft, KnownRule, checked
from data.models import AlertRule, RuleMemory, RuleVersion


def list_rules(access: Access) -> list[KnownRule]:
    """The factory's rules, by name."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.scalars(
            select(AlertRule).where(AlertRule.deleted_at.is_(None)).order_by(AlertRule.name, AlertRule.id)
        ).all()
        bodies = _bodies(session)
        return [_known(row, bodies.get((row.id, row.published))) for row in rows]


def get_rule(access: Access, rule_id: int) -> KnownRule:
    """One rule."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = found_rule(session, rule_id)
        return _known(row, _published_body(session, row))


def rule_to_change(access: Access, rule_id: int) -> KnownRule:
    """One rule, for somebody who may change it."""
    access.require(Permission.CREATE_RULES)
    return get_rule(access, rule_id)


def add_rule(access: Access, draft: Draft, *, publish: bool = True) -> int:
    """Keep a new rule; unless it is to stay a draft it runs from now on. Returns its id."""
    access.require(Permission.CREATE_RULES)
    checked(plant(access), draft)
    with access.write() as session:
        row = AlertRule(
            name=draft.name.strip(),
            description=draft.description,
            scope=draft.scope,
            target=list(draft.target),
            draft=dict(draft.body),
            created_by=access.principal.email,
            created_at=access.now,
            updated_at=access.now,
        )
        session.add(row)
        session.flush()
        access.audit(session, "rule.add", ("rule", row.id), after=_told(row))
        if publish:
            _publish(access, session, row)
        return row.id


def edit_rule(
    access: Access, rule_id: int, version: int | None, draft: Draft, *, publish: bool = True
) -> KnownRule:
    """Change a rule. A published change makes a version and closes the alerts of the one before.

    VersionChanged when somebody changed the rule since `version`; None changes whatever is there.
    """
    access.require(Permission.CREATE_RULES)
    checked(plant(access), draft)
    with access.write() as session:
        row = for_change(session, rule_id, version)
        before = _told(row)
        row.name, row.description = draft.name.strip(), draft.description
        row.scope, row.target, row.draft = draft.scope, list(draft.target), dict(draft.body)
        row.version += 1
        row.updated_at = access.now
        access.audit(session, "rule.edit", ("rule", row.id), before, _told(row))
        if publish:
            _publish(access, session, row)
        session.flush()
        return _known(row, _published_body(session, row))


def publish_rule(access: Access, rule_id: int, version: int | None) -> int:
    """Let the draft run; returns the number of its version."""
    access.require(Permission.CREATE_RULES)
    with access.write() as session:
        row = for_change(session, rule_id, version)
        checked(plant(access), _draft_of(row))
        row.version += 1
        return _publish(access, session, row)


def switch_rule(
    access: Access, rule_id: int, version: int | None, *, is_active: bool | None = None
) -> KnownRule:
    """Switch a rule on or off, or to the other side; off closes its alerts."""
    access.require(Permission.CREATE_RULES)
    with access.write() as session:
        row = for_change(session, rule_id, version)
        wanted = not row.is_active if is_active is None else is_active
        if wanted != row.is_active:
            row.is_active = wanted
            row.version += 1
            row.updated_at = access.now
            access.audit(session, "rule.on" if wanted else "rule.off", ("rule", row.id))
            if not wanted:
                close_alerts(access, session, row.id, "rule switched off")
            _forget(session, row.id)
        session.flush()
        return _known(row, _published_body(session, row))


def remove_rule(access: Access, rule_id: int, version: int | None = None) -> None:
    """Forget a rule; its alerts stay, the open ones are closed."""
    access.require(Permission.CREATE_RULES)
    with access.write() as session:
        row = for_change(session, rule_id, version)
        row.deleted_at = access.now
        row.is_active = False
        access.audit(session, "rule.remove", ("rule", row.id), before=_told(row))
        close_alerts(access, session, row.id, "rule deleted")
        _forget(session, row.id)


def versions(access: Access, rule_id: int) -> list[RuleVersion]:
    """The versions of a rule, the newest first."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        found_rule(session, rule_id)
        rows = session.scalars(
            select(RuleVersion).where(RuleVersion.rule_id == rule_id).order_by(RuleVersion.number.desc())
        ).all()
        session.expunge_all()
        return list(rows)


def roll_back(access: Access, rule_id: int, version: int | None, number: int) -> None:
    """Publish an earlier version again, as a new one."""
    access.require(Permission.CREATE_RULES)
    with access.write() as session:
        row = for_change(session, rule_id, version)
        old = session.scalar(
            select(RuleVersion).where(RuleVersion.rule_id == rule_id, RuleVersion.number == number)
        )
        if old is None:
            raise NotFound(f"The rule has no version {number}.")
        row.name, row.scope, row.target, row.draft = old.name, old.scope, list(old.target), dict(old.body)
        row.version += 1
        access.audit(session, "rule.roll_back", ("rule", row.id), after={"to": number})
        _publish(access, session, row)


def duplicate_rule(access: Access, rule_id: int) -> int:
    """A copy that is a draft; returns its id."""
    known = get_rule(access, rule_id)
    draft = Draft(f"{known.name[:240]} (copy)", known.body, known.description, known.scope, known.target)
    return add_rule(access, draft, publish=False)


def found_rule(session: Session, rule_id: int) -> AlertRule:
    """The row of a rule that was not deleted; NotFound outside the factory."""
    row = session.get(AlertRule, rule_id)
    if row is None or row.deleted_at is not None:
        raise NotFound("There is no such rule in this factory.")
    return row


def for_change(session: Session, rule_id: int, version: int | None) -> AlertRule:
    """The row, if it is still the version that the change is based on."""
    row = found_rule(session, rule_id)
    if version is not None and row.version != version:
        raise VersionChanged("Somebody changed this rule meanwhile: load it again.")
    return row


def _publish(access: Access, session: Session, row: AlertRule) -> int:
    """Make a version of the draft; the alerts of the version before are closed."""
    row.published += 1
    row.updated_at = access.now
    session.add(
        RuleVersion(
            rule_id=row.id,
            number=row.published,
            name=row.name,
            scope=row.scope,
            target=list(row.target),
            body=dict(row.draft),
            author=access.principal.email,
            published_at=access.now,
        )
    )
    if row.published > 1:
        close_alerts(access, session, row.id, "rule changed")
    _forget(session, row.id)
    access.audit(session, "rule.publish", ("rule", row.id), after={"version": row.published, **_told(row)})
    return row.published


def _forget(session: Session, rule_id: int) -> None:
    """What a version remembered means nothing to the next one."""
    session.execute(
        delete(RuleMemory).where(RuleMemory.rule_id == rule_id),
        execution_options={"synchronize_session": False},
    )


def _draft_of(row: AlertRule) -> Draft:
    return Draft(row.name, row.draft, row.description, row.scope, tuple(row.target))


def _bodies(session: Session) -> dict[tuple[int, int], Mapping[str, Any]]:
    rows = session.execute(
        select(
            RuleVersion.rule_id, RuleVersion.number, RuleVersion.body, RuleVersion.target, RuleVersion.scope
        )
    )
    return {(row[0], row[1]): {"body": row[2], "target": row[3], "scope": row[4]} for row in rows}


def _published_body(session: Session, row: AlertRule) -> Mapping[str, Any] | None:
    found = session.scalar(
        select(RuleVersion).where(RuleVersion.rule_id == row.id, RuleVersion.number == row.published)
    )
    return None if found is None else {"body": found.body, "target": found.target, "scope": found.scope}


def _known(row: AlertRule, published: Mapping[str, Any] | None) -> KnownRule:
    same = published is not None and (
        published["body"] == row.draft
        and published["target"] == row.target
        and published["scope"] == row.scope
    )
    return KnownRule(
        row.id, row.name, row.description, row.scope, tuple(row.target), dict(row.draft), row.published,
        not same, row.is_active, row.created_by, row.created_at, row.updated_at, row.version,
    )  # fmt: skip


def _told(row: AlertRule) -> dict[str, Any]:
    names = ("name", "description", "scope", "target", "draft", "is_active")
    return {name: getattr(row, name) for name in names}


def as_draft(known: KnownRule, **changes: Any) -> Draft:
    """A stored rule as a draft, with changes."""
    draft = Draft(known.name, known.body, known.description, known.scope, known.target)
    return replace(draft, **changes)
