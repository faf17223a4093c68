"""Do the figures of yesterday add up? Checked every night in every factory, and on demand."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.jobs.context import JobContext
from app.jobs.kinds.ranges import refuse_unknown
from app.jobs.registry import job
from app.jobs.rhythm import DAILY, Rhythm
from app.notify.outbox import Notice, post
from app.production.cells import cells, production_day
from data.models import to_us

SHOWN = 100
NIGHTLY = Rhythm(DAILY, 9 * 60 + 10)
"""Yesterday has ended by then: production days begin at 9 at the latest, as a rule."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What one production day came to."""

    day: date
    end_us: int
    cells: int
    machines: int
    violations: pd.DataFrame


def look(access: Access, day: date | None = None) -> Identity:
    """Do the cells of a production day, by default yesterday's, add up in time and parts?"""
    from analytics.oee import identity_check

    day = day or production_day(access, to_us(access.now)) - timedelta(days=1)
    begin, end = _begins(access, day), _begins(access, day + timedelta(days=1))
    found = cells(access, begin, end)
    return Identity(day, end, len(found), int(found["machine"].nunique()), identity_check(found))


def _begins(access: Access, day: date) -> int:
    minutes = access.factory.day_start_min
    return to_us(datetime.combine(day, time(minutes // 60, minutes % 60), access.factory.zone))


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, frozenset({"day"}))
    if "day" in given:
        _day(given["day"])
    return given


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise InvalidInput.at("day", "A day is written like 2026-02-19.") from None


@job(
    "identity_check", title="Nightly check of the figures", check=_checked, time_limit_s=900, nightly=NIGHTLY
)
def check_identity(context: JobContext) -> dict[str, Any]:
    """Check one production day; a violation is told to whoever is told of alerts."""
    access = context.access
    context.progress(0.05, "computing the cells of the day")
    given = context.parameters.get("day")
    found = look(access, None if given is None else _day(given))
    rows = found.violations.head(SHOWN).to_dict("records")

    def effect(session: Session) -> None:
        after = {"day": found.day.isoformat(), "cells": found.cells, "violations": len(found.violations)}
        access.audit(session, "identity.check", ("day", found.day.isoformat()), after=after)
        if rows:
            post(session, access.now, _notice(found))

    context.finish(effect)
    return {
        "day": found.day.isoformat(),
        "cells": found.cells,
        "machines": found.machines,
        "violations": len(found.violations),
        "rows": [{str(name): _plain(value) for name, value in row.items()} for row in rows],
    }


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _notice(found: Identity) -> Notice:
    first = found.violations.iloc[0]
    sentence = (
        f"The figures of {found.day:%Y-%m-%d} do not add up in {len(found.violations)} places. The first: "
        f"{first['rule']} on {first['machine']}, {first['expected']:g} expected, {first['found']:g} found."
    )
    return Notice(
        kind="identity_failed",
        severity="high",
        subject="Figures do not add up",
        machine_key=str(first["machine"]),
        machine_name=str(first["machine"]),
        at_us=found.end_us,
        sentence=sentence,
        values={},
        alert_id=None,
        channels={},
    )
