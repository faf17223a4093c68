"""Which stops are failures: unplanned, of the machine itself, and not waiting for something."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.timeline.arrays import Flags
from analytics.vocabulary import ReasonCategory, State, TimeClass
from app.production.plant import Plant

FAILURES: Final = (ReasonCategory.UNPLANNED.value,)


def failed(known: Plant, found: pd.DataFrame) -> Flags:
    """A flag for each row of `app.stops.listing.stops`; a stop without a reason counts as a failure.

    A stop that lost no planned time, such as a judged one outside the schedule, is none.
    """
    categories = {one.id: one.category for one in known.rows.reasons}
    named = found["reason"].map(categories).fillna(ReasonCategory.UNPLANNED.value)
    is_unplanned = found["time_class"].to_numpy(np.int64) == int(TimeClass.UNPLANNED_STOP)
    is_idle = found["state"].to_numpy(np.int64) == int(State.IDLE)
    has_lost = found["lost_us"].to_numpy(np.int64) > 0
    flags: Flags = is_unplanned & has_lost & ~is_idle & named.isin(FAILURES).to_numpy(np.bool_)
    return flags
