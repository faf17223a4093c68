"""The lathes side by side: each one now, compared over a range, and the performance report."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from app.alerts.listing import active_counts
from app.bootstrap import Access
from app.production.figures import Question
from app.production.overview import MachineNow
from app.shop.figures import job_figures
from app.shop.jobs import StoredJob, job_on
from app.shop.life import ToolLife, tool_lives
from app.shop.report import lathe_report
from app.ui.answers import overview_of
from app.ui.badges import state_badge
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import layout, safe_all, titled
from app.ui.formats import many, number, percent
from app.ui.scene import Scene
from app.ui.selecting.links import address
from app.ui.selecting.selection import Selection
from app.ui.shop.words import job_word, plain
from app.ui.tables import data_table, fitting

COMPARED: Final = {
    "OEE": ("oee", "%"), "Availability": ("availability", "%"), "Performance": ("performance", "%"),
    "Quality": ("quality", "%"), "Good parts": ("good", "parts"), "Stops": ("stop_min", "min"),
    "Energy per part": ("kwh_per_part", "kWh"),
}  # fmt: skip


def lathe_cards(at: Scene, selection: Selection, question: Question) -> None:
    """A card for each lathe: its state, its job with the parts, its tool, its alerts."""
    lives = tool_lives(at.access)
    alerts = active_counts(at.access)
    with st.grid("auto", min_column_width=280, gap="small", key="lathe-cards"):
        for one in overview_of(at, question).machines:
            if one.key in question.machines:
                mine = [life for life in lives if life.fitting.machine == one.key]
                _card(at, one, mine, alerts.get(at.plant.machine_by_key[one.key].id, 0))


def _card(at: Scene, one: MachineNow, lives: list[ToolLife], alerts: int) -> None:
    with st.container(border=True, height="stretch", key=f"lathe-{one.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"[**{plain(one.name)}**]({address('operator', {'o_machine': [one.name]})})")
            state_badge(one.state, one.since_us, at.now_us)
        if one.reason:
            st.caption(plain(one.reason))
        _job_line(at, job_on(at.access, one.key))
        words = [f"OEE {percent(one.oee, 0)}" if one.oee is not None else "no OEE yet"]
        worst = lives[0] if lives else None
        if worst is not None and worst.left is not None:
            words.append(f"tool {worst.fitting.tool}: {percent(worst.left, 0)} of its life left")
        if alerts:
            words.append(f":material/notifications: {many(alerts, 'alert')}")
        st.caption(" · ".join(words))


def _job_line(at: Scene, job: StoredJob | None) -> None:
    if job is None:
        st.caption("No job runs.")
        return
    good = job_figures(at.access, [job])[job.id].parts.good
    wanted = job.draft.quantity or 0.0
    share = min(good / wanted, 1.0) if wanted else 0.0
    st.progress(share, f"{plain(job_word(job))}: {number(good)} of {number(wanted)} parts")


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _report(factory: int, asked: tuple[int, int], stamp: int, _access: Access) -> pd.DataFrame:
    return lathe_report(_access, *asked)


def report_of(at: Scene, question: Question) -> pd.DataFrame:
    """`app.shop.report.lathe_report` of the lathes of the question."""
    found = _report(at.access.factory.id, (question.start_us, question.end_us), at.stamp, at.access)
    return found[found["machine"].isin(question.machines)].reset_index(drop=True)


def comparison_card(at: Scene, table: pd.DataFrame) -> None:
    """One figure of all lathes as bars, the largest first."""
    word = st.segmented_control("Compare by", list(COMPARED), default="OEE", key="l_by", required=True,
                                bind="query-params")  # fmt: skip
    column, unit = COMPARED[str(word)]
    rows = table.dropna(subset=[column]).sort_values(column, ascending=False, kind="stable")
    names = _names(at, rows)
    values = rows[column].to_numpy(np.float64) * (100 if unit == "%" else 1)
    figure = {
        "data": [
            {
                "type": "bar", "orientation": "h", "x": values, "y": safe_all(names),
                "marker": {"color": "@series.0"},
                "text": [f"{value:,.3g} {unit}" for value in values], "textposition": "auto",
                "hoverinfo": "y+text",
            }
        ],
        "layout": layout(
            title="", height=110 + 34 * max(len(rows), 1),
            xaxis={"title": titled(str(word), unit), "rangemode": "tozero", "fixedrange": True},
            yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True},
        ),
    }  # fmt: skip
    finding = "No lathe has this figure in the range."
    if len(rows):
        finding = f"{names[0]} leads with {values[0]:,.3g} {unit}"
        finding += f"; {names[-1]} has {values[-1]:,.3g} {unit}." if len(rows) > 1 else "."
    shown = pd.DataFrame({"Lathe": names, f"{word} ({unit})": values})
    chart_card(figure, shown, key="lathe-comparison", title=f"{word} by lathe", finding=finding)


def report_table(at: Scene, table: pd.DataFrame) -> None:
    """The performance report, to be sorted and downloaded."""
    shares = ("oee", "availability", "performance", "quality", "coverage")
    words = {
        "oee": "OEE", "availability": "Availability", "performance": "Performance", "quality": "Quality",
        "coverage": "Known time", "good": "Good parts", "scrap": "Bad parts", "run_min": "Ran min",
        "stop_min": "Stopped min", "kwh": "kWh", "kwh_per_part": "kWh per part", "jobs": "Jobs done",
        "late_jobs": "Longer than planned", "tool_changes": "Tool changes",
    }  # fmt: skip
    shown = table.rename(columns=words).assign(machine=_names(at, table)).rename(columns={"machine": "Lathe"})
    formats = {words[name]: "percent" for name in shares}
    formats |= {"Good parts": "%.0f", "Bad parts": "%.0f", "Ran min": "%.0f", "Stopped min": "%.0f",
                "kWh": "%.1f", "kWh per part": "%.3f"}  # fmt: skip
    data_table(
        shown[["Lathe", *words.values()]], key="lathe-report", label="Performance report of the lathes",
        columns={name: st.column_config.NumberColumn(name, format=shape) for name, shape in formats.items()},
        download_name="lathe-report", height=fitting(len(shown), 20),
    )  # fmt: skip


def _names(at: Scene, rows: pd.DataFrame) -> list[str]:
    known = at.plant.machine_by_key
    return [known[key].name for key in rows["machine"]]
