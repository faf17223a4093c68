"""Remaining life: models of machines taught by their runs until failures, and the hours that are left now."""

from typing import Any, Final

from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotEvaluable, NotFound
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.jobs.context import Effect, JobContext
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown
from app.jobs.registry import job
from app.predict.failure.lives import (
    LifeAsked,
    LifeTaught,
    LifeTeller,
    life_card,
    life_metrics,
    life_teller,
    logged_life,
    teach_life,
    tell_life,
)
from app.predict.failure.models import LIFE, PROMOTED, ModelShown, add_version, serving, shown
from app.predict.model_files import keep_model
from data.models import to_us

DAY_US: Final = 86_400 * MICROSECONDS
HISTORY_DAYS: Final = 120
PARAMETERS: Final = frozenset(
    {"machines", "device_ids", "mode", "least_stop_min", "history_days", "start_us", "end_us", "count_tools"}
)
Found = dict[str, Any]


def _checked(access: Access, given: Found) -> Found:
    refuse_unknown(given, PARAMETERS)
    number(given, "least_stop_min", 30, 0, 10_000)
    number(given, "history_days", HISTORY_DAYS, 3, 800)
    if not isinstance(given.get("count_tools", False), bool):
        raise InvalidInput.at("count_tools", "Whether a fitted tool begins a run: true or false.")
    machine_keys(access, given)
    first, last = moment(given, "start_us"), moment(given, "end_us")
    if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
        raise InvalidInput.at("end_us", "Give start_us and a later end_us, or neither.")
    return {name: value for name, value in given.items() if value is not None}


@job("remaining_life", title="Remaining-life models", check=_checked, time_limit_s=3_600, memory_mb=3_072)
def teach_lives(context: JobContext) -> Found:
    """Teach a version per machine as a candidate, and tell how long each machine has."""
    access, given = context.access, context.parameters
    keys = machine_keys(access, given)
    taught, told = [], []
    for place, key in enumerate(keys):
        context.progress(place / len(keys), f"{key} ({place + 1} of {len(keys)})")
        made, life = _machine(context, _asked(access, given, key))
        taught.append(made)
        told += [life] if life else []
    return {
        "machines": len(keys), "models": taught, "lives": sorted(told, key=lambda one: one["left_h"]),
        "beat_naive": sum(bool(one.get("beats_naive")) for one in taught),
    }  # fmt: skip


def tell_lives(context: JobContext, keys: list[str], known: dict[str, ModelShown]) -> tuple[Found, ...]:
    """The hours that each of these machines has by the version there is, logged with the job's end.

    One answer a machine, with a `problem` where nobody can tell.
    """
    found = []
    for key in keys:
        told = _told(context.access, life_teller(known[key]))
        if "problem" not in told:
            context.finish(_log(context.access, context.claim.key, known[key], told))
        found.append(_short(known[key].machine, told))
    return tuple(found)


def _asked(access: Access, given: Found, key: str) -> LifeAsked:
    now_us = to_us(access.now)
    end = min(given.get("end_us", now_us), now_us)
    start = given.get("start_us", end - int(given.get("history_days", HISTORY_DAYS) * DAY_US))
    return LifeAsked(
        key, start, end, float(given.get("least_stop_min", 30)), bool(given.get("count_tools", False))
    )


def _machine(context: JobContext, asked: LifeAsked) -> tuple[Found, Found | None]:
    """One machine; where there is too little to learn from, it says so and the others go on."""
    access = context.access
    try:
        taught = teach_life(access, asked)
    except (InvalidInput, NotEvaluable) as error:
        return {"machine": asked.machine, "status": "not_evaluable", "problem": str(error)[:500]}, None
    values = _values(access, context.claim.key, asked, taught, keep_model(access, taught.model))
    there = serving(access, LIFE).get(asked.machine)
    promoted = there if there is not None and there.state == PROMOTED else None
    if promoted is None:
        told = _told(
            access, LifeTeller(asked.machine, values["digest"], asked.least_stop_min, asked.count_tools)
        )
    else:
        told = _told(access, life_teller(promoted))
    context.finish(_add(access, values, None if "problem" in told else told, promoted))
    made = {
        "machine": asked.machine, "status": "complete", "beats_naive": taught.beats_naive,
        "fingerprint": taught.fingerprint, **values["metrics"],
    }  # fmt: skip
    return made, None if "problem" in told else _short(asked.machine, told)


def _told(access: Access, one: LifeTeller) -> Found:
    try:
        return tell_life(access, one)
    except (NotEvaluable, NotFound, InvalidInput) as error:
        return {"problem": str(error)[:500]}


def _short(machine: str, told: Found) -> Found:
    names = ("problem",) if "problem" in told else ("left_h", "lower_h", "upper_h", "cap_h", "since_us")
    return {"machine": machine, **{name: told[name] for name in names}}


def _values(access: Access, job_key: str, asked: LifeAsked, taught: LifeTaught, digest: str) -> Found:
    """The columns of the version, but for its number."""
    model = taught.model
    return {
        "job_key": job_key, "machine_key": asked.machine, "tells": LIFE, "method": "both",
        "horizon_h": float(model.cap), "least_stop_min": asked.least_stop_min, "start_us": asked.start_us,
        "end_us": asked.end_us, "hours": taught.hours, "failures": taught.runs,
        "features": list(model.signals), "ranges": {}, "metrics": life_metrics(asked, taught),
        "threshold": 0.0, "base_rate": float(model.naive), "beats_naive": taught.beats_naive,
        "fingerprint": taught.fingerprint, "digest": digest, "card": life_card(asked, taught),
        "made_us": to_us(access.now), "made_by": access.principal.email,
    }  # fmt: skip


def _add(access: Access, values: Found, told: Found | None, promoted: ModelShown | None) -> Effect:
    def effect(session: Session) -> None:
        made = add_version(access, session, values)
        if told is not None:
            _log(access, made.job_key, promoted or shown(made), told)(session)

    return effect


def _log(access: Access, job_key: str, one: ModelShown, told: Found) -> Effect:
    def effect(session: Session) -> None:
        row = logged_life(job_key, one, told, to_us(access.now))
        session.add(row)
        session.flush()
        after = {"machine": one.machine, "model": one.name, "left_h": told["left_h"]}
        access.audit(session, "life.tell", ("prediction", row.id), after=after)

    return effect
