"""The alarm load in full: over time, by severity, by source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, func, select

from analytics.rules.load import DAY_US, WINDOW_US, Load, chattering, load
from analytics.rules.rule import SEVERITIES
from app.alerts.listing import TOLD_US, told_in
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Alert, Machine, to_us
from data.queries.arrays import int_column

TARGET_MIX: Final = {"low": 0.80, "medium": 0.15, "high": 0.05, "critical": 0.01}
"""The share of each severity that ISA-18.2 aims at; the highest is to stay below one in a hundred."""
TOP: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class LoadReport:
    """Figures of [start_us, end_us). `windows` counts alerts in ten-minute steps from the start."""

    figures: Load
    windows: npt.NDArray[np.int64]
    chattering: int
    stale: int
    mix: dict[str, float]
    sources: pd.DataFrame
    """Columns rule, machine, count, share: the ten sources that raise most."""
    never_seen: int
    suppressed: int
    """Raised in the range and suppressed by design all the time: nobody was told, no figure counts them."""
    out_of_service: int
    """The same of alerts out of service."""


def load_report(
    access: Access, start_us: int, end_us: int, machines: Sequence[int] | None = None
) -> LoadReport:
    """How much do alerts ask of people? Only what they were told of counts; `machines` are ids, None: all."""
    access.require(Permission.SEE_PLANT)
    inside: tuple[ColumnElement[bool], ...] = told_in(start_us, end_us)
    held: tuple[ColumnElement[bool], ...] = (
        Alert.raised_us >= start_us, Alert.raised_us < end_us, Alert.is_withdrawn.is_(False),
        Alert.is_held.is_(True),
    )  # fmt: skip
    if machines is not None:
        inside = (*inside, Alert.machine_id.in_(machines))
        held = (*held, Alert.machine_id.in_(machines))
    with access.read() as session:
        moments = int_column(session, select(TOLD_US).where(*inside))
        by_severity = {
            row[0]: int(row[1])
            for row in session.execute(
                select(Alert.severity, func.count()).where(*inside).group_by(Alert.severity)
            )
        }
        top = session.execute(
            select(Alert.rule_name, Machine.name, func.count().label("n"))
            .outerjoin(Machine, Machine.id == Alert.machine_id)
            .where(*inside)
            .group_by(Alert.rule_name, Machine.name)
            .order_by(func.count().desc())
            .limit(TOP)
        ).all()
        by_source = [
            int_column(session, select(TOLD_US).where(*inside, Alert.rule_name == row[0])) for row in top
        ]
        stale = session.scalar(select(func.count(Alert.id)).where(*inside, _lasted(access.now) > DAY_US))
        unseen = session.scalar(select(func.count(Alert.id)).where(*inside, Alert.acknowledged_at.is_(None)))
        kept_back = session.scalars(select(Alert.is_out_of_service).where(*held)).all()
    total = len(moments)
    return LoadReport(
        load(moments, start_us, end_us),
        _windows(moments, start_us, end_us),
        sum(chattering(one) for one in by_source),
        int(stale or 0),
        {name: by_severity.get(name, 0) / total if total else 0.0 for name in SEVERITIES},
        pd.DataFrame(
            {
                "rule": [row[0] for row in top],
                "machine": [row[1] or "several machines" for row in top],
                "count": [int(row[2]) for row in top],
                "share": [int(row[2]) / total for row in top],
            }
        ),
        int(unseen or 0),
        len(kept_back) - sum(kept_back),
        sum(kept_back),
    )


def _lasted(now: datetime) -> ColumnElement[int]:
    return func.coalesce(Alert.cleared_us, to_us(now)) - Alert.raised_us


def _windows(moments: npt.NDArray[np.int64], start_us: int, end_us: int) -> npt.NDArray[np.int64]:
    size = max(1, -(-(end_us - start_us) // WINDOW_US))
    return np.bincount((moments - start_us) // WINDOW_US, minlength=size).astype(np.int64)
