"""OEE by day and shift, where the time went, and the reasons of stops."""

import pandas as pd

from analytics.vocabulary import LOSS_LABELS, Loss
from app.production.figures import big_losses, broken_down, loss_flow
from app.reports.content.document import Chart, Column, Section, Table, table
from app.reports.content.inputs import Inputs

HOUR_US = 3_600_000_000
MOST_REASONS = 15
STEPS = {
    "calendar_us": "Calendar time", "not_scheduled_us": "Not scheduled", "unknown_us": "No data",
    "planned_stop_us": "Planned stops", "unplanned_stop_us": "Unplanned stops", "setup_us": "Set-up",
    "minor_stop_us": "Minor stops", "speed_us": "Reduced speed", "defect_us": "Defects",
    "startup_us": "Start-up", "undivided_us": "Not divisible", "fully_productive_us": "Fully productive",
}  # fmt: skip
FIGURES = {
    "oee": Column("OEE", "share"), "availability": Column("Availability", "share"),
    "performance": Column("Performance", "share"), "quality": Column("Quality", "share"),
    "ooe": Column("OOE", "share"), "teep": Column("TEEP", "share"),
    "oee_lower": Column("OEE at least", "share"), "oee_upper": Column("OEE at most", "share"),
    "coverage": Column("Coverage", "share"),
    "good": Column("Good", "whole"), "total": Column("Total", "whole"),
}  # fmt: skip


def oee(inputs: Inputs) -> Section:
    """How effective, and why not more?"""
    days = _figures(inputs, "day", Column("Day", "day"))
    shifts = _figures(inputs, "shift", Column("Shift"))
    flow, losses, reasons = _flow(inputs), _losses(inputs), _reasons(inputs)
    charts = [
        Chart("OEE by day", "line", days.key, "Day", ("OEE", "Availability", "Performance", "Quality"), "%"),
        Chart("Time lost by the six big losses", "bar", losses.key, "Loss", ("Time",), "h"),
        Chart("Stop time by reason", "bar", reasons.key, "Reason", ("Time",), "h", 0, MOST_REASONS),
    ]
    tables = (days, shifts, flow, losses, reasons)
    filled = {one.key for one in tables if one.rows}
    return Section(
        "oee", "OEE and losses", _sentences(losses), (), tables,
        tuple(one for one in charts if one.table in filled),
    )  # fmt: skip


def _figures(inputs: Inputs, by: str, column: Column) -> Table:
    frame = broken_down(inputs.access, inputs.question, (by,))
    if by == "shift":
        known = inputs.plant.shift_by_key
        names = [known[one].name if one in known else "Outside shifts" for one in frame["shift"]]
        frame = frame.assign(shift=names)
    return table(f"oee-{by}", f"Figures by {by}", frame, {by: column, **FIGURES})


def _flow(inputs: Inputs) -> Table:
    row = loss_flow(inputs.access, inputs.question).iloc[0]
    frame = pd.DataFrame(
        {"part": list(STEPS.values()), "hours": [float(row[name]) / HOUR_US for name in STEPS]}
    )
    columns = {"part": Column("Part"), "hours": Column("Time", "number", "h")}
    return table("loss-flow", "From calendar time to fully productive time", frame, columns)


def _losses(inputs: Inputs) -> Table:
    frame = big_losses(inputs.access, inputs.question)
    frame = frame.assign(
        name=[LOSS_LABELS[Loss(one)] for one in frame["loss"]], hours=frame["loss_us"] / HOUR_US
    )
    columns = {
        "name": Column("Loss"), "hours": Column("Time", "number", "h"),
        "share": Column("Of planned production", "share"),
    }  # fmt: skip
    return table("six-losses", "The six big losses", frame, columns)


def _reasons(inputs: Inputs) -> Table:
    frame = inputs.stops.assign(hours=inputs.stops["minutes"] / 60)
    columns = {
        "name": Column("Reason"), "category": Column("Category"), "hours": Column("Time", "number", "h"),
        "stops": Column("Stops", "whole"), "share": Column("Share", "share"),
        "cumulative_share": Column("Cumulative", "share"),
    }  # fmt: skip
    return table("stop-reasons", "Stops by reason", frame, columns)


def _sentences(losses: Table) -> tuple[str, ...]:
    ranked = sorted(losses.rows, key=lambda row: -float(row[1] or 0))  # type: ignore[arg-type]
    if not ranked or not ranked[0][1]:
        return ()
    share = ranked[0][2]
    part = f", {100 * float(share):.0f} % of planned production time" if isinstance(share, float) else ""
    return (f"The largest loss was '{ranked[0][0]}' with {float(ranked[0][1]):.1f} h{part}.",)  # type: ignore[arg-type]
