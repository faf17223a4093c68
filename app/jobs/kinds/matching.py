"""Predictions matched with what happened; a model that loses to the naive rule is switched off."""

from typing import Any, Final

from sqlalchemy.orm import Session

from app.bootstrap import Access
from app.jobs.context import JobContext
from app.jobs.kinds.ranges import refuse_unknown
from app.jobs.registry import job
from app.jobs.rhythm import DAILY, Rhythm
from app.notify.outbox import Notice, post
from app.predict.failure.models import RETIRED, move
from app.predict.failure.pruning import prune, unused
from app.predict.matching import Match, due, match
from app.predict.scorecards import FAILURE, LIFE, LOSES_DAYS, Key, is_losing, key_of, matched
from data.models import FailureModelVersion, Prediction, to_us

NIGHTLY: Final = Rhythm(DAILY, 10 * 60)
EARLY: Final = Rhythm(DAILY, 5 * 60)


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, frozenset({"mode"}))
    return given


@job("match_predictions", title="Match predictions with what happened", check=_checked, time_limit_s=1_800,
     nightly=NIGHTLY)  # fmt: skip
def match_predictions(context: JobContext) -> dict[str, Any]:
    """Match what is due; say which models lose to the naive rule for 14 days, and switch them off."""
    access = context.access
    rows = due(access)
    done: list[Match] = []
    for place, row in enumerate(rows):
        context.progress(place / max(len(rows), 1), f"{place + 1} of {len(rows)}")
        done.append(match(access, row))
    before = _groups(matched(access, days=2 * LOSES_DAYS + 1))
    now_us = to_us(access.now)
    losing = [key for key, group in _with(before, done, now_us).items()
              if is_losing(group, now_us) and not is_losing(before.get(key, []), now_us)]  # fmt: skip

    def effect(session: Session) -> None:
        for one in done:
            _write(session, one, now_us)
        session.flush()
        for key in losing:
            _switch_off(access, session, key, now_us)
        access.audit(session, "prediction.match", ("predictions", len(done)), after={"off": len(losing)})

    context.finish(effect)
    return {
        "matched": len(done), "happened": sum(one.has_happened is True for one in done),
        "unknown": sum("problem" in one.scores for one in done),
        "switched_off": [dict(zip(("kind", "model", "machine", "of"), key, strict=True)) for key in losing],
    }  # fmt: skip


@job("prune_models", title="Delete files of old models", check=_checked, nightly=EARLY)
def prune_models(context: JobContext) -> dict[str, Any]:
    """Delete the files of versions that nobody will use again; their rows stay and say so."""
    found = unused(context.access)
    context.finish(lambda session: prune(context.access, session, found))
    return {"deleted": [one.name for one in found]}


def _groups(rows: list[Prediction]) -> dict[Key, list[Prediction]]:
    found: dict[Key, list[Prediction]] = {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    return found


def _with(before: dict[Key, list[Prediction]], done: list[Match], now_us: int) -> dict[Key, list[Prediction]]:
    """The groups as they will be; the rows here are no longer tied to a session."""
    found = {key: list(rows) for key, rows in before.items()}
    for one in done:
        row = one.prediction
        row.matched_us, row.has_happened, row.lead_h, row.scores = (
            now_us, one.has_happened, one.lead_h, one.scores,
        )  # fmt: skip
        found.setdefault(key_of(row), []).append(row)
    return {key: sorted(rows, key=lambda row: row.made_us) for key, rows in found.items()}


def _write(session: Session, one: Match, now_us: int) -> None:
    row = session.get(Prediction, one.prediction.id)
    if row is not None and row.matched_us is None:
        row.matched_us, row.has_happened, row.lead_h = now_us, one.has_happened, one.lead_h
        row.scores = one.scores


def _switch_off(access: Access, session: Session, key: Key, now_us: int) -> None:
    """A version is retired; a method of forecasts steps aside for the naive guess. Either is told."""
    kind, model, machine, of = key
    why = f"it lost to the naive rule for {LOSES_DAYS} days"
    if kind in (FAILURE, LIFE):
        number = model.rpartition(" v")[2]
        row = session.query(FailureModelVersion).filter_by(machine_key=machine, number=int(number)).first()
        if row is None or row.state == RETIRED:
            return
        move(access, session, row, RETIRED, why)
    else:
        after = {"model": model, "machine": machine, "of": of, "why": why}
        access.audit(session, "forecast.off", ("method", model), after=after)
    post(session, access.now, _notice(model, machine, why, now_us))


def _notice(model: str, machine: str, why: str, now_us: int) -> Notice:
    return Notice(
        kind="model_off", severity="medium", subject="A model was switched off", machine_key=machine,
        machine_name=machine or "the plant", at_us=now_us,
        sentence=f"{model} was switched off for {machine or 'the plant'}: {why}.", values={}, alert_id=None,
        channels={},
    )  # fmt: skip
