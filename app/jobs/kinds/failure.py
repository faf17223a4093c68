"""Failures: models of machines taught by their past, and the risk of each machine now."""

from typing import Any, Final

from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotEvaluable, NotFound
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.jobs.context import Effect, JobContext
from app.jobs.kinds.life import tell_lives
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown, texts
from app.jobs.registry import job
from app.jobs.rhythm import DAILY, Rhythm
from app.predict.failure.hourly import LABELS
from app.predict.failure.models import LIFE, PROMOTED, ModelShown, add_version, serving, shown
from app.predict.failure.risks import Teller, logged, tell, teller
from app.predict.failure.training import Asked, Taught, card, teach
from app.predict.model_files import keep_model
from data.models import to_us

DAY_US: Final = 86_400 * MICROSECONDS
HISTORY_DAYS: Final = 60
DAILY_RISKS: Final = Rhythm(DAILY, 6 * 60)
NO_MODEL: Final = "No machine has a failure model yet: run Failure models and risks first."
METHODS: Final = ("both", "forest", "boosting")
PARAMETERS: Final = frozenset(
    {"machines", "device_ids", "mode", "method", "parameters", "horizon_h", "least_stop_min", "history_days",
     "start_us", "end_us"}
)  # fmt: skip
Found = dict[str, Any]


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, PARAMETERS)
    if given.get("method", "both") not in METHODS:
        raise InvalidInput.at("method", f"A method is one of {', '.join(METHODS)}.")
    for name in texts(given, "parameters"):
        if name.lower() in LABELS:
            raise InvalidInput.at("parameters", f"{name} is a label, not a feature: leave it out.")
    number(given, "horizon_h", 8, 1, 336)
    number(given, "least_stop_min", 30, 0, 10_000)
    number(given, "history_days", HISTORY_DAYS, 3, 800)
    machine_keys(access, given)
    first, last = moment(given, "start_us"), moment(given, "end_us")
    if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
        raise InvalidInput.at("end_us", "Give start_us and a later end_us, or neither.")
    return {name: value for name, value in given.items() if value is not None}


@job("failure_prediction", title="Failure models and risks", check=_checked, time_limit_s=3_600,
     memory_mb=3_072)  # fmt: skip
def predict_failures(context: JobContext) -> dict[str, Any]:
    """Teach a version per machine as a candidate, and tell each machine's risk by it."""
    access, given = context.access, context.parameters
    keys = machine_keys(access, given)
    taught, risks = [], []
    for place, key in enumerate(keys):
        context.progress(place / len(keys), f"{key} ({place + 1} of {len(keys)})")
        made, risk = _machine(context, _asked(access, given, key))
        taught.append(made)
        risks += [risk] if risk else []
    risks.sort(key=lambda one: -one["chance"])
    return {
        "machines": len(keys), "models": taught, "risks": risks,
        "beat_naive": sum(bool(one.get("beats_naive")) for one in taught),
    }  # fmt: skip


def _checked_risk(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, frozenset({"machines", "device_ids", "mode"}))
    machine_keys(access, given)
    return given


@job("failure_risk", title="Failure risks now", check=_checked_risk, time_limit_s=600, nightly=DAILY_RISKS)
def tell_risks(context: JobContext) -> dict[str, Any]:
    """Tell each machine's risk and remaining life by its promoted version, else its newest candidate."""
    access = context.access
    chances, hours = serving(access), serving(access, LIFE)
    wanted = machine_keys(access, context.parameters)
    keys = [key for key in wanted if key in chances]
    lasting = [key for key in wanted if key in hours]
    if not keys and not lasting:
        return {"machines": 0, "risks": [], "silent": [], "lives": [], "text": NO_MODEL}
    risks, silent = [], []
    for place, key in enumerate(keys):
        context.progress(place / (len(keys) + 1), f"{key} ({place + 1} of {len(keys)})")
        told = _told(access, teller(chances[key]))
        if "problem" in told:
            silent.append(told)
            continue
        risks.append(_risk(teller(chances[key]), told))
        context.finish(_log(access, context.claim.key, chances[key], told))
    context.progress(len(keys) / (len(keys) + 1), "remaining lives")
    return {
        "machines": len({*keys, *lasting}), "risks": sorted(risks, key=lambda one: -one["chance"]),
        "silent": silent, "lives": tell_lives(context, lasting, hours),
    }  # fmt: skip


