"""Puts checked states and counts into their tables, each natural key once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ingest.checks import AMOUNTS, KnownKeys
from data.contracts.messages import CountMessage, StateMessage
from data.models import ProductionCount, StateEvent
from data.queries.loading import NONE


@dataclass(slots=True)
class Merge:
    """What a merge did, and which intervals it touched: machine, start, and end or None for an open one."""

    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    touched: list[tuple[int, int, int | None]] = field(default_factory=list)

    def rows(self) -> pd.DataFrame:
        """The touched intervals: machine (id), start_us, end_us, NONE where it is open."""
        ends = [(machine, start, NONE if end is None else end) for machine, start, end in self.touched]
        return pd.DataFrame(ends, columns=["machine", "start_us", "end_us"], dtype=np.int64)


def merged_states(session: Session, known: KnownKeys, messages: Sequence[StateMessage], now_us: int) -> Merge:
    """Add new states; give stored ones an end, or the reason that they lack."""
    merge = Merge()
    if not messages:
        return merge
    event = StateEvent
    found = session.scalars(
        select(event).where(
            event.machine_id.in_({known.machines[one.machine] for one in messages}),
            event.start_us.between(min(m.start_us for m in messages), max(m.start_us for m in messages)),
        )
    )
    there = {(row.machine_id, row.start_us, row.state): row for row in found}
    for one in messages:
        key = (known.machines[one.machine], one.start_us, one.state)
        reason_id = None if one.reason is None else known.reasons[one.reason]
        row = there.get(key)
        if row is None:
            row = StateEvent(
                machine_id=key[0],
                start_us=one.start_us,
                end_us=one.end_us,
                state=one.state,
                reason_id=reason_id,
                received_us=now_us,
            )
            session.add(row)
            there[key] = row
            merge.stored += 1
            merge.touched.append((key[0], one.start_us, one.end_us))
        else:
            _complete(row, one, reason_id, merge)
    return merge


def _complete(row: StateEvent, one: StateMessage, reason_id: int | None, merge: Merge) -> None:
    old_end = row.end_us
    ends = one.end_us is not None and one.end_us != old_end
    explains = reason_id is not None and row.reason_id is None
    if not (ends or explains):
        merge.unchanged += 1
        return
    if ends:
        row.end_us = one.end_us
    if explains:
        row.reason_id = reason_id
    merge.changed += 1
    merge.touched += [(row.machine_id, row.start_us, end) for end in (old_end, row.end_us)]


def merged_counts(session: Session, known: KnownKeys, messages: Sequence[CountMessage], now_us: int) -> Merge:
    """Add new counts; correct stored ones whose numbers differ."""
    merge = Merge()
    if not messages:
        return merge
    count = ProductionCount
    found = session.scalars(
        select(count).where(
            count.machine_id.in_({known.machines[one.machine] for one in messages}),
            count.start_us.between(min(m.start_us for m in messages), max(m.start_us for m in messages)),
        )
    )
    there = {(row.machine_id, row.product_id, row.start_us): row for row in found}
    for one in messages:
        product_id = None if one.product is None else known.products[one.product]
        key = (known.machines[one.machine], product_id, one.start_us)
        row = there.get(key)
        if row is None:
            amounts = {name: float(getattr(one, name)) for name in AMOUNTS}
            row = ProductionCount(
                machine_id=key[0],
                product_id=product_id,
                start_us=one.start_us,
                end_us=one.end_us,
                received_us=now_us,
                **amounts,
            )
            session.add(row)
            there[key] = row
            merge.stored += 1
            merge.touched.append((key[0], one.start_us, one.end_us))
        else:
            _correct(row, one, merge)
    return merge


def _correct(row: ProductionCount, one: CountMessage, merge: Merge) -> None:
    names = ("end_us", *AMOUNTS)
    if all(getattr(row, name) == getattr(one, name) for name in names):
        merge.unchanged += 1
        return
    merge.touched.append((row.machine_id, row.start_us, row.end_us))
    for name in names:
        setattr(row, name, getattr(one, name))
    merge.changed += 1
    merge.touched.append((row.machine_id, row.start_us, row.end_us))
