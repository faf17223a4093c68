"""Alerts when the cameras' confidence or what they see has moved; they clear when it is stable again.

Between the two (a moderate shift) an alert stays as it is, so that it does not come and go at the border.
"""

from typing import Final

from analytics.productivity import Drift, Verdict
from app.alerts.unruled import Source, clear, open_alert, raise_alert
from app.audit.journal import record
from app.bootstrap import Gemba
from app.production.camera.quality import CURRENT_DAYS, DAY_US, drift_of
from data.models import to_us
from data.queries import activity as queries
from data.queries.plant import factory_row

RAISED: Final = "productivity.drift"
ACTOR: Final = "cameras"
WORDS: Final = {"confidence": "confidence", "behaviour": "mix of activities"}
SOURCES: Final = {
    measure: Source(
        f"Camera models: the {words} has shifted", "Raised by the watch over camera events.", "medium"
    )
    for measure, words in WORDS.items()
}


def round_of(gemba: Gemba, slugs: list[str]) -> int:
    """Look at each factory's events; returns how many alerts were raised.

    An alert and its audit entry are one transaction, and while it is open there is no second one, also where
    several processes look.
    """
    return sum(_look(gemba, slug) for slug in slugs)


def _look(gemba: Gemba, slug: str) -> int:
    now = gemba.clock()
    now_us = to_us(now)
    with gemba.database.read(None) as session:
        row = factory_row(session, slug)
    if row is None:
        return 0
    with gemba.database.read(row.id) as session:
        if not queries.day_counts(session, (now_us - CURRENT_DAYS * DAY_US) // DAY_US, now_us // DAY_US):
            return 0
    return sum(_tell(gemba, row.id, one) for one in drift_of(gemba, row.id, now_us))


def _tell(gemba: Gemba, factory_id: int, one: Drift) -> int:
    now, source = gemba.clock(), SOURCES[one.measure]
    with gemba.database.write(factory_id) as session:
        before = open_alert(session, source)
        if one.verdict is Verdict.SHIFTED and before is None:
            number = raise_alert(session, now, source, _sentence(one), actor=ACTOR)
            record(session, at=now, actor="system", action=RAISED, subject=("alert", number),
                   after={"measure": one.measure, "psi": one.psi})  # fmt: skip
            return 1
        if one.verdict is Verdict.STABLE and before is not None:
            clear(session, now, before, ACTOR, "moved back")
    return 0


def _sentence(one: Drift) -> str:
    return (
        f"The {WORDS[one.measure]} of the last {CURRENT_DAYS} days differs from the three weeks before "
        f"(PSI {one.psi:.2f}, KS distance {one.ks:.2f}). Look at the page Productivity and "
        "label uncertain events before figures are compared."
    )
