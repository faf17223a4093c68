"""How long each machine has until its next failure, with the band, the reasons and what was told before."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.jobs.listing import JobFilter, list_jobs, result_of
from app.jobs.running.claims import DONE
from app.predict.failure.hourly import HOUR_US
from app.predict.failure.lives import Life, lives, newest_lives
from app.predict.failure.models import LIFE, serving
from app.ui.cards import empty_state
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, legend_below, safe_all, time_axis, titled
from app.ui.formats import many, moment, number
from app.ui.palette import faded
from app.ui.predict.risk_list import machine_name, parameter_name
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_times
from app.ui.tables import data_table, fitting

HOURS: Final = ("Left (h)", "At least (h)", "At most (h)", "Cap (h)", "Running since (h)")


def life_list(at: Scene) -> None:
    """The table, the shortest life first; the chosen one, else the first, with its reasons and history."""
    st.subheader("Remaining life", anchor=False)
    found = newest_lives(at.access)
    if not found:
        _nothing(at)
        _missing(at)
        return
    row = data_table(
        _table(at, found), key="lives", label="Remaining lives", selectable=True,
        height=fitting(len(found), 10), download_name="remaining-lives",
        columns={name: st.column_config.NumberColumn(format="%.1f") for name in HOURS},
    )  # fmt: skip
    st.caption(
        "Hours of the calendar from a repair or service until the next failure, by rolling windows of hourly "
        "signals. Eight of ten hours of runs that taught nothing lay between *at least* and *at most*. "
        "No more than the cap is ever told: where *at most* is the cap, it may be any time longer."
    )
    _missing(at)
    _one(at, found[row if row is not None else 0])


def _nothing(at: Scene) -> None:
    if serving(at.access, LIFE):
        text = "There is a model: *Tell the risks now* tells the remaining lives, once a machine runs again."
    else:
        text = (
            "*Teach lives* learns from the hours between a repair and the next failure. A machine needs four "
            "such runs with readings, of its own or of machines of its type."
        )
    empty_state("No remaining life was told yet", text, icon="hourglass_empty", key="lives")


def _missing(at: Scene) -> None:
    """What the machines lack that the last job could teach nothing of."""
    if Permission.RUN_ANALYTICS not in at.access.principal.permissions:
        return
    last = list_jobs(at.access, JobFilter((DONE,), ("remaining_life",)), limit=1)
    try:
        models = result_of(at.access, last[0].key)["models"] if last else []
    except NotFound:
        return
    lacking = {one["machine"]: one["problem"] for one in models if one["status"] != "complete"}
    if not lacking:
        return
    with st.expander(f"What is missing for {many(len(lacking), 'machine')}"):
        table = pd.DataFrame(
            {"Machine": [machine_name(at, key) for key in lacking], "Missing": list(lacking.values())}
        )
        data_table(table, key="lives-missing", label="What is missing", download_name="lives-missing",
                   height=fitting(len(table), 8))  # fmt: skip


def _table(at: Scene, found: list[Life]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Machine": [machine_name(at, one.machine) for one in found],
            "Left (h)": [one.left_h for one in found],
            "At least (h)": [one.lower_h for one in found],
            "At most (h)": [one.upper_h for one in found],
            "Cap (h)": [one.cap_h for one in found],
            "Says": [_verdict(one) for one in found],
            "Running since (h)": [(one.made_us - int(one.detail["since_us"])) / HOUR_US for one in found],
            "First reason": [_first(at, one) for one in found],
            "Model": [f"{one.model} ({one.detail.get('state', '')})" for one in found],
            "Told": [moment(one.made_us, at.zone) for one in found],
        }
    )


def _verdict(one: Life) -> str:
    if not one.is_trusted:
        return "no better than guessing"
    if one.is_open_ended:
        return "longer than it can tell" if one.left_h >= 0.9 * one.cap_h else "no failure in sight"
    return "failure in sight"


def _first(at: Scene, one: Life) -> str:
    shortening = [reason for reason in one.detail["reasons"] if reason["adds_h"] > 0]
    return parameter_name(at, one.machine, shortening[0]["feature"]) if shortening else ""


def _one(at: Scene, one: Life) -> None:
    beyond = f"{number(one.cap_h, 1)} h or more" if one.is_open_ended else f"{number(one.upper_h, 1)} h"
    st.markdown(
        f"**{machine_name(at, one.machine)}: {number(one.left_h, 1)} h** until a failure of "
        f"{one.detail['least_stop_min']:g} min or more, between {number(one.lower_h, 1)} h and {beyond}. The "
        f"mean of its runs is {number(one.naive_h, 1)} h. Told {moment(one.made_us, at.zone)} by {one.model}."
    )
    if not one.is_trusted:
        st.warning(
            "This model did not beat the mean of the runs when it was tested on runs that did not teach it. "
            "More runs and signals that show wear help; see the page *Models*."
        )
    _reasons(at, one)
    _history(at, one)


def _reasons(at: Scene, one: Life) -> None:
    reasons = one.detail["reasons"]
    if not reasons:
        st.caption("No single signal moves this life.")
        return
    names = [parameter_name(at, one.machine, reason["feature"]) for reason in reasons]
    adds = [reason["adds_h"] for reason in reasons]
    figure: Figure = {
        "data": [{"type": "bar", "orientation": "h", "y": safe_all(names), "x": adds,
                  "marker": {"color": ["@limit" if value > 0 else "@good" for value in adds]},
                  "hovertemplate": "%{y}: %{x:+.1f} h<extra></extra>"}],
        "layout": layout("", height=90 + 34 * len(names), showlegend=False,
                         xaxis={"title": titled("Longer life, were it typical", "h")},
                         yaxis={"type": "category", "autorange": "reversed"}),
    }  # fmt: skip
    frame = pd.DataFrame(
        {"signal": names, "now": [reason["value"] for reason in reasons],
         "typical": [reason["typical"] for reason in reasons], "longer life, h": adds}
    )  # fmt: skip
    first = reasons[0]
    chart_card(
        figure, frame, key="life-reasons", title="What changes the life", zoom=False, revision=str(one.id),
        finding=f"Had “{names[0]}” been typical ({number(first['typical'], 1)}) all the time, "
        f"{number(one.left_h + first['adds_h'], 1)} h would be left.",
    )  # fmt: skip


def _history(at: Scene, one: Life) -> None:
    """The lives told before with their bands, and what it came to."""
    told = sorted(lives(at.access, one.machine, limit=300), key=lambda each: each.made_us)
    if len(told) < 2:
        return
    stamps = np.array([each.made_us for each in told], np.int64)
    times = [time.item() for time in local_times(stamps, at.zone)]
    known = [each for each in told if each.actual_h is not None]
    figure: Figure = {
        "data": [
            _edge(times, [each.upper_h for each in told], {}),
            _edge(times, [each.lower_h for each in told],
                  {"fill": "tonexty", "fillcolor": faded("@accent", 0.18), "name": "8 of 10",
                   "showlegend": True}),
            {"type": "scatter", "mode": "lines+markers", "name": "Told", "x": times,
             "y": [each.left_h for each in told], "line": {"color": "@accent", "width": 1.6},
             "hovertemplate": "%{y:.1f} h<extra>Told</extra>"},
            {"type": "scatter", "mode": "markers", "name": "Came true",
             "x": [time for time, each in zip(times, told, strict=True) if each.actual_h is not None],
             "y": [each.actual_h for each in known], "marker": {"color": "@limit", "size": 9, "symbol": "x"},
             "hovertemplate": "%{y:.1f} h<extra>Came true</extra>"},
        ],
        "layout": layout("", height=300, showlegend=True, legend=legend_below(),
                         margin={"l": 8, "r": 12, "t": 16, "b": 76},
                         yaxis={"title": titled("Remaining life", "h"), "rangemode": "tozero"},
                         xaxis=time_axis(axis_zone(at.zone, told[0].made_us, told[-1].made_us + 1))),
    }  # fmt: skip
    frame = pd.DataFrame(
        {"told": times, "left, h": [each.left_h for each in told],
         "at least, h": [each.lower_h for each in told],
         "at most, h": [each.upper_h for each in told], "came true, h": [each.actual_h for each in told]}
    )  # fmt: skip
    inside = sum(each.lower_h <= (each.actual_h or 0.0) <= each.upper_h for each in known)
    chart_card(
        figure, frame, key="life-history", title="Told before", revision=one.machine,
        finding=f"{len(known)} of {len(told)} are matched with what happened; {inside} lay inside the band.",
    )  # fmt: skip


def _edge(times: list[Any], values: list[float], more: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": times, "y": values, "line": {"width": 0},
        "hoverinfo": "skip", "showlegend": False, **more,
    }  # fmt: skip
