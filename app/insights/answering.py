"""Answers to questions in plain words: every figure comes from the KPI registry or the stores."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.kpis import BY_ID, SYMBOLS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.insights.questions import LOSSES, STOPS, Names, Query, taken_apart
from app.insights.spans import Clock
from app.insights.words import HOUR_US, hours, of_kpi, written
from app.kpis.elements import elements
from app.kpis.values import kpi_trend, kpi_values, parts_of
from app.production.figures import Question, big_losses, stops_by_reason
from app.production.happenings import pattern
from app.production.measured.energy import energy
from app.production.plant import Plant, plant
from data.models import to_us

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, the rows behind it, the query that was understood, and the words that meant nothing."""

    sentence: str
    query: str
    rows: tuple[dict[str, Any], ...]
    unknown: tuple[str, ...]
    start_us: int
    end_us: int
    unit: str = ""
    """The unit of what the rows call value."""


def answer(access: Access, text: str) -> Answer:
    """What do the registry and the stores say to this question?

    InvalidInput where no figure is named; a word that meant nothing is told, never silently dropped.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    factory = access.factory
    clock = Clock(to_us(access.now), factory.zone, factory.day_start_min)
    query = taken_apart(text, names_of(known), clock)
    sentence, rows = _answered(access, known, query)
    asked = query.question
    unit = _unit(query.measure).replace("money", factory.currency)
    return Answer(sentence, query.written, tuple(rows), query.unknown, asked.start_us, asked.end_us, unit)


def _unit(measure: str) -> str:
    if measure in BY_ID:
        return BY_ID[measure].unit
    return SYMBOLS[measure[1:]].unit if measure.startswith("#") else ""


def names_of(known: Plant) -> Names:
    """The names and keys of the plant's parts."""
    shifts = [pattern(one) for one in known.rows.shifts]
    return Names(
        _called([(one.device_key, one.name) for one in known.active]),
        _called([(one.key, one.name) for one in known.rows.lines]),
        {f"{word} shift": one.key for one in shifts for word in (one.key.casefold(), one.name.casefold())}
        | {one.name.casefold(): one.key for one in shifts if "shift" in one.name.casefold()},
        _called([(one.key, one.name or one.key) for one in known.rows.products]),
    )


