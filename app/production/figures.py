"""The figures that pages, the command line and the API show: one function each, over the same cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.oee import STOPS, figures, pareto, rollup, six_big_losses, waterfall
from analytics.timeline import Windows, pieces
from analytics.timeline.arrays import Int64s
from analytics.vocabulary import MICROSECONDS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import Span, cells, span
from app.production.happenings import Happenings, calendar, read
from app.production.plant import Plant, plant
from app.production.records.downtime import record_downtime

DIMENSIONS: Final = ("area", "line", "machine", "shift", "day", "product")
"""What figures can be broken down by."""

NO_REASON: Final = "No reason given"
OPERATOR_ERROR: Final = "Operator error"
OTHER_CAUSE: Final = "Not an operator error"
NOT_KNOWN: Final = "Not known"


@dataclass(frozen=True, slots=True)
class Question:
    """Which part of the plant, and when: half-open microseconds; an empty tuple means all. Keys, not ids."""

    start_us: int
    end_us: int
    lines: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


def chosen_machines(known: Plant, question: Question) -> tuple[int, ...]:
    """The ids of the active machines that the question is about. Raises InvalidInput for an unknown key."""
    for key in question.machines:
        if key not in known.machine_by_key:
            raise InvalidInput.at("machine", f"There is no machine '{key}' in this factory.")
    for key in question.lines:
        if key not in known.line_by_key:
            raise InvalidInput.at("line", f"There is no line '{key}' in this factory.")
    lines = {known.line_by_key[key].id for key in question.lines}
    return tuple(
        machine.id
        for machine in known.active
        if (not question.machines or machine.device_key in question.machines)
        and (not lines or machine.line_id in lines)
    )


def selected(access: Access, question: Question) -> pd.DataFrame:
    """The cells of the question, with the ids replaced by keys: area, line, machine, shift, day, product."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    found = cells(access, question.start_us, question.end_us)
    found = found[found["machine"].isin(chosen_machines(known, question))]
    if question.shifts:
        found = found[found["shift"].isin(question.shifts)]
    if question.products:
        ids = [known.product_by_key[key].id for key in question.products if key in known.product_by_key]
        found = found[found["product"].isin(ids)]
    return named(known, found)


def named(known: Plant, found: pd.DataFrame) -> pd.DataFrame:
    """Cells with the keys that people know instead of ids, and the date of the production day."""
    machines = known.machine_by_id
    lines = {line.id: line.key for line in known.rows.lines}
    area_of = {m.id: known.area_of(m.line_id) for m in machines.values()}
    line_of = {m.id: lines.get(m.line_id, "") if m.line_id else "" for m in machines.values()}
    key_of = {m.id: m.device_key for m in machines.values()}
    products = {-1: "", **{p.id: p.key for p in known.rows.products}}
    result = found.copy()
    result["area"] = found["machine"].map(area_of).astype(object)
    result["line"] = found["machine"].map(line_of).astype(object)
    result["machine"] = found["machine"].map(key_of).astype(object)
    result["product"] = found["product"].map(products).astype(object)
    result["day"] = [date.fromordinal(int(day)) for day in found["day"]]
    result["day"] = result["day"].astype(object)
    return result


def totals(access: Access, question: Question) -> pd.DataFrame:
    """One row: the figures of everything that the question is about (columns of `analytics.oee.figures`)."""
    return figures(rollup(selected(access, question), []))


def broken_down(access: Access, question: Question, by: Sequence[str]) -> pd.DataFrame:
    """One row per value of `by` (any of DIMENSIONS, in order): the figures of each part."""
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or not by:
        raise InvalidInput.at("by", f"Figures can be broken down by {', '.join(DIMENSIONS)}.")
    return figures(rollup(selected(access, question), list(by)))


def loss_flow(access: Access, question: Question, by: Sequence[str] = ()) -> pd.DataFrame:
    """Where the time went, from calendar to fully productive (columns of `analytics.oee.waterfall`)."""
    return waterfall(rollup(selected(access, question), list(by)))


def big_losses(access: Access, question: Question, by: Sequence[str] = ()) -> pd.DataFrame:
    """The six big losses in microseconds and as a share of planned production time."""
    return six_big_losses(rollup(selected(access, question), list(by)))


