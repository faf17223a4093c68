"""Machines that have become other ones: beyond the limit of their detector for most of a day or longer."""

from typing import Final

import pandas as pd

from analytics.vocabulary import ANOMALY_SCORE, MICROSECONDS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.anomaly.live import LiveShown
from data.models import to_us

BACK_US: Final = 14 * 86_400 * MICROSECONDS
"""How far a change is looked for; one that is older is dated to here."""


def changed_since_us(access: Access, one: LiveShown) -> int | None:
    """Since when a machine that is scored live has been another one; None where it has not.

    Then somebody decides: it is broken, or this is normal now, and the job `live_scores` learns it anew from
    that moment on.
    """
    from analytics.anomaly import changed_since

    access.require(Permission.SEE_PLANT)
    if not one.is_on or one.problem or one.score is None or one.score <= 1:
        return None
    now_us = to_us(access.now)
    start_us = max(now_us - BACK_US, one.normal_end_us)
    found = access.gemba.telemetry.read(
        access.factory.slug, start_us, now_us + 1, [one.machine], [ANOMALY_SCORE]
    )
    times = pd.DatetimeIndex(pd.to_datetime(found["time_us"], unit="us", utc=True))
    scored = pd.DataFrame({"is_anomaly": found["value"].to_numpy(dtype=float) > 1}, index=times)
    since = changed_since(scored)
    return None if since is None else int(since.value) // 1_000