def _called(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Keys by key and by name; a name that two share names neither."""
    names = [name.casefold() for _, name in pairs]
    found = {name: key for (key, name) in [(k, n.casefold()) for k, n in pairs] if names.count(name) == 1}
    return found | {key.casefold(): key for key, _ in pairs}


def _answered(access: Access, known: Plant, query: Query) -> tuple[str, list[dict[str, Any]]]:
    if query.measure == STOPS:
        return _stops(access, known, query)
    if query.measure == LOSSES:
        return _losses(access, known, query)
    if query.by:
        return _broken_down(access, known, query)
    return _single(access, known, query)


def _of(known: Plant, query: Query) -> str:
    """Of which part of the plant, in words."""
    asked = query.question
    named = [known.machine_by_key[key].name for key in asked.machines]
    named += [known.line_by_key[key].name for key in asked.lines]
    shifts = {one.key: one.name for one in known.rows.shifts}
    named += [f"shift {shifts.get(key, key)}" for key in asked.shifts] + list(asked.products)
    return ", ".join(named) or "the plant"


def _single(access: Access, known: Plant, query: Query) -> tuple[str, list[dict[str, Any]]]:
    where = f"{_of(known, query)}, {query.range_words}"
    currency = access.factory.currency
    if query.measure.startswith("#"):
        symbol = SYMBOLS[query.measure[1:]]
        value = _amount(access, query.measure[1:], query.question)
        said = written(value, symbol.unit)
        return f"{symbol.name.capitalize()} of {where}: {said}.", [
            {"part": _of(known, query), "value": value}
        ]
    [found] = kpi_values(access, query.question, [query.measure])
    if found.value is None:
        return f"{found.kpi.name} of {where} is not evaluable: {found.reason}.", []
    said = f"{found.kpi.name} of {where}: {of_kpi(found.kpi, found.value, currency)}"
    if found.reason:
        said += f" ({found.reason})"
    if found.lower is not None and found.upper is not None and found.lower != found.upper:
        low, high = (of_kpi(found.kpi, one, currency) for one in (found.lower, found.upper))
        said += f", between {low} and {high} whatever happened in the time without data"
    row = {"part": _of(known, query), "value": found.value, "lower": found.lower, "upper": found.upper}
    return f"{said}.", [{**row, "coverage": found.coverage}]


def _broken_down(access: Access, known: Plant, query: Query) -> tuple[str, list[dict[str, Any]]]:
    table, name, unit, better = _trend(access, query)
    names = _labels(known, query.by)
    table = table.rename(columns={"reason": "remark"})
    table[query.by] = [names.get(str(one), str(one)) for one in table[query.by]]
    if query.order:
        rising = query.order in {"lowest", "best" if better == "down" else "worst"}
        table = table.sort_values("value", ascending=rising, kind="stable", na_position="last")
    table = table.head(query.most) if query.most else table
    rows = table.to_dict("records")
    head = f"{name} of {_of(known, query)} by {query.by}, {query.range_words}"
    told = [row for row in rows if row["value"] is not None and row["value"] == row["value"]]
    if not told:
        return f"{head}: nothing is evaluable.", _plain(rows)
    currency = access.factory.currency
    said = "; ".join(f"{row[query.by]} {written(row['value'], unit, currency)}" for row in told[:SHOWN])
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return f"{head}: {said}{more}.", _plain(rows)


def _trend(access: Access, query: Query) -> tuple[pd.DataFrame, str, str, str]:
    """The measure by a dimension, with its name, unit and better direction."""
    if not query.measure.startswith("#"):
        kpi = BY_ID[query.measure]
        return kpi_trend(access, query.question, kpi.id, query.by), kpi.name, kpi.unit, kpi.better
    symbol = query.measure[1:]
    rows = [
        (part, _amount(access, symbol, asked)) for part, asked in parts_of(access, query.question, query.by)
    ]
    found = SYMBOLS[symbol]
    better = "down" if symbol in {"E", "FE"} else "up"
    return pd.DataFrame(rows, columns=[query.by, "value"]), found.name.capitalize(), found.unit, better


def _amount(access: Access, symbol: str, question: Question) -> float | None:
    """An element; energy as the page Energy counts it: what is known, however little that is."""
    if symbol != "E" or question.shifts or question.products:
        return elements(access, question).values.get(symbol)
    used = energy(access, question)
    return float(used["kwh"].sum()) if len(used) and float(used["covered_s"].sum()) > 0 else None


def _labels(known: Plant, by: str) -> dict[str, str]:
    if by == "machine":
        return {one.device_key: one.name for one in known.rows.machines}
    if by == "line":
        return {one.key: one.name for one in known.rows.lines}
    return {one.key: one.name for one in known.rows.shifts} if by == "shift" else {}


def _stops(access: Access, known: Plant, query: Query) -> tuple[str, list[dict[str, Any]]]:
    by = query.by if query.by in {"machine", "reason"} else "reason"
    table = stops_by_reason(access, query.question, (by,))
    if query.order in {"best", "lowest"}:
        table = table.sort_values("time_us", kind="stable")
    names = _labels(known, by)
    whole = float(table["time_us"].sum())
    labels = table["name"] if by == "reason" else table["machine"].map(names)
    rows = [
        {by: label, "hours": time / HOUR_US, "stops": int(stops), "share": time / whole if whole else None}
        for label, time, stops in zip(labels, table["time_us"].tolist(), table["stops"].tolist(), strict=True)
    ][: query.most or None]
    where = f"{_of(known, query)}, {query.range_words}"
    if not rows:
        return f"There was no stop: {where}.", []
    told = "; ".join(
        f"{row[by]} {hours(row['hours'] * HOUR_US)} in {_stops_of(row['stops'])}" for row in rows[:5]
    )
    return f"Stops of {where}: {hours(whole)} in all. {told}.", _plain(rows)


def _stops_of(number: int) -> str:
    return f"{number} stop{'' if number == 1 else 's'}"


def _losses(access: Access, known: Plant, query: Query) -> tuple[str, list[dict[str, Any]]]:
    found = big_losses(access, query.question)
    found = found[found["loss_us"] > 0].sort_values("loss_us", ascending=False, kind="stable")
    where = f"{_of(known, query)}, {query.range_words}"
    if found.empty:
        return f"No loss is known of {where}.", []
    rows = [
        {"loss": str(row["loss"]).replace("_", " "), "hours": row["loss_us"] / HOUR_US, "share": row["share"]}
        for row in found.to_dict("records")
    ]
    said = "; ".join(
        f"{str(loss).replace('_', ' ')} {hours(lost)}"
        for loss, lost in zip(found["loss"], found["loss_us"], strict=True)
    )
    stops = stops_by_reason(access, query.question).head(1)
    most = ""
    if len(stops):
        most = (
            f" The largest reason for stops is {stops['name'].iloc[0]} ({hours(stops['time_us'].iloc[0])})."
        )
    return f"Losses of {where}: {said}.{most}", _plain(rows)


def _plain(rows: list[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Rows for JSON: dates as text, missing numbers as None."""
    return [
        {
            str(key): None
            if isinstance(value, float) and value != value  # noqa: PLR0124
            else value.isoformat()
            if hasattr(value, "isoformat")
            else value
            for key, value in row.items()
        }
        for row in rows
    ]
