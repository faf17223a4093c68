"""Where the time went, as charts whose titles say the finding."""

from datetime import date

import numpy as np
import pandas as pd

from analytics.vocabulary import ReasonCategory, TimeClass
from app.production.figures import Question
from app.ui.answers import figures_of, flow_of, pieces_of, stops_of
from app.ui.charts.chart import Click
from app.ui.charts.chart_card import chart_card
from app.ui.figures.heatmap import heatmap
from app.ui.figures.pareto import pareto
from app.ui.figures.trend import trend
from app.ui.figures.waterfall import waterfall
from app.ui.formats import duration, percent
from app.ui.palette import CLASS_TONES
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection, narrow
from app.ui.selecting.zone import local_times

MINUTE_US = 60_000_000
MOST_DAYS = 14
"""More days than this make rows too many to read: the map then shows weekdays."""
STEPS = (
    ("Calendar time", "calendar_us", "total"),
    ("Not scheduled", "not_scheduled_us", "not_scheduled"),
    ("No data", "unknown_us", "unknown"),
    ("Planned stops", "planned_stop_us", "planned_stop"),
    ("Planned production", "planned_production_us", "total"),
    ("Breakdowns", "unplanned_stop_us", "breakdown"),
    ("Set-up", "setup_us", "setup"),
    ("Run time", "run_us", "total"),
    ("Minor stops", "minor_stop_us", "minor_stop"),
    ("Reduced speed", "speed_us", "reduced_speed"),
    ("Defects", "defect_us", "defect"),
    ("Start-up scrap", "startup_us", "startup"),
    ("Ideal cycle unknown", "undivided_us", "unknown"),
    ("Fully productive", "fully_productive_us", "result"),
)
LOSS_STEPS = frozenset({"breakdown", "setup", "minor_stop", "reduced_speed", "defect", "startup"})


def waterfall_card(
    at: Scene, selection: Selection, question: Question, height: int | None = None
) -> Click | None:
    """From calendar time to fully productive time; a click on a step names the loss."""
    flow = flow_of(at, question).iloc[0]
    rows = [
        (label, float(flow[column]) / MINUTE_US, kind)
        for label, column, kind in STEPS
        if kind in {"total", "result"} or float(flow[column]) > 0
    ]
    steps = pd.DataFrame(rows, columns=["label", "minutes", "kind"])
    event = chart_card(
        waterfall(steps, title=""),
        steps[["label", "minutes"]],
        key="waterfall",
        title="Where the time went",
        finding=biggest_loss(steps),
        on_click=True,
        zoom=False,
        height=height,
        revision=selection.revision,
    )
    return event.click


def biggest_loss(steps: pd.DataFrame) -> str:
    """One sentence: the largest of the six big losses and its share of what was lost."""
    losses = steps[steps["kind"].isin(LOSS_STEPS)]
    total = float(losses["minutes"].sum())
    if not total:
        return "No time was lost."
    top = losses.iloc[int(losses["minutes"].to_numpy().argmax())]
    share = percent(float(top["minutes"]) / total, 0)
    return f"{top['label']} took {duration(float(top['minutes']))}, {share} of the {duration(total)} lost."


def pareto_card(
    at: Scene,
    selection: Selection,
    question: Question,
    by: str = "reason",
    title: str = "Stops by reason",
    most: int = 12,
    height: int | None = None,
) -> Click | None:
    """The reasons (or machines) that cost the most; a click names one (its name, or the machine's)."""
    table = stops_of(at, question, (by,))
    labels = table["name"] if by == "reason" else table["machine"].map(at.names)
    finding = ""
    if len(table):
        first = percent(float(table["share"].iloc[0]), 0)
        finding = f"{labels.iloc[0]}: {duration(float(table['minutes'].iloc[0]))}, {first} of all stop time."
    shown = pd.DataFrame({by: labels, "minutes": table["minutes"].round(1), "stops": table["stops"]})
    shown["share"] = (100 * table["share"]).round(1)
    event = chart_card(
        pareto(
            list(labels),
            list(table["minutes"]),
            list(table["stops"]),
            title="",
            colors=_stop_colors(table),
            most=most,
        ),
        shown,
        key=f"pareto-{by}",
        title=title,
        finding=finding or "No stop was recorded.",
        on_click=True,
        zoom=False,
        height=height,
        revision=selection.revision,
    )
    return event.click


def _stop_colors(table: pd.DataFrame) -> list[str]:
    """The colour of each reason's time class, as in the waterfall and on the timeline."""
    if "category" not in table.columns:
        return ["@muted"] * len(table)
    kinds = {ReasonCategory.SETUP: TimeClass.SETUP, ReasonCategory.PLANNED: TimeClass.PLANNED_STOP}
    return [CLASS_TONES[kinds.get(item, TimeClass.UNPLANNED_STOP)].token for item in table["category"]]


