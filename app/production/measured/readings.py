"""The newest measured values of the plant."""

from collections.abc import Sequence

import pandas as pd

from app.auth.permissions import Permission
from app.bootstrap import Access


def latest_values(
    access: Access, machines: Sequence[str] | None = None, parameters: Sequence[str] | None = None
) -> pd.DataFrame:
    """The newest value of each signal: machine, parameter, time_us, value; None means all."""
    access.require(Permission.SEE_PLANT)
    return access.gemba.telemetry.latest(access.factory.slug, machines, parameters)
