"""Telemetry of one machine, thinned for drawing."""

from collections.abc import Sequence

import pandas as pd

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import Plant, plant
from data.models import Parameter

MAX_GAP_US = 300_000_000
"""Two values further apart than five minutes are not joined by a line."""


def known_parameters(access: Access, known: Plant, machine_key: str) -> list[Parameter]:
    """What a machine sends: its listed parameters, then those that only the telemetry store knows."""
    machine = known.machine_by_key.get(machine_key)
    if machine is None:
        raise NotFound(f"There is no machine '{machine_key}' in this factory.")
    listed = list(known.parameters(machine.id))
    keys = {parameter.key for parameter in listed}
    stored = access.gemba.telemetry.parameters(access.factory.slug, [machine_key])
    more = [str(key) for key in stored["parameter"] if str(key) not in keys]
    return listed + [Parameter(machine_id=machine.id, key=key, display_name=key) for key in sorted(more)]


def lines(
    access: Access, machine_key: str, parameters: Sequence[str], start_us: int, end_us: int
) -> pd.DataFrame:
    """The signals in [start_us, end_us): parameter, time_us, value; every peak kept, NaN where a gap is.

    At most `telemetry_max_points` rows per parameter come back, whatever the range.
    """
    access.require(Permission.SEE_PLANT)
    if machine_key not in plant(access).machine_by_key:
        raise NotFound(f"There is no machine '{machine_key}' in this factory.")
    if not parameters or end_us <= start_us:
        return pd.DataFrame({"parameter": [], "time_us": [], "value": []})
    return access.gemba.telemetry.downsample(
        access.factory.slug,
        start_us,
        end_us,
        machines=[machine_key],
        parameters=list(parameters),
        points=access.gemba.settings.telemetry_max_points,
        max_gap_us=MAX_GAP_US,
    )


def latest(access: Access, machine_key: str) -> pd.DataFrame:
    """The newest value of each parameter of a machine: parameter, time_us, value."""
    access.require(Permission.SEE_PLANT)
    return access.gemba.telemetry.latest(access.factory.slug, machines=[machine_key])
