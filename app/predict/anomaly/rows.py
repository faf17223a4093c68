"""The signals or the shift records of a machine as rows, as anomaly detectors take them."""

from collections.abc import Sequence

import pandas as pd

from analytics.errors import NotFound
from analytics.vocabulary import ANOMALY_SCORE
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from data.queries import production as queries
from data.telemetry import Windows


def signal_rows(
    access: Access, machine: str, parameters: Sequence[str], start_us: int, end_us: int, step_us: int
) -> pd.DataFrame:
    """The machine's parameters (none named: all) as columns over UTC times, the mean of each step.

    Empty steps are left out, and so is the machine's own anomaly score.
    """
    windows = Windows.every(start_us, end_us, step_us)
    table = access.gemba.telemetry.matrix(access.factory.slug, windows, [machine], list(parameters) or None)
    table.columns = [str(name[1]) for name in table.columns]
    table.index = pd.to_datetime(table.index, unit="us", utc=True)
    return table.drop(columns=[ANOMALY_SCORE], errors="ignore").dropna(how="all")


def shift_records(access: Access, machine: str, start_us: int, end_us: int) -> pd.DataFrame:
    """The machine's records that begin in [start_us, end_us), as `data.queries.production.records_of`.

    The index is their start, UTC. NotFound where there is no such machine.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access).machine_by_key.get(machine)
    if known is None:
        raise NotFound(f"There is no machine '{machine}' in this factory.")
    with access.read() as session:
        found = queries.records_of(session, known.id, start_us, end_us)
    found.index = pd.to_datetime(found["start_us"].to_numpy(), unit="us", utc=True)
    return found


def record_rows(
    access: Access, machine: str, parameters: Sequence[str], start_us: int, end_us: int
) -> pd.DataFrame:
    """The machine's shift records as columns over their starts (none named: all).

    Columns of `analytics.anomaly.SHIFT_COLUMNS`; a record of which nothing can be told is left out.
    """
    from analytics.anomaly import shift_rows

    table = shift_rows(shift_records(access, machine, start_us, end_us))
    return table[list(parameters) or list(table.columns)].dropna(how="all")
