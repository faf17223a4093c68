"""Rules and alerts of another system: rules wait for a person to publish them, alerts are history."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from analytics.rules.rule import RANK, parse_rule
from app.auth.permissions import Permission
from app.imports.intake.plant import Values
from app.imports.parsing.states import FLAGS
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults, shown
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.notify.kinds import CHANNELS
from data.models import Alert, AlertRule, from_us

ELSEWHERE: Final = "Read from another system; publish it to let it run here."
HISTORY: Final = "Alerts of another system; this rule never ran here."
CAUSE: Final = "resolved in the other system"
SEVERITY_WORDS: Final = {
    "warning": "medium", "warn": "medium", "info": "low", "information": "low", "notice": "low",
    "error": "high", "major": "high", "minor": "low", "fatal": "critical", "emergency": "critical",
    "": "medium",
}  # fmt: skip
LONGEST_NAME: Final = 255


def severity_of(text: str) -> str:
    """Our word for a severity, empty for one that nobody knows."""
    word = text.strip().casefold()
    return word if word in RANK else SEVERITY_WORDS.get(word, "")


class AlertIntake:
    """Takes alerts. One is known by its rule's name, machine and time; again, it may only come to its end."""

    def __init__(self, job: Job) -> None:
        job.access.require(Permission.CREATE_RULES)
        self._job = job
        self._rules: dict[str, int] = {}

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        reading = Reading(self._job, chunk, faults)
        machines = reading.machines(session).tolist()
        raised, cleared = reading.instant("raised"), reading.instant("cleared", needed=False)
        names, severities = reading.needed("name").to_pylist(), reading.text("severity").to_pylist()
        messages, resolved = reading.text("message").to_pylist(), reading.text("resolved").to_pylist()
        faults.at(
            np.array([not severity_of(one) for one in severities], np.bool_), "severity",
            lambda at: f"{shown(severities[at])} is none of low, medium, high, critical.",
        )  # fmt: skip
        faults.at(
            np.array([one.casefold() not in FLAGS for one in resolved], np.bool_), "resolved",
            "Write yes or no.",
        )  # fmt: skip
        seen = _Seen(reading)
        counts, rows = Counter[str](), []
        for place in np.flatnonzero(faults.good).tolist():
            end = int(cleared[place])
            if end < 0 and FLAGS[resolved[place].casefold()]:
                end = int(raised[place])
            one = {
                "machine": machines[place], "raised_us": int(raised[place]),
                "cleared_us": end if end >= 0 else None,
                "name": names[place][:LONGEST_NAME], "severity": severity_of(severities[place]),
                "message": messages[place], **seen.at(place),
            }  # fmt: skip
            counts[self._store(session, one)] += 1
            rows.append({"Rule": one["name"], "Severity": one["severity"], "Message": one["message"]})
        return Taken(counts["new"], counts["unchanged"], counts["changed"], pd.DataFrame(rows[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _store(self, session: Session, one: Values) -> str:
        rule = self._rule(session, one["name"])
        known = None if rule is None else session.scalar(
            select(Alert).where(
                Alert.rule_id == rule, Alert.machine_id == one["machine"], Alert.raised_us == one["raised_us"]
            )
        )  # fmt: skip
        if known is not None:
            if known.cleared_us is not None or one["cleared_us"] is None:
                return "unchanged"
            if self._job.load:
                self._end(known, one["cleared_us"])
                known.version += 1
            return "changed"
        if self._job.load:
            session.add(self._made(rule or self._new_rule(session, one["name"]), one))
            session.flush()
        return "new"

    def _rule(self, session: Session, name: str) -> int | None:
        if name not in self._rules:
            found = session.scalar(select(AlertRule.id).where(AlertRule.name == name).order_by(AlertRule.id))
            if found is None:
                return None
            self._rules[name] = found
        return self._rules[name]

    def _new_rule(self, session: Session, name: str) -> int:
        now = self._job.access.now
        made = _rule(name, HISTORY, self._job.access.principal.email, now, {})
        session.add(made)
        session.flush()
        self._rules[name] = made.id
        return made.id

    def _made(self, rule: int, one: Values) -> Alert:
        row = Alert(
            rule_id=rule, rule_version=0, rule_name=one["name"], machine_id=one["machine"],
            severity=one["severity"], worst=one["severity"], raised_us=one["raised_us"],
            marks=[[one["raised_us"], RANK[one["severity"]]]], message=one["message"] or one["name"],
            snapshot=one["snapshot"], evidence=one["evidence"], is_final=True,
            created_at=self._job.access.now,
        )  # fmt: skip
        if one["cleared_us"] is not None:
            self._end(row, one["cleared_us"])
        return row

    def _end(self, row: Alert, cleared_us: int) -> None:
        row.cleared_us, row.cause = max(cleared_us, row.raised_us), CAUSE
        row.resolved_at, row.resolved_by = from_us(row.cleared_us), self._job.access.principal.email


class _Seen:
    """What the other system saw when it raised its alerts: one value beside its limit, or many by name."""

    def __init__(self, reading: Reading) -> None:
        self._names = reading.text("name").to_pylist()
        self._machines = reading.text("machine").to_pylist()
        self._value, self._limit = (reading.number(name, least=None) for name in ("value", "threshold"))
        self._values: list[Values] = []
        for place, text in enumerate(reading.text("values").to_pylist()):
            try:
                found = orjson.loads(text) if text else {}
            except orjson.JSONDecodeError:
                found = None
            if not isinstance(found, dict):
                reading.faults.one(place, "values", "Give the values by name as a JSON object.")
            self._values.append(found if isinstance(found, dict) else {})

    def at(self, place: int) -> Values:
        """The snapshot and the evidence of one alert."""
        many = {
            str(name): value
            for name, value in self._values[place].items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        value, limit = float(self._value[place]), float(self._limit[place])
        if np.isnan(value):
            return {"snapshot": many, "evidence": []}
        said = self._names[place] + ("" if np.isnan(limit) else f", limit {limit:g}")
        line = {"machine": self._machines[place], "said": said, "truth": "true", "value": value}
        return {"snapshot": many, "evidence": [line]}


class RuleIntake:
    """Takes rules as drafts that do not run. One is known by its name; machines of several rows unite."""

    def __init__(self, job: Job) -> None:
        job.access.require(Permission.CREATE_RULES)
        self._job = job

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        reading = Reading(self._job, chunk, faults)
        columns = {
            name: reading.text(name).to_pylist()
            for name in (
                "description", "severity", "cooldown", "schedule_type", "schedule", "channels", "machine",
            )
        }  # fmt: skip
        names, conditions = reading.needed("name").to_pylist(), reading.needed("conditions").to_pylist()
        counts, rows = Counter[str](), []
        for place in np.flatnonzero(faults.good).tolist():
            given = {name: column[place] for name, column in columns.items()}
            try:
                body = _body(given, conditions[place])
                parse_rule(body)
            except InvalidInput as error:
                problem = error.problems[0]
                faults.one(place, "conditions", f"{problem.field}: {problem.message}")
                continue
            machine = self._machine(session, given["machine"])
            if machine == 0:
                faults.one(
                    place, "machine", f"There is no machine {shown(given['machine'])}: import it first."
                )
                continue
            name = names[place][:LONGEST_NAME]
            counts[self._store(session, name, given["description"], body, machine)] += 1
            rows.append({"Rule": name, "Conditions": conditions[place][:200]})
        return Taken(counts["new"], counts["unchanged"], counts["changed"], pd.DataFrame(rows[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()

    def _machine(self, session: Session, key: str) -> int | None:
        """The id of a machine, None where the row names none, 0 where there is none such."""
        if not key:
            return None
        found: Any = self._job.look.machines.ids(_column(key))
        return max(int(found[0]), 0)

    def _store(self, session: Session, name: str, about: str, body: Values, machine: int | None) -> str:
        row = session.scalar(select(AlertRule).where(AlertRule.name == name, AlertRule.deleted_at.is_(None)))
        if row is None:
            if self._job.load:
                who, now = self._job.access.principal.email, self._job.access.now
                made = _rule(name, about or ELSEWHERE, who, now, body)
                if machine is not None:
                    made.scope, made.target = "device", [machine]
                session.add(made)
                session.flush()
            return "new"
        if row.published or machine is None or machine in row.target:
            return "unchanged"
        if self._job.load:
            row.scope, row.target = "device", [*row.target, machine]
            row.version += 1
        return "changed"


def _column(text: str) -> Any:
    from app.imports.parsing.columns import text_column

    return text_column([text])


def _rule(name: str, about: str, who: str, now: datetime, body: Values) -> AlertRule:
    return AlertRule(
        name=name, description=about, scope="global", draft=body, is_active=False, created_by=who,
        created_at=now,
        updated_at=now,
    )  # fmt: skip


def _body(given: dict[str, str], conditions: str) -> Values:
    """The rule's body; InvalidInput for what is no JSON."""
    body: Values = {
        "conditions": _json("conditions", conditions),
        "severity": severity_of(given["severity"]) or given["severity"],
    }
    if given["cooldown"]:
        try:
            body["cooldown_minutes"] = float(given["cooldown"])
        except ValueError as error:
            raise InvalidInput.at("cooldown_minutes", "Give a number of minutes.") from error
    if given["schedule_type"] and given["schedule_type"] != "always":
        body["schedule_type"] = given["schedule_type"]
        body["schedule_config"] = _json("schedule_config", given["schedule"] or "{}")
    if given["channels"]:
        body["notification_channels"] = _channels(given["channels"])
    return body


def _channels(text: str) -> dict[str, bool]:
    """The channels that we have too, on or off as they were there."""
    found = _json("notification_channels", text) or {}
    if not isinstance(found, dict):
        raise InvalidInput.at("notification_channels", 'Give them like {"email": true, "whatsapp": false}.')
    return {name: bool(is_on) for name, is_on in found.items() if name in CHANNELS}


def _json(field: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput.at(field, "This is no JSON.") from error