def happened(access: Access, question: Question) -> tuple[Plant, Span, Happenings, Int64s]:
    """The states and windows behind a question, and the ids of its machines."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    chosen = span(access, question.start_us, question.end_us)
    windows = calendar(access, known, chosen.first, chosen.last)
    found = read(access, known, windows, chosen.until_us, with_counts=False)
    machines = np.array(sorted(chosen_machines(known, question)), np.int64)
    return known, chosen, found, machines


def stops_by_reason(access: Access, question: Question, by: Sequence[str] = ("reason",)) -> pd.DataFrame:
    """Which reasons cost the most? The longest first.

    Columns: the `by` columns (reason: its id, machine: its key, day: the date of the production day), name,
    category, is_operator_error, minutes, stops, share, cumulative_share. Measured stops and the downtime of
    performance records (spread evenly over their time) stand together; downtime without a reason is one row
    of its own.
    """
    known, chosen, found, machines = happened(access, question)
    place = ["machine", "day"] if "day" in by else ["machine"]
    measured = pareto(
        found.segments,
        found.classes,
        asked_windows(found, chosen, question, machines),
        until_us=chosen.until_us,
        by=[*place, "reason"],
        include=STOPS,
        machines=machines,
    )
    if "day" in by:
        measured["day"] = [date.fromordinal(int(day)) for day in measured["day"]]
    base = found.windows if isinstance(found.windows, Windows) else next(iter(found.windows.values()))
    asked = without(base, [(0, chosen.start_us), (chosen.end_us, 2**62)], question.shifts)
    written = record_downtime(access, found.records, asked, machines, by_day="day" in by)
    both = pd.concat([measured, written], ignore_index=True)
    both["reason"] = both["reason"].astype("int64")
    both["machine"] = both["machine"].map({m.id: m.device_key for m in known.rows.machines})
    table = both.groupby(list(by), as_index=False, sort=True)[["time_us", "stops"]].sum()
    return _described(known, table.sort_values("time_us", ascending=False, kind="stable", ignore_index=True))


def stops_by_cause(access: Access, question: Question) -> pd.DataFrame:
    """How much of the stop time did people cause? One row per cause: operator error, other, not known.

    Columns: cause, time_us, stops, minutes, share, cumulative_share, the longest first. A reason that does
    not say whether it is an operator's error, and stops without a reason, are "not known".
    """
    known = plant(access)
    table = stops_by_reason(access, question)
    words = {True: OPERATOR_ERROR, False: OTHER_CAUSE, None: NOT_KNOWN}
    flags = {reason.id: words[reason.is_operator_error] for reason in known.rows.reasons}
    table["cause"] = [flags.get(int(reason), NOT_KNOWN) for reason in table["reason"]]
    sums = table.groupby("cause", as_index=False, sort=True)[["time_us", "stops"]].sum()
    return _described(known, sums.sort_values("time_us", ascending=False, kind="stable", ignore_index=True))


def _described(known: Plant, table: pd.DataFrame) -> pd.DataFrame:
    """Names beside ids, minutes and shares beside microseconds."""
    if "reason" in table.columns:
        reasons = [known.reason_by_id.get(int(reason)) for reason in table["reason"]]
        table["name"] = [reason.name if reason else NO_REASON for reason in reasons]
        table["category"] = [reason.category if reason else "" for reason in reasons]
        table["is_operator_error"] = [bool(reason and reason.is_operator_error) for reason in reasons]
    total = int(table["time_us"].sum())
    table["minutes"] = table["time_us"] / (60 * MICROSECONDS)
    table["share"] = table["time_us"] / total if total else 0.0
    table["cumulative_share"] = table["time_us"].cumsum() / total if total else 0.0
    return table


def asked_windows(
    found: Happenings, chosen: Span, question: Question, machines: Int64s
) -> dict[int, Windows]:
    """Each machine's windows inside the range and the shifts of a question, without its records' time."""
    result = {}
    for machine in machines.tolist():
        base = found.windows[machine] if isinstance(found.windows, dict) else found.windows
        assert isinstance(base, Windows)  # noqa: S101 - the other branch was taken above
        mine = found.records[found.records["machine"] == machine]
        holes = zip(mine["start_us"].tolist(), mine["end_us"].tolist(), strict=True)
        result[machine] = without(
            base, [(0, chosen.start_us), *holes, (chosen.end_us, 2**62)], question.shifts
        )
    return result


def without(windows: Windows, holes: Sequence[tuple[int, int]], shifts: Sequence[str] = ()) -> Windows:
    """The windows with stretches cut out and, where shifts are named, only theirs."""
    wanted = np.isin(windows.shift_key, list(shifts)) if shifts else np.ones(len(windows), np.bool_)
    low = np.array(sorted(begin for begin, _ in holes), np.int64)
    high = np.array(sorted(end for _, end in holes), np.int64)
    start = np.unique(np.concatenate((windows.start_us, low, high)))
    row = np.searchsorted(windows.start_us, start, "right") - 1
    end = np.minimum(np.append(start[1:], start[-1:]), np.append(windows.end_us, 0)[row])
    is_open = np.searchsorted(low, start, "right") == np.searchsorted(high, start, "right")
    kept = (row >= 0) & (end > start) & is_open & np.append(wanted, False)[row]
    at = row[kept]
    return replace(
        windows,
        start_us=start[kept],
        end_us=end[kept],
        day=windows.day[at],
        shift=windows.shift[at],
        scheduled=windows.scheduled[at],
    )


def timeline_pieces(access: Access, question: Question) -> pd.DataFrame:
    """What each machine did in the range: machine (key), start_us, end_us, state, time_class, reason (name).

    Pieces are cut at shifts, breaks and now; time without data is a piece of its own.
    """
    known, chosen, found, machines = happened(access, question)
    line = pieces(found.segments, found.classes, found.windows, until_us=chosen.until_us, machines=machines)
    line = line[(line["end_us"] > chosen.start_us) & (line["start_us"] < chosen.end_us)].copy()
    line["start_us"] = line["start_us"].clip(lower=chosen.start_us)
    line["end_us"] = line["end_us"].clip(upper=chosen.end_us)
    line["machine"] = line["machine"].map({m.id: m.device_key for m in known.rows.machines})
    names = {reason.id: reason.name for reason in known.rows.reasons}
    line["reason"] = line["reason"].map(names).fillna("").astype(object)
    return line.reset_index(drop=True)
