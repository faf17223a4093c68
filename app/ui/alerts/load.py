"""The alarm load: figures against the limits, a chart over time, the mix, the sources."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.rules.load import ACCEPTABLE, FLOOD_ENTER, MANAGEABLE, WINDOW_US
from app.alerts.loads import TARGET_MIX, LoadReport, load_report
from app.production.figures import chosen_machines
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, time_axis, titled
from app.ui.scene import Scene, question
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import axis_zone, local_times
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

MOST_BARS: Final = 1_000
VERDICTS: Final = {
    "acceptable": ("People can handle this load.", ":material/check_circle:"),
    "manageable": ("This is the most that people can handle.", ":material/warning:"),
    "too many": ("This is more than people can handle: begin with the sources below.", ":material/error:"),
}


def load_page(at: Scene, selection: Selection) -> None:
    """Draw the load of a range, of all machines or of those that are chosen."""
    start_us, end_us = selection.start_us, selection.end_us
    machines = None
    if selection.lines or selection.machines:
        machines = chosen_machines(at.plant, question(selection))
    found = load_report(at.access, start_us, end_us, machines)
    text, icon = VERDICTS[found.figures.verdict]
    st.markdown(f"{icon} **{found.figures.verdict.capitalize()}.** {text}")
    _tiles(found)
    if found.suppressed or found.out_of_service:
        st.caption(
            f":material/notifications_off: {found.suppressed} alerts suppressed by design and "
            f"{found.out_of_service} out of service told nobody: they are not counted here."
        )
    _over_time(at, found, start_us, end_us)
    left, right = st.columns(2)
    with left:
        _mix(found)
    with right:
        _sources(found)


def _tiles(found: LoadReport) -> None:
    one = found.figures
    with tile_grid(key="load-tiles"):
        kpi_tile("Alerts", float(one.count), key="ld-count", unit="", decimals=0, better="down",
                 note=f"{one.per_day:.0f} a day; up to 144 are acceptable, 288 the most")  # fmt: skip
        kpi_tile("In ten minutes", one.per_window, key="ld-window", unit="", decimals=2, better="down",
                 note=f"on average; {ACCEPTABLE:g} is acceptable, {MANAGEABLE:g} the most")  # fmt: skip
        kpi_tile("Peak", float(one.peak), key="ld-peak", unit="", decimals=0, better="down",
                 note=f"in ten minutes; {FLOOD_ENTER} at most")  # fmt: skip
        kpi_tile("Time in flood", one.share_in_flood, key="ld-flood", better="down",
                 note="below 1 % is acceptable")  # fmt: skip
        kpi_tile("Chattering", float(found.chattering), key="ld-chatter", unit="", decimals=0, better="down",
                 note="a third time within a minute")  # fmt: skip
        kpi_tile("Stale", float(found.stale), key="ld-stale", unit="", decimals=0, better="down",
                 note="active for more than 24 h; fewer than 5 on any day")  # fmt: skip


def _over_time(at: Scene, found: LoadReport, start_us: int, end_us: int) -> None:
    counts = found.windows
    step = max(1, -(-len(counts) // MOST_BARS))
    padded = np.pad(counts, (0, -len(counts) % step)).reshape(-1, step).max(axis=1)
    times = start_us + np.arange(len(padded), dtype=np.int64) * step * WINDOW_US
    local = local_times(times, at.zone)
    figure: Figure = {
        "data": [
            {"type": "bar", "x": local, "y": padded, "name": "Alerts", "marker": {"color": "@accent"},
             "hovertemplate": "%{y} alerts<extra></extra>"},
        ],
        "layout": layout(
            "", height=240, showlegend=False, margin={"l": 8, "r": 12, "t": 12, "b": 60},
            yaxis={"title": titled("alerts in ten minutes"), "rangemode": "tozero"},
            xaxis=time_axis(axis_zone(at.zone, start_us, end_us)),
            shapes=[_limit(FLOOD_ENTER)],
        ),
    }  # fmt: skip
    over = int((counts > FLOOD_ENTER).sum())
    finding = (
        f"{over} stretches of ten minutes had more than {FLOOD_ENTER} alerts."
        if over
        else (f"No stretch of ten minutes had more than {FLOOD_ENTER} alerts.")
    )
    frame = pd.DataFrame({"time": local, "most in ten minutes": padded})
    chart_card(figure, frame, key="alert-load", title="Alerts over time", finding=finding)


def _limit(value: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value,
        "line": {"color": "@limit", "width": 1, "dash": "dash"},
    }  # fmt: skip


def _mix(found: LoadReport) -> None:
    with st.container(border=True):
        st.markdown("**Severities**")
        st.caption("ISA-18.2 aims at 80 % low, 15 % medium, 5 % high, and less than 1 % of the highest.")
        frame = pd.DataFrame(
            {
                "Severity": list(found.mix),
                "Share": [f"{100 * share:.0f} %" for share in found.mix.values()],
                "Aim": [f"{100 * TARGET_MIX[name]:.0f} %" for name in found.mix],
            }
        )
        data_table(frame, key="load-mix", label="Mix of severities", height=fitting(4))
        if found.figures.count:
            st.caption(f"{found.never_seen} of {found.figures.count} were never acknowledged.")


def _sources(found: LoadReport) -> None:
    with st.container(border=True):
        st.markdown("**Most frequent sources**")
        if not len(found.sources):
            st.caption("No alert was raised in this time.")
            return
        share = 100 * float(found.sources["share"].sum())
        st.caption(f"These raise {share:.0f} % of all alerts; each deserves a look.")
        frame = pd.DataFrame(
            {
                "Rule": found.sources["rule"],
                "Machine": found.sources["machine"],
                "Alerts": found.sources["count"],
                "Share": [f"{100 * one:.0f} %" for one in found.sources["share"]],
            }
        )
        data_table(frame, key="load-sources", label="Sources", height=fitting(len(frame)),
                   download_name="alert-sources")  # fmt: skip