def trend_card(at: Scene, selection: Selection, question: Question, target: float | None) -> Click | None:
    """OEE per production day with its bounds; a click names the day."""
    days = figures_of(at, question, ("day",))
    known = days[~days["oee"].isna()]
    finding = "Nothing to compare yet."
    if len(known) > 1:
        oee = known["oee"].to_numpy()
        best, worst = known.iloc[int(oee.argmax())], known.iloc[int(oee.argmin())]
        finding = (
            f"Best {percent(float(best['oee']))} on {best['day']:%a %d %b}, "
            f"worst {percent(float(worst['oee']))} on {worst['day']:%a %d %b}."
        )
    shown = days[["day", "oee", "availability", "performance", "quality", "coverage"]]
    event = chart_card(
        trend(
            list(days["day"]),
            days["oee"].to_numpy(),
            title="",
            target=target,
            lower=days["oee_lower"].to_numpy(),
            upper=days["oee_upper"].to_numpy(),
            coverage=days["coverage"].to_numpy(),
            zone_title=f"Production day ({at.access.factory.timezone})",
        ),
        shown,
        key="trend",
        title="OEE per day",
        finding=finding,
        on_click=True,
        revision=selection.revision,
    )
    return event.click


def to_day(click: Click | None) -> None:
    """Narrow the page to the day that was clicked."""
    if click is not None and click.customdata:
        narrow(day=date.fromisoformat(str(click.customdata)))


def to_machine(at: Scene, click: Click | None) -> None:
    """Narrow the page to the machine whose bar was clicked."""
    if click is None:
        return
    key = next((key for key, name in at.names.items() if name == click.customdata), None)
    if key is not None:
        narrow(machine=key)


def heatmap_card(at: Scene, selection: Selection, question: Question, height: int | None = None) -> None:
    """Lost minutes per hour of day, by production day; over a longer range, the mean of each weekday."""
    lost = lost_minutes(at, question)
    if lost is None:
        return
    days, grid, first_hour = lost
    is_long = len(days) > MOST_DAYS
    names = [f"{day:%a %d %b}" for day in days]
    if is_long:
        days, grid = by_weekday(days, grid)
        names = [f"{day:%A}" for day in days]
    row, column = (int(one) for one in np.unravel_index(int(grid.argmax()), grid.shape))
    hour = (first_hour + column) % 24
    finding = f"Most is lost from {hour:02d}:00: {names[row]}, {grid[row, column]:.0f} min"
    table = pd.DataFrame(np.round(grid, 1), columns=[f"{(first_hour + k) % 24:02d}:00" for k in range(24)])
    table.insert(0, "day", names)
    chart_card(
        heatmap(
            days,
            grid,
            title="",
            measure="Lost",
            unit="min",
            zone_title=f"Hour ({at.access.factory.timezone})",
            first_hour=first_hour,
            names=names,
        ),
        table,
        key="heatmap",
        title="When the time is lost" + (", mean of each weekday" if is_long else ""),
        finding=f"{finding}{' in the mean' if is_long else ''}, all machines together.",
        zoom=False,
        height=height,
        revision=selection.revision,
    )


def by_weekday(days: list[date], grid: np.ndarray) -> tuple[list[date], np.ndarray]:
    """The mean of the rows of each weekday, Monday first, with the first such day of the range.

    >>> monday, tuesday = date(2026, 11, 2), date(2026, 11, 3)
    >>> by_weekday([monday, tuesday, date(2026, 11, 9)], np.array([[2.0], [5.0], [4.0]]))[1].tolist()
    [[3.0], [5.0]]
    """
    weekday = np.array([day.weekday() for day in days])
    kinds = np.unique(weekday)
    means = np.array([grid[weekday == kind].mean(axis=0) for kind in kinds])
    return [days[int(np.flatnonzero(weekday == kind)[0])] for kind in kinds], means


def lost_minutes(at: Scene, question: Question) -> tuple[list[date], np.ndarray, int] | None:
    """Stop minutes (unplanned, set-up, minor) per production day and local hour, all machines together."""
    line = pieces_of(at, question)
    stops = line[
        line["time_class"].isin(
            [int(TimeClass.UNPLANNED_STOP), int(TimeClass.SETUP), int(TimeClass.MINOR_STOP)]
        )
    ]
    if stops.empty:
        return None
    shift_min = at.access.factory.day_start_min
    low, high = (local_times(stops[name].to_numpy(), at.zone) for name in ("start_us", "end_us"))
    offset = np.timedelta64(shift_min, "m")
    begin, end = low - offset, high - offset
    first = begin.astype("datetime64[h]")
    count = ((end - np.timedelta64(1, "us")).astype("datetime64[h]") - first).astype(np.int64) + 1
    count = np.maximum(count, 1)
    row = np.repeat(np.arange(len(stops)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    hour = first[row] + step.astype("timedelta64[h]")
    held = np.minimum(end[row], hour + np.timedelta64(1, "h")) - np.maximum(begin[row], hour)
    minutes = held.astype("timedelta64[us]").astype(np.float64) / MINUTE_US
    day = hour.astype("datetime64[D]")
    days = np.unique(day)
    grid = np.zeros((len(days), 24))
    np.add.at(grid, (np.searchsorted(days, day), (hour - day).astype(np.int64)), np.maximum(minutes, 0.0))
    return [date.fromisoformat(str(one)) for one in days], grid, shift_min // 60
