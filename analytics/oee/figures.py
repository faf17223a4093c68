"""Availability, performance, quality, OEE and their relatives: the one place that computes them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.oee.columns import SUMMED_COLUMNS
from analytics.timeline.arrays import Flags, Floats, Int64s

NO_PARTS = "no parts were made in this period"
NO_DATA = "there is no data for this period"
NO_RUN = "parts were counted while the machine did not run"
OVER_SPEED = "faster than the ideal cycle time: performance is capped at 100 %"
REPORTED_TWICE = "stops overlap: their common time is counted once"
MISSING_IDEAL = "ideal cycle time"
MISSING_PLAN = "planned production time"


def rollup(elements: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The sums of the cells by any of their columns, or over all of them with no keys.

    Every figure of a roll-up is a ratio of these sums (`figures`), never a mean of ratios. Further key
    columns, such as a line, may have been merged into the cells before. Returns the keys, ascending, and
    the summed columns.
    """
    check_cells(elements)
    sums = list(SUMMED_COLUMNS)
    if not keys:
        return elements[sums].sum().to_frame().T.astype(elements[sums].dtypes.to_dict())
    return elements.groupby(list(keys), sort=True, as_index=False, observed=True)[sums].sum()


def figures(cells: pd.DataFrame) -> pd.DataFrame:
    """How effective was each cell or roll-up?

    Returns the rows with added columns (ratios from 0 to 1 as float64, NaN where not evaluable):
    availability = run / planned production, run = producing + minor stops, planned production = run +
    unplanned stops + set-up; performance_raw = ideal / run, performance = that, capped at 1, over_speed
    says where; quality = good / total; oee = availability x performance x quality, oee_raw with the raw
    performance; ooe over scheduled time (planned production + planned stops), teep over calendar time;
    coverage = 1 - unknown / (scheduled + unknown); oee_lower, oee_upper: OEE if all unknown time were lost,
    or fully productive; missing: what is lacking for OEE, "" where it can be computed; note: what a reader
    must know. No parts: OEE is 0 and the note says so. Parts without an ideal cycle time: performance and
    OEE are NaN. Formulas: ISO 22400-2 with classic availability (run over planned production); TEEP and OOE
    as commonly used.
    """
    check_cells(cells)
    number = {name: cells[name].to_numpy() for name in SUMMED_COLUMNS}
    run = number["producing_us"] + number["minor_stop_us"]
    planned = run + number["unplanned_stop_us"] + number["setup_us"]
    scheduled = planned + number["planned_stop_us"]
    total, unknown = number["total"], number["unknown_us"]
    lacking = number["total_without_ideal"] > 0
    ideal = np.where(lacking, np.nan, number["ideal_us"])
    quality = ratio(number["good"], total)
    made = np.where(total > 0, quality, 0.0)
    productive = np.minimum(ideal, run) * made
    productive[total == 0] = 0.0
    performance_raw = ratio(np.where(total > 0, ideal, 0.0), run)
    over_speed = ~lacking & (number["ideal_us"] > run) & (run > 0)
    result = cells.copy()
    result["availability"] = ratio(run, planned)
    result["performance"] = np.minimum(performance_raw, 1.0)
    result["performance_raw"] = performance_raw
    result["over_speed"] = over_speed
    result["quality"] = quality
    result["oee"] = ratio(productive, planned)
    result["oee_raw"] = ratio(np.where(total > 0, ideal, 0.0) * made, planned)
    result["ooe"] = ratio(productive, scheduled)
    result["teep"] = ratio(productive, number["calendar_us"])
    result["coverage"] = 1.0 - ratio(unknown, scheduled + unknown)
    result["oee_lower"] = ratio(productive, planned + unknown)
    result["oee_upper"] = ratio(productive + unknown, planned + unknown)
    result["missing"] = _missing(lacking, planned)
    result["note"] = _notes(number, run, planned, over_speed)
    return result


def ratio(above: Floats | Int64s, below: Floats | Int64s) -> Floats:
    """above / below, NaN where there is nothing below."""
    known = below > 0
    result = np.full(len(below), np.nan)
    np.divide(above, below, out=result, where=known)
    return result


def check_cells(cells: pd.DataFrame) -> None:
    """InvalidInput where a summed column is absent or negative, or more parts are good than were made."""
    for name in SUMMED_COLUMNS:
        if name not in cells.columns:
            raise InvalidInput.at(name, f"The column {name} is missing.")
        if not (cells[name] >= 0).all():
            raise InvalidInput.at(name, f"{name} must not be negative or missing.")
    slack = 1e-9 * (1 + cells["total"])
    if (cells["good"] > cells["total"] + slack).any():
        raise InvalidInput.at("good", "There are more good parts than parts in total.")


def _missing(lacking: Flags, planned: Int64s) -> list[str]:
    rows = zip(lacking.tolist(), (planned == 0).tolist(), strict=True)
    return [
        ", ".join(text for text, wanted in ((MISSING_PLAN, empty), (MISSING_IDEAL, cycle)) if wanted)
        for cycle, empty in rows
    ]


def _notes(
    number: dict[str, Floats],
    run: Int64s,
    planned: Int64s,
    over_speed: Flags,
) -> list[str]:
    total = number["total"]
    remarks = (
        (NO_PARTS, (total == 0) & (planned > 0)),
        (NO_DATA, (planned == 0) & (number["unknown_us"] > 0)),
        (NO_RUN, (total > 0) & (run == 0)),
        (OVER_SPEED, over_speed),
        (REPORTED_TWICE, number["overlap_us"] > 0),
    )
    texts = [text for text, _ in remarks]
    return [
        "; ".join(text for text, holds in zip(texts, row, strict=True) if holds)
        for row in np.stack([holds for _, holds in remarks], axis=1).tolist()
    ]
