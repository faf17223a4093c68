"""How far camera events can be trusted: thresholds, versions, drift, and what to train the next model on."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.productivity import THRESHOLDS, Drift, compare_models, drift, sensitivity
from analytics.vocabulary import ACTIVITY_WORDS, Activity
from app.auth.permissions import Permission
from app.bootstrap import Access, Gemba
from app.production.camera.figures import ActivityQuestion, cap_us, columns_of, loaded
from app.production.cells import span
from data.models import from_us, to_us
from data.queries import activity as queries

DAY_US: Final = 86_400_000_000
CURRENT_DAYS: Final = 3
REFERENCE_DAYS: Final = 21
LOW: Final = 0.6
MOST_EXPORTED: Final = 100_000


def by_threshold(access: Access, question: ActivityQuestion) -> pd.DataFrame:
    """How the factory's figures hang on the threshold; see `analytics.productivity.sensitivity`."""
    events, slots = loaded(access, question)
    until = _until_us(access, question)
    return sensitivity(events, slots, cap_us=cap_us(access), until_us=until, thresholds=THRESHOLDS)


def by_model(access: Access, question: ActivityQuestion) -> pd.DataFrame:
    """The versions of the models in a range; model is the version's name, first and last are moments."""
    events, slots = loaded(access, question)
    table = compare_models(
        events, slots, cap_us=cap_us(access), until_us=_until_us(access, question), low=LOW
    )
    with access.read() as session:
        names = queries.model_keys(session)
    table["model"] = [names.get(int(code), "not named") for code in table["model"]]
    return table.sort_values("first_us", ignore_index=True)


def _until_us(access: Access, question: ActivityQuestion) -> int:
    """The end of the range, or now: what was seen last says nothing of the time to come."""
    return span(access, question.start_us, question.end_us).end_us


def drift_now(access: Access) -> list[Drift]:
    """Has anything moved in the last three days against the three weeks before them?"""
    access.require(Permission.SEE_PLANT)
    return drift_of(access.gemba, access.factory.id, to_us(access.now))


def drift_of(gemba: Gemba, factory_id: int, now_us: int) -> list[Drift]:
    """The drift of a factory's events at a moment."""
    begin = now_us - CURRENT_DAYS * DAY_US
    with gemba.database.read(factory_id) as session:
        before = queries.events_between(session, begin - REFERENCE_DAYS * DAY_US, begin)
        now = queries.events_between(session, begin, now_us)
    return drift(columns_of(before), columns_of(now))


def uncertain(access: Access, question: ActivityQuestion, below: float = LOW) -> pd.DataFrame:
    """The least certain events of a range, for people to label and the next model to learn from.

    Columns: event_id, timestamp (ISO 8601, UTC), event_type, worker (pseudonym), workstation_id, model_id,
    count, confidence; the least certain first, at most 100,000. Each call is an audit entry. Needs
    run_analytics.
    """
    access.require(Permission.RUN_ANALYTICS)
    if not 0 < below <= 1:
        raise InvalidInput.at("below", "The confidence lies between 0 and 1.")
    with access.write() as session:
        found = queries.low_confidence(session, question.start_us, question.end_us, below, MOST_EXPORTED)
        table = _labelled(
            found,
            {row.id: row.pseudonym for row in queries.worker_rows(session)},
            {row.id: row.key for row in queries.station_rows(session)},
            queries.model_keys(session),
        )
        access.audit(
            session,
            "productivity.export",
            ("factory", access.factory.slug),
            after={
                "below": below,
                "events": len(table),
                "start_us": question.start_us,
                "end_us": question.end_us,
            },
        )
    return table


def _labelled(
    found: pd.DataFrame, workers: dict[int, str], stations: dict[int, str], models: dict[int, str]
) -> pd.DataFrame:
    def named(column: str, names: dict[int, str]) -> list[str]:
        values = found[column].to_numpy(np.float64, na_value=np.nan)
        return ["" if np.isnan(value) else names.get(int(value), "") for value in values]

    return pd.DataFrame(
        {
            "event_id": found["key"],
            "timestamp": [from_us(int(us)).isoformat() for us in found["at_us"]],
            "event_type": [ACTIVITY_WORDS[Activity(int(kind))] for kind in found["kind"]],
            "worker": named("worker", workers),
            "workstation_id": named("station", stations),
            "model_id": named("model", models),
            "count": found["count"],
            "confidence": found["confidence"],
        }
    )
