"""Every part of the kit with made-up values, for looking at and for the browser tests."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import streamlit as st

from analytics.errors import FieldProblem, InvalidInput, StoreUnavailable
from analytics.vocabulary import State, TimeClass
from app.ui.charts.lanes import packed
from app.ui.figures.heatmap import heatmap
from app.ui.figures.hours import hour_strip
from app.ui.figures.pareto import pareto
from app.ui.figures.sparkline import sparkline
from app.ui.figures.telemetry import SignalLine, telemetry
from app.ui.figures.timeline import timeline
from app.ui.figures.trend import trend
from app.ui.figures.waterfall import waterfall
from app.ui.frame.theming import page_icon, page_style
from app.ui.parts import (
    Comparison,
    chart_card,
    confirm_dialog,
    data_table,
    empty_state,
    error_card,
    kpi_tile,
    page_header,
    picture_card,
    plot,
    select,
    stale_note,
    state_badge,
    tile_grid,
)
from app.ui.selecting.ranges import RangeKey
from app.ui.selecting.zone import to_us

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 13, 42, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
TODAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 20, 6, 0)
NOON = datetime(2026, 11, 20, 14, 0)
MACHINES = {
    "M01": "Arc furnace 1",
    "M02": "Caster",
    "M03": "Reheat furnace",
    "M04": "Rolling mill",
    "M05": "Shear",
    "M06": "Straightener",
}
SHIFTS = {"early": "Early shift", "late": "Late shift", "night": "Night shift"}
WHY = {
    TimeClass.UNPLANNED_STOP: "Hydraulic pump <b>",
    TimeClass.SETUP: "Roll change",
    TimeClass.PLANNED_STOP: "Break",
    TimeClass.MINOR_STOP: "Waiting for billets",
}


def segments() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for machine in MACHINES:
        at = MORNING
        while at < NOON:
            kind = TimeClass(int(rng.choice([1, 1, 1, 1, 2, 3, 4, 5, 0, 6])))
            end = min(
                NOON, at + timedelta(minutes=float(rng.gamma(2, 20 if kind is TimeClass.PRODUCING else 8)))
            )
            rows.append((machine, to_us(at, ZONE), to_us(end, ZONE), int(kind), WHY.get(kind)))
            at = end
    return pd.DataFrame(rows, columns=["machine", "start_us", "end_us", "time_class", "reason"])


def losses() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("Calendar time", 1440.0, "total"),
            ("Not scheduled", 480.0, "not_scheduled"),
            ("Planned stops", 90.0, "planned_stop"),
            ("Planned production", 870.0, "total"),
            ("Breakdowns", 74.0, "breakdown"),
            ("Set-up", 61.0, "setup"),
            ("No data", 12.0, "unknown"),
            ("Run time", 723.0, "total"),
            ("Minor stops", 38.0, "minor_stop"),
            ("Reduced speed", 55.0, "reduced_speed"),
            ("Defects", 20.0, "defect"),
            ("Start-up", 6.0, "startup"),
            ("Fully productive", 604.0, "result"),
        ],
        columns=["label", "minutes", "kind"],
    )


def signals(bias: float = 0.0) -> list[SignalLine]:
    rng = np.random.default_rng(3)
    x = np.datetime64("2026-11-20T06:00") + np.arange(480).astype("timedelta64[m]")
    load = 60 + 25 * np.sin(np.arange(480) / 37) + rng.normal(0, 3, 480) + bias
    load[200:240] = np.nan
    heat = 1180 + np.cumsum(rng.normal(0, 0.6, 480))
    return [
        SignalLine("Motor load", "%", x, load - 4, load + 4, (("High", 92.0),)),
        SignalLine("Bath temperature", "°C", x, heat, heat),
        SignalLine("Shell temperature", "°C", x, heat - 40, heat - 38, (("Limit", 1210.0),)),
    ]


def tiles() -> None:
    rng = np.random.default_rng(1)
    with tile_grid(key="tiles"):
        kpi_tile(
            "OEE",
            0.7479,
            key="oee",
            target=0.8,
            comparison=Comparison(0.725, "last week"),
            coverage=0.94,
            bounds=(0.703, 0.763),
            spark=list(0.74 + rng.normal(0, 0.02, 14)),
            help_text="Availability x performance x quality",
        )
        kpi_tile(
            "Availability",
            0.8881,
            key="a",
            target=0.9,
            comparison=Comparison(0.8882, "last week"),
            coverage=1.0,
            spark=list(0.88 + rng.normal(0, 0.02, 14)),
        )
        kpi_tile(
            "Performance",
            1.0312,
            key="p",
            comparison=Comparison(0.99, "last week"),
            note="Over 100 %: check the ideal cycle time",
        )
        kpi_tile("Quality", None, key="q", missing="no count of good units")
        kpi_tile(
            "Lost time", 425.4, key="lost", unit="min", comparison=Comparison(380, "yesterday"), better="down"
        )
        kpi_tile("Energy", 12345678.0, key="kwh", unit="kWh", decimals=0, target=12000000)
    with st.container(width=150, key="narrow-tile"):
        kpi_tile("Energy per month", 12345678.9, key="slim", unit="kWh")


def cards() -> None:
    for state in State:
        state_badge(state, NOW_US - 754_000_000, NOW_US)
    stale_note(NOW_US - 900_000_000, NOW_US)
    error_card(StoreUnavailable("The telemetry store does not answer. Try again in a minute."), lambda: None)
    error_card(
        InvalidInput(
            FieldProblem("good_units", "Good units (120) exceed total units (100)."),
            FieldProblem("downtime_min", "Downtime exceeds planned time: *check* [it](http://x)."),
        )
    )
    empty_state(
        "No machines yet",
        "Add your first machine, or import a list of machines from a CSV or Excel file.",
        ("Add a machine", lambda: None),
    )
    frame = pd.DataFrame({"machine": list(MACHINES.values()), "note": ["=1+1", "-5", "ok", "@x", "+y", ""]})
    chosen = data_table(frame, key="table", label="Machines", download_name="machines", selectable=True)
    st.write(f"row {chosen}")
    if st.button("Deactivate", key="ask"):
        confirm_dialog(
            "Deactivate the caster?",
            "Its data stays; it leaves all pages.",
            lambda: st.session_state.update(done=True),
            confirm="Deactivate",
        )
    st.write(f"done {st.session_state.get('done', False)}")


def charts() -> None:
    stops = segments()
    start_us, end_us = to_us(MORNING, ZONE), to_us(NOON, ZONE)
    event = picture_card(
        packed(timeline(stops, start_us=start_us, end_us=end_us, zone=ZONE, lanes=MACHINES)),
        stops,
        key="gantt",
        title="States of the early shift",
        finding="The rolling mill lost 74 min, half of it to the hydraulic pump",
        on_range=True,
        on_click=True,
    )
    st.write(f"clicked {event.click.machine if event.click else None}")
    minutes = [round((edge - start_us) / 60_000_000) for edge in event.zoom or ()]
    st.write(f"zoom {minutes or 'all'}")
    left, right = st.columns(2)
    with left:
        chart_card(
            waterfall(losses(), title="266 min of 870 planned were lost; breakdowns took most"),
            losses(),
            key="falls",
            title="Where the time went",
            zoom=False,
        )
    with right:
        names = [
            "Hydraulic pump",
            "Roll change",
            "Waiting for billets",
            "<b>Jam</b> at shear & table",
            "Sensor",
        ]
        event = chart_card(
            pareto(names, [74, 61, 38, 12, 4], [3, 2, 17, 4, 1], title="Two of five causes make 71 % of it"),
            pd.DataFrame({"reason": names}),
            key="pareto",
            title="Downtime by reason",
            on_click=True,
            zoom=False,
        )
        st.write(f"reason {event.click.customdata if event.click else None}")
    days = [TODAY - timedelta(days=back) for back in range(29, -1, -1)]
    rng = np.random.default_rng(5)
    values = np.clip(0.72 + rng.normal(0, 0.05, 30), 0, 1)
    values[11] = np.nan
    coverage = np.where(rng.random(30) < 0.2, 0.7, 1.0)
    half = (1 - coverage) / 2
    chart_card(
        trend(
            days,
            values,
            title="OEE fell 4 points in the last week",
            target=0.8,
            lower=values - half,
            upper=np.minimum(1, values + half),
            coverage=coverage,
            zone_title="Production day (Europe/Berlin)",
        ),
        pd.DataFrame({"day": days, "oee": values}),
        key="trend",
        title="OEE per day",
    )
    chart_card(
        telemetry(
            signals(),
            title="Load stayed below its limit",
            zone_title="Time (Europe/Berlin)",
            start=MORNING,
            end=NOON,
        ),
        pd.DataFrame(),
        key="signals",
        title="Signals",
        on_range=True,
    )
    minutes = rng.gamma(1.2, 6, (7, 24))
    minutes[2, 5:9] = np.nan
    chart_card(
        heatmap(
            days[-7:],
            minutes,
            title="Mornings at 06:00 are the worst",
            measure="Lost",
            unit="min",
            zone_title="Hour (Europe/Berlin)",
            first_hour=6,
        ),
        pd.DataFrame(minutes),
        key="heat",
        title="Lost time by hour",
        zoom=False,
    )
    running = rng.uniform(35, 55, 8)
    chart_card(
        hour_strip(
            [f"{hour:02d}:00" for hour in range(6, 14)],
            {
                TimeClass.PRODUCING: running,
                TimeClass.UNPLANNED_STOP: (60 - running) / 2,
                TimeClass.UNKNOWN: (60 - running) / 2,
            },
            title="08:00 lost 24 min",
            zone_title="Hour (Europe/Berlin)",
        ),
        pd.DataFrame(),
        key="hours",
        title="Hour by hour",
        zoom=False,
    )
    plot(sparkline(values, title=""), key="spark", label="OEE of 30 days", zoom=False)


@st.fragment(run_every=1.0)
def live() -> None:
    turn = st.session_state["turn"] = st.session_state.get("turn", 0) + 1
    event = plot(
        telemetry(
            signals(bias=turn),
            title="Live",
            zone_title="Time (Europe/Berlin)",
            start=MORNING,
            end=NOON,
        ),
        key="live",
        label="Live signals",
        on_range=True,
        revision=st.session_state.get("revision", "a"),
    )
    st.write(f"turn {turn}")
    st.write(f"range {event.x_range[0]:%H:%M} to {event.x_range[1]:%H:%M}" if event.x_range else "range all")


st.set_page_config(page_title="Gallery", page_icon=page_icon(), layout="wide")
page_style()
part = st.query_params.get("part", "all")
page_header("Line B", "Line B lost 74 min, half of it changeover on M07.", [("Live", "sensors", "green")])
if part in ("all", "select"):
    chosen = select(
        now_us=NOW_US,
        zone=ZONE,
        day_start=time(6),
        shifts=SHIFTS,
        lines={"a": "Line A", "b": "Line B"},
        machines=MACHINES,
        machine_lines={"M01": "a", "M02": "a"},
        products={"p1": "Billet 130"},
        default=RangeKey.TODAY,
    )
    st.write(f"chosen {chosen.label} | {','.join(chosen.lines)} | {','.join(chosen.machines)}")
if part in ("all", "tiles"):
    tiles()
if part in ("all", "cards"):
    cards()
if part in ("all", "charts"):
    charts()
if part == "live":
    live()
    if st.button("New selection", key="new"):
        st.session_state["revision"] = "b"
        st.rerun()
