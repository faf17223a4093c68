"""The row of figures: OEE and its factors, against target and the comparable time before."""

import math

import pandas as pd

from app.production.figures import Question
from app.ui.answers import totals_of
from app.ui.formats import count
from app.ui.scene import Scene
from app.ui.selecting.ranges import TimeRange, week_before
from app.ui.selecting.selection import Selection
from app.ui.tiles import Comparison, kpi_tile, tile_grid

ENOUGH = 0.9
HELP = {
    "oee": "Availability x performance x quality: the share of planned production time that made good parts "
    "at the ideal speed.",
    "availability": "Run time over planned production time. Breakdowns and set-up lower it.",
    "performance": "Ideal cycle time x parts over run time. Minor stops and slow cycles lower it.",
    "quality": "Good parts over all parts.",
    "ooe": "The same good time over scheduled time: planned stops count as well.",
    "teep": "The same good time over calendar time.",
}
LABELS = {
    "oee": "OEE",
    "availability": "Availability",
    "performance": "Performance",
    "quality": "Quality",
    "ooe": "OOE",
    "teep": "TEEP",
}


def is_empty(at: Scene, question: Question) -> bool:
    """Whether nothing was recorded in the range: no part and no minute of production."""
    row = totals_of(at, question)
    return not row["total"] and not row["producing_us"]


def earlier(at: Scene, selection: Selection, question: Question) -> Question:
    """The same question for the comparable time before: the same hours, one or more weeks earlier."""
    start, end = week_before(
        TimeRange(selection.range_key, selection.start_us, selection.end_us, ""), at.zone
    )
    return Question(start, end, question.lines, question.machines, question.shifts, question.products)


def value(row: pd.Series, name: str) -> float | None:
    """A figure of a row, None where it is not evaluable."""
    found = float(row[name])
    return None if math.isnan(found) else found


def figure_tiles(
    at: Scene,
    selection: Selection,
    question: Question,
    names: tuple[str, ...] = ("oee", "availability", "performance", "quality", "ooe", "teep"),
    target: float | None = None,
    output: bool = False,
) -> None:
    """Draw one tile per figure, with `output` also good units and lost time."""
    row = totals_of(at, question)
    before_question = earlier(at, selection, question)
    before = totals_of(at, before_question)
    words = _compared(question, before_question) if _comparable(before) else ""
    with tile_grid(min_width=140, key="figure-tiles"):
        for name in names:
            kpi_tile(
                LABELS[name],
                value(row, name),
                key=name,
                target=target if name == "oee" else at.goal(question, name),
                comparison=Comparison(value(before, name), words) if words else None,
                coverage=value(row, "coverage") if name == "oee" else None,
                bounds=_bounds(row) if name == "oee" else None,
                missing=str(row["missing"]),
                note=str(row["note"]) if name == "oee" else _raw_speed(row, name),
                help_text=HELP[name],
            )
        if output:
            _output_tiles(row, before, words)


def _output_tiles(row: pd.Series, before: pd.Series, words: str) -> None:
    """Good units, and the planned production time that was not fully productive."""
    kpi_tile(
        "Good units",
        float(row["good"]),
        key="good",
        unit="",
        decimals=0,
        comparison=Comparison(float(before["good"]), words) if words else None,
        note=f"{count(row['scrap'] + row['rework'])} scrap and rework",
    )
    kpi_tile(
        "Time lost",
        lost_minutes(row),
        key="lost",
        unit="min",
        comparison=Comparison(lost_minutes(before), words) if words else None,
        better="down",
        missing=str(row["missing"]),
        help_text="Planned production time less fully productive time, all machines together.",
    )


def lost_minutes(row: pd.Series) -> float | None:
    """Minutes of planned production time that were not fully productive; None where OEE is not evaluable."""
    oee = value(row, "oee")
    planned = row["producing_us"] + row["minor_stop_us"] + row["unplanned_stop_us"] + row["setup_us"]
    return None if oee is None else float(planned) * (1 - oee) / 60_000_000


def _comparable(before: pd.Series) -> bool:
    """Whether the earlier time has enough data to be compared with."""
    coverage = value(before, "coverage")
    return bool(before["total"]) and coverage is not None and coverage >= ENOUGH


def _compared(question: Question, before: Question) -> str:
    weeks = round((question.start_us - before.start_us) / (7 * 86_400_000_000))
    return "last week" if weeks == 1 else f"{weeks} weeks ago"


def _bounds(row: pd.Series) -> tuple[float, float] | None:
    low, high = value(row, "oee_lower"), value(row, "oee_upper")
    return None if low is None or high is None else (low, high)


def _raw_speed(row: pd.Series, name: str) -> str:
    if name != "performance" or not bool(row["over_speed"]):
        return ""
    return f"measured {100 * float(row['performance_raw']):.1f} %: faster than the ideal cycle time"