def _asked(access: Access, given: dict[str, Any], key: str) -> Asked:
    now_us = to_us(access.now)
    end = min(given.get("end_us", now_us), now_us)
    start = given.get("start_us", end - int(given.get("history_days", HISTORY_DAYS) * DAY_US))
    return Asked(
        key, start, end, float(given.get("horizon_h", 8)), float(given.get("least_stop_min", 30)),
        given.get("method", "both"), tuple(given.get("parameters", ())),
    )  # fmt: skip


def _machine(context: JobContext, asked: Asked) -> tuple[Found, Found | None]:
    """One machine; where there is too little to learn from, it says so and the others go on."""
    access = context.access
    try:
        taught = teach(access, asked)
    except (InvalidInput, NotEvaluable) as error:
        return {"machine": asked.machine, "status": "not_evaluable", "problem": str(error)[:500]}, None
    values = _values(access, context.claim.key, asked, taught, keep_model(access, taught.model))
    there = serving(access).get(asked.machine)
    promoted = there if there is not None and there.state == PROMOTED else None
    who = teller(promoted) if promoted else Teller(
        asked.machine, values["digest"], values["threshold"], asked.horizon_h, asked.least_stop_min,
        taught.ranges,
    )  # fmt: skip
    told = _told(access, who)
    context.finish(_add(access, values, None if "problem" in told else told, promoted))
    made = {
        "machine": asked.machine, "status": "complete", "hours": taught.hours, "failures": taught.failures,
        "beats_naive": taught.beats_naive, "threshold": taught.threshold,
        "fingerprint": taught.fingerprint, **taught.metrics,
    }  # fmt: skip
    return made, None if "problem" in told else _risk(who, told)


def _told(access: Access, one: Teller) -> Found:
    try:
        chance, detail = tell(access, one)
    except (NotEvaluable, NotFound, InvalidInput) as error:
        return {"machine": one.machine, "problem": str(error)[:500]}
    return {"chance": chance, "detail": detail}


def _risk(one: Teller, told: Found) -> Found:
    return {
        "machine": one.machine, "chance": told["chance"], "threshold": one.threshold,
        "is_high": told["chance"] >= one.threshold, "horizon_h": one.horizon_h,
        "least_stop_min": one.least_stop_min, "reasons": told["detail"]["reasons"],
    }  # fmt: skip


def _values(access: Access, job_key: str, asked: Asked, taught: Taught, digest: str) -> dict[str, Any]:
    """The columns of the version, but for its number."""
    return {
        "job_key": job_key, "machine_key": asked.machine, "method": asked.method,
        "horizon_h": asked.horizon_h, "least_stop_min": asked.least_stop_min, "start_us": asked.start_us,
        "end_us": asked.end_us, "hours": taught.hours, "failures": taught.failures,
        "features": list(taught.features), "ranges": dict(taught.ranges), "metrics": dict(taught.metrics),
        "threshold": taught.threshold, "base_rate": taught.base_rate,
        "beats_naive": taught.beats_naive, "fingerprint": taught.fingerprint, "digest": digest,
        "card": card(asked, taught), "made_us": to_us(access.now), "made_by": access.principal.email,
    }  # fmt: skip


def _add(access: Access, values: dict[str, Any], told: Found | None, promoted: ModelShown | None) -> Effect:
    """A new version with the next number, and the risk that was told, in the job's last transaction."""

    def effect(session: Session) -> None:
        made = add_version(access, session, values)
        if told is not None:
            _log(access, made.job_key, promoted or shown(made), told)(session)

    return effect


def _log(access: Access, job_key: str, one: ModelShown, told: Found) -> Effect:
    def effect(session: Session) -> None:
        row = logged(job_key, one, told["chance"], told["detail"], to_us(access.now))
        session.add(row)
        session.flush()
        after = {"machine": one.machine, "model": one.name, "chance": told["chance"]}
        access.audit(session, "risk.tell", ("prediction", row.id), after=after)

    return effect
