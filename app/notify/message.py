"""The words of a message: one notice, several, or the summary of a storm."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.notify.outbox import RAISED, RANK
from data.models import from_us

IN_FULL: Final = 10
"""So many notices of a message are told in full; the rest is counted."""
WORDS: Final = {RAISED: "alert", "alert_cleared": "alert cleared", "severity_changed": "alert changed"}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as a message tells it."""

    kind: str
    severity: str
    subject: str
    machine_key: str
    machine_name: str
    at_us: int
    sentence: str
    values: Mapping[str, str]
    alert_id: int | None

    @property
    def machine(self) -> str:
        """The machine's name with its key."""
        if not self.machine_key or self.machine_key == self.machine_name:
            return self.machine_name
        return f"{self.machine_name} ({self.machine_key})"


@dataclass(frozen=True, slots=True)
class Words:
    """What is sent: a subject on one line, and the text."""

    subject: str
    text: str


def worded(kind: str, notices: Sequence[Told], factory: str, zone: ZoneInfo) -> Words:
    """The words of a message of this kind; `notices` is not empty. Times are the factory's."""
    ordered = sorted(notices, key=lambda one: one.at_us)
    tag = max((one.severity for one in ordered), key=RANK.__getitem__).upper()
    first = ordered[0]
    if kind == "summary":
        title = f"alert storm - {len(ordered)} alerts, first: {first.subject} on {first.machine_name}"
        return Words(f"[{tag}] {factory} {title}", _storm(ordered, zone))
    if len(ordered) == 1:
        noun = WORDS.get(first.kind, first.kind.replace("_", " "))
        return Words(f"[{tag}] {factory} {noun} - {first.subject}", _one(first, zone))
    title = f"{len(ordered)} notifications - {_shared(ordered)}"
    if kind == "digest":
        title += " (held in quiet hours)"
    return Words(f"[{tag}] {factory} {title}", _several(ordered, zone))


def _one(notice: Told, zone: ZoneInfo) -> str:
    lines = [
        f"Rule: {notice.subject}",
        f"Device: {notice.machine}",
        f"Severity: {notice.severity.upper()}",
        f"Time: {_time(notice.at_us, zone)}",
    ]
    if notice.kind != RAISED:
        lines.append(f"Event: {WORDS.get(notice.kind, notice.kind.replace('_', ' '))}")
    lines += ["", notice.sentence]
    if notice.values:
        lines += ["", "Current Values:", *(f"- {name}: {text}" for name, text in notice.values.items())]
    return "\n".join(lines) + "\n"


def _several(ordered: Sequence[Told], zone: ZoneInfo) -> str:
    blocks = [_one(one, zone) for one in ordered[:IN_FULL]]
    rest = ordered[IN_FULL:]
    if rest:
        blocks.append(f"and {len(rest)} more:\n{_counted(rest)}\n")
    return "\n----\n\n".join(blocks)


def _storm(ordered: Sequence[Told], zone: ZoneInfo) -> str:
    """The first-up cause, then how many of which severity, then where most of them come from."""
    first, last = ordered[0], ordered[-1]
    severities = Counter(one.severity for one in ordered)
    by_severity = [f"{name} {severities[name]}" for name in sorted(severities, key=RANK.__getitem__)[::-1]]
    return (
        f"{len(ordered)} alerts from {_time(first.at_us, zone)} to {_time(last.at_us, zone)}.\n"
        f"By severity: {', '.join(by_severity)}\n\n"
        f"First of all:\n{_one(first, zone)}\n"
        f"Most frequent:\n{_counted(ordered)}\n"
    )


def _counted(notices: Sequence[Told]) -> str:
    counts = Counter((one.subject, one.machine) for one in notices)
    lines = [f"- {rule} on {machine}: {number}" for (rule, machine), number in counts.most_common(IN_FULL)]
    if len(counts) > IN_FULL:
        lines.append(f"- {len(counts) - IN_FULL} other rules and machines")
    return "\n".join(lines)


def _shared(notices: Sequence[Told]) -> str:
    """What the notices have in common: the rule, the machine, or nothing but the plant."""
    rules, machines = {one.subject for one in notices}, {one.machine_name for one in notices}
    if len(rules) == 1:
        return rules.pop()
    if len(machines) == 1:
        return machines.pop()
    return f"{len(rules)} rules on {len(machines)} machines"


def _time(at_us: int, zone: ZoneInfo) -> str:
    return f"{_local(at_us, zone).isoformat(timespec='seconds')} ({zone.key})"


def _local(at_us: int, zone: ZoneInfo) -> datetime:
    return from_us(at_us).astimezone(zone)


def cut(text: str, most: int) -> str:
    """The text, shortened to `most` characters where a service takes no more."""
    return text if len(text) <= most else text[: most - 4].rstrip() + " ..."
