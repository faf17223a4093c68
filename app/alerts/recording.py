"""Writing what rules found into alerts: each episode once, with a revision when late data changes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analytics.rules.rule import SEVERITIES
from app.alerts.annunciation import Told, annunciate, note, tell
from app.alerts.out_of_service import is_out
from app.bootstrap import Access
from app.notify.outbox import RAISED
from data.models import Alert, AlertNote, from_us

ENGINE: Final = "rules"
WITHDRAWN: Final = "late data shows that it never was"


class Found(Protocol):
    """An episode as the rules tell it."""

    raised_us: int
    marks: list[tuple[int, int]]
    cleared_us: int | None
    cause: str
    is_final: bool
    settled_us: int | None

    @property
    def is_hushed(self) -> bool:
        """Whether it is suppressed by design."""
        ...

    @property
    def shown_us(self) -> int | None:
        """From when on people may be told; None while it was suppressed all the time."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Which rule and machine episodes are of; `machine_id` None stands for several machines together."""

    rule_id: int
    rule_version: int
    rule_name: str
    machine_id: int | None
    machine_key: str
    machine_name: str
    channels: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an alert is there: a sentence, the values at that moment, the evaluated tree."""

    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    tree: Sequence[Mapping[str, Any]] = ()


def record_episodes(
    access: Access,
    session: Session,
    origin: Origin,
    found: Sequence[Found],
    since_us: int,
    explain: Callable[[int], Evidence],
    *,
    may_withdraw: bool = True,
) -> int:
    """Bring the stored alerts of one rule and machine in line with its episodes since `since_us`.

    Those that are not among the episodes are withdrawn, unless not everything was seen (`may_withdraw`).
    Repeating it with the same episodes changes nothing. Returns how many alerts were touched.
    """
    rows = _stored(session, origin, since_us)
    used: set[int] = set()
    touched = 0
    for episode in found:
        row = _match(episode, rows, used)
        if row is None:
            if episode.settled_us is None:
                _insert(access, session, origin, episode, explain(episode.raised_us))
                touched += 1
            continue
        used.add(row.id)
        touched += _update(access, session, origin, row, episode)
    for row in rows:
        if may_withdraw and row.id not in used and not row.is_final and not row.is_withdrawn:
            _withdraw(access, session, row)
            touched += 1
    return touched


def _stored(session: Session, origin: Origin, since_us: int) -> list[Alert]:
    machine = (
        Alert.machine_id.is_(None) if origin.machine_id is None else Alert.machine_id == origin.machine_id
    )
    return list(
        session.scalars(
            select(Alert)
            .where(
                Alert.rule_id == origin.rule_id,
                Alert.rule_version == origin.rule_version,
                machine,
                Alert.is_withdrawn.is_(False),
                or_(Alert.is_final.is_(False), Alert.raised_us >= since_us),
            )
            .order_by(Alert.raised_us)
        )
    )


def _match(episode: Found, rows: Sequence[Alert], used: set[int]) -> Alert | None:
    """The stored alert of an episode: raised at the same time, or one that may still change and overlaps."""
    for row in rows:
        if row.id not in used and row.raised_us == episode.raised_us:
            return row
    end = episode.cleared_us
    for row in rows:
        overlaps = (end is None or row.raised_us <= end) and (
            row.cleared_us is None or row.cleared_us >= episode.raised_us
        )
        if row.id not in used and not row.is_final and overlaps:
            return row
    return None


def _insert(access: Access, session: Session, origin: Origin, episode: Found, evidence: Evidence) -> None:
    is_gone = is_out(access, session, origin.rule_id, origin.machine_id)
    shown_us = None if is_gone else episode.shown_us
    row = Alert(
        rule_id=origin.rule_id,
        rule_version=origin.rule_version,
        rule_name=origin.rule_name,
        machine_id=origin.machine_id,
        severity=_word(episode.marks[-1][1]),
        worst=_word(max(rank for _, rank in episode.marks)),
        raised_us=episode.raised_us,
        cleared_us=episode.cleared_us,
        cause=episode.cause,
        marks=[list(mark) for mark in episode.marks],
        message=evidence.sentence,
        snapshot=dict(evidence.values),
        evidence=[dict(one) for one in evidence.tree],
        is_final=episode.is_final,
        is_suppressed=episode.is_hushed,
        is_out_of_service=is_gone,
        is_held=shown_us is None,
        annunciated_us=None if shown_us == episode.raised_us else shown_us,
        created_at=access.now,
    )
    session.add(row)
    session.flush()
    _note(access, session, row, "raised", f"{row.severity}: {evidence.sentence}", episode.raised_us)
    if row.is_held:
        why = "out of service" if is_gone else "suppressed by design"
        _note(access, session, row, "held back", f"{why}: nobody is told", episode.raised_us)
    for moment, rank in episode.marks[1:]:
        _note(access, session, row, "severity", _word(rank), moment)
    if episode.cleared_us is not None:
        _note(access, session, row, "cleared", episode.cause, episode.cleared_us)
    tell(access, session, row, RAISED, _told(origin, evidence.shown))


def _update(access: Access, session: Session, origin: Origin, row: Alert, episode: Found) -> int:
    """Put what is new onto a stored alert; 1 when anything was."""
    marks = [list(mark) for mark in episode.marks]
    if episode.settled_us is not None:
        settled = [mark for mark in row.marks if mark[0] < episode.settled_us]
        marks = [*(settled or marks[:1]), *marks[1:]]
    before = (row.raised_us, row.marks, row.cleared_us, row.cause, row.is_final)
    after = (episode.raised_us, marks, episode.cleared_us, episode.cause, episode.is_final)
    is_released = row.is_held and not row.is_out_of_service and episode.shown_us is not None
    if before == after and row.is_suppressed == episode.is_hushed and not is_released:
        return 0
    amended = row.raised_us != episode.raised_us or (
        row.cleared_us is not None and row.cleared_us != episode.cleared_us
    )
    worse = _word(marks[-1][1]) != row.severity and episode.cleared_us is None
    closes = row.cleared_us is None and episode.cleared_us is not None
    row.raised_us, row.marks, row.cleared_us, row.cause, row.is_final = after
    row.severity = _word(marks[-1][1])
    row.worst = _word(max(rank for _, rank in marks))
    row.version += 1
    _suppress(access, session, row, episode)
    if is_released and episode.shown_us is not None:
        annunciate(access, session, row, _told(origin), episode.shown_us)
    if amended:
        row.revision += 1
        _note(access, session, row, "amended", f"revision {row.revision}: late data moved it", row.raised_us)
    if worse:
        _note(access, session, row, "severity", row.severity, marks[-1][0])
        tell(access, session, row, "severity_changed", _told(origin))
    if closes and episode.cleared_us is not None:
        _note(access, session, row, "cleared", episode.cause, episode.cleared_us)
        tell(access, session, row, "alert_cleared", _told(origin))
    return 1


def _withdraw(access: Access, session: Session, row: Alert) -> None:
    row.is_withdrawn, row.is_final = True, True
    row.cleared_us, row.cause = row.cleared_us or row.raised_us, "withdrawn"
    row.revision += 1
    row.version += 1
    _note(access, session, row, "withdrawn", WITHDRAWN, row.raised_us)


def _note(access: Access, session: Session, row: Alert, kind: str, text: str, at_us: int) -> None:
    said = f"{text} (at {from_us(at_us).isoformat()})"
    session.add(AlertNote(alert_id=row.id, at=access.now, actor=ENGINE, kind=kind, text=said[:2_000]))


def _suppress(access: Access, session: Session, row: Alert, episode: Found) -> None:
    """Note that it became suppressed by design, or is so no more."""
    if row.is_suppressed == episode.is_hushed:
        return
    row.is_suppressed = episode.is_hushed
    said = "suppressed by design" if row.is_suppressed else "not suppressed any more"
    note(access, session, row, "suppressed" if row.is_suppressed else "unsuppressed", said)


def _told(origin: Origin, values: Mapping[str, str] | None = None) -> Told:
    return Told(origin.machine_key, origin.machine_name, origin.channels, values or {})


def _word(rank: int) -> str:
    return SEVERITIES[max(rank, 1) - 1]
