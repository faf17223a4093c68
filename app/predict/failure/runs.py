"""The runs of a machine: from a repair or a service until the next failure, with its hourly signals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from app.bootstrap import Access
from app.maintenance.orders import DONE, OrderSearch, orders
from app.predict.failure.hourly import HOUR_US, Failures, failures_of, is_signal
from app.shop.fittings import fittings
from data.telemetry import Windows

RUN: Final = "run"
HOURS: Final = "hours"
SERVICES: Final = ("planned", "preventive")
"""Corrective orders are the same repairs as the ends of failures, so they begin nothing anew."""
MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """One machine at work in [start_us, end_us)."""

    machine: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Runs:
    """What a machine has run: `finished` until a failure, `now` until today (none while it stands failed or
    where nobody knows since when it runs), and how many runs a service cut short, which teach nothing.
    `is_begun`: whether a failure or service is known from which on runs count.
    """

    finished: tuple[Run, ...]
    now: Run | None
    cut_short: int
    is_begun: bool


def runs_of(
    access: Access, machine: str, span: tuple[int, int], least_stop_min: float, *, count_tools: bool = False
) -> Runs:
    """The runs of a machine inside the span. What ran before its first repair began earlier and is left out.

    A run begins where a failure of at least so many minutes ends, where planned or preventive work is done,
    and, if `count_tools`, where a tool is fitted.
    """
    known = failures_of(access, machine, *span, least_stop_min)
    return cut(machine, known, _services(access, machine, span, count_tools=count_tools), span[1])


def cut(machine: str, known: Failures, services: Sequence[int], until_us: int) -> Runs:
    """The runs between failures and services (moments); an open failure ends the last one."""
    ends = zip(known.start_us.tolist(), known.end_us.tolist(), strict=True)
    moments = sorted([(start, end) for start, end in ends] + [(at, at) for at in services])
    finished, begun, short = [], None, 0
    for start, end in moments:
        if begun is not None and start > begun:
            if end > start:
                finished.append(Run(machine, begun, start))
            else:
                short += 1
        begun = max(end, begun or 0)
    now = Run(machine, begun, until_us) if begun is not None and begun < until_us else None
    return Runs(tuple(finished), now, short, begun is not None)


def _services(access: Access, machine: str, span: tuple[int, int], *, count_tools: bool) -> list[int]:
    search = OrderSearch(states=(DONE,), kinds=SERVICES, machines=(machine,), moved_from_us=span[0])
    done, _ = orders(access, search, most=MOST)
    at = [one.end_us for one in done if one.end_us is not None]
    if count_tools:
        at += [one.fitted_us for one in fittings(access, machine=machine, most=MOST)]
    return [us for us in at if span[0] <= us < span[1]]


def signals(access: Access, known: Sequence[Run], *, is_finished: bool) -> pd.DataFrame:
    """One row per full hour of each run: `run` (its place), `hours` since its begin, hourly means of signals.

    Where the runs have finished, each ends with a row at its failure, without values: the readings may end
    before it. Signals that one of the machines has not are left out, labels too; hours without readings
    are missing, and so are runs that have none. No rows: an empty frame.
    """
    parts = []
    for machine in sorted({one.machine for one in known}):
        mine = [(place, one) for place, one in enumerate(known) if one.machine == machine]
        parts.append(_of_machine(access, mine, is_finished=is_finished))
    parts = [one for one in parts if len(one)]
    return pd.concat(parts, join="inner", ignore_index=True) if parts else pd.DataFrame()


def _of_machine(access: Access, mine: list[tuple[int, Run]], *, is_finished: bool) -> pd.DataFrame:
    first = min(one.start_us for _, one in mine) // HOUR_US * HOUR_US
    last = -(-max(one.end_us for _, one in mine) // HOUR_US) * HOUR_US
    windows = Windows.every(first, last, HOUR_US)
    table = access.gemba.telemetry.aggregate(access.factory.slug, windows, [mine[0][1].machine], None)
    table = table[table["parameter"].map(is_signal)]
    wide = table.pivot(index="start_us", columns="parameter", values="mean").astype(np.float64)
    begin = wide.index.to_numpy(np.int64)
    parts = []
    for place, one in mine:
        part = wide[(begin >= one.start_us) & (begin + HOUR_US <= one.end_us)]
        if part.empty:
            continue
        at = (part.index.to_numpy(np.int64) + HOUR_US - one.start_us) / HOUR_US
        part = part.reset_index(drop=True)
        if is_finished:
            part = part.reindex(range(len(part) + 1))
            at = np.append(at, (one.end_us - one.start_us) / HOUR_US)
        part.insert(0, RUN, place)
        part.insert(1, HOURS, at)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
