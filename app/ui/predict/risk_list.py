"""The risk of each machine, and one of them: its reasons, and what would change it."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.maintenance.orders import OrderDraft
from app.predict.failure.risks import Risk, newest_risks, risks
from app.ui.cards import empty_state
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, legend_below, safe, safe_all, time_axis, titled
from app.ui.formats import moment, number, percent
from app.ui.maintenance.behind import order_part
from app.ui.palette import series_dash, series_token
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_times
from app.ui.tables import data_table, fitting

LIKELY: Final = 0.5
MEASURE_WORDS: Final = {
    "mean": "hourly mean",
    "std": "spread within the hour",
    "min": "lowest of the hour",
    "max": "highest of the hour",
    "rise": "rise above the day before",
}


def feature_name(at: Scene, machine: str, feature: str) -> str:
    """A feature in words: `Vibration velocity, hourly mean (mm/s)`."""
    key, _, measure = feature.rpartition(", ")
    if measure not in MEASURE_WORDS:
        return feature.capitalize()
    return parameter_name(at, machine, key, f", {MEASURE_WORDS[measure]}")


def parameter_name(at: Scene, machine: str, key: str, what: str = "") -> str:
    """A signal in words with its unit, and what of it between them."""
    found = at.plant.machine_by_key.get(machine)
    known = {p.key: p for p in at.plant.parameters(found.id)} if found else {}
    if key not in known:
        return f"{key}{what}"
    unit = f" ({known[key].unit})" if known[key].unit else ""
    return f"{known[key].display_name or key}{what}{unit}"


def risk_list(at: Scene) -> Risk | None:
    """The table, the highest risk first; the chosen one, else the first."""
    found = newest_risks(at.access)
    if not found:
        empty_state(
            "No risk was told yet",
            "*Teach models* learns from the stops and signals of each machine and tells its risk.",
            icon="shield",
            key="risks",
        )
        return None
    row = data_table(
        _table(at, found), key="risks", label="Failure risks", selectable=True,
        height=fitting(len(found), 14), download_name="failure-risks",
        columns={name: st.column_config.NumberColumn(format="%.0f %%")
                 for name in ("Risk", "Alarm from", "Usual")},
    )  # fmt: skip
    return found[row if row is not None else 0]


def _table(at: Scene, found: list[Risk]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Machine": [machine_name(at, one.machine) for one in found],
            "Risk": [100 * one.chance for one in found],
            "Alarm from": [100 * one.threshold for one in found],
            "Usual": [100 * one.base_rate for one in found],
            "Says": [verdict(one) for one in found],
            "Until": [moment(one.until_us, at.zone) for one in found],
            "First reason": [_first(at, one) for one in found],
            "Model": [f"{one.model} ({one.detail.get('state', '')})" for one in found],
            "Told": [moment(one.made_us, at.zone) for one in found],
        }
    )


def machine_name(at: Scene, key: str) -> str:
    """The name of a machine, or its key where it is no longer listed."""
    found = at.plant.machine_by_key.get(key)
    return found.name if found else key


def verdict(one: Risk) -> str:
    """In two or three words: what the risk means, given how good its model is."""
    if not one.is_trusted:
        return "no better than guessing"
    if not one.is_high:
        return "as usual"
    return "failure likely" if one.chance >= LIKELY else "higher than usual"


def _first(at: Scene, one: Risk) -> str:
    raising = [reason for reason in one.detail["reasons"] if reason["adds"] > 0]
    return feature_name(at, one.machine, raising[0]["feature"]) if raising else ""


def risk_view(at: Scene, one: Risk) -> None:
    """The chosen machine: the sentence, the reasons, what changes it, and how it went."""
    st.subheader(machine_name(at, one.machine), anchor=False)
    st.markdown(
        f"**{percent(one.chance, 0)}** chance of a failure of {one.detail['least_stop_min']:g} min or more "
        f"until {moment(one.until_us, at.zone)}; usually it is {percent(one.base_rate, 0)}. "
        f"Told {moment(one.made_us, at.zone)} by {one.model}."
    )
    if not one.is_trusted:
        st.warning(
            "This model did not beat the naive rule when it was tested: the usual share of hours before a "
            "failure is as good. Longer histories and more signals help; see the page *Models*."
        )
    if at.plant.machine_by_key.get(one.machine) is not None:
        order_part(at, _order(at, one), key="risk-order")
    _reasons(at, one)
    _curves(at, one)
    _history(at, one)


def _order(at: Scene, one: Risk) -> OrderDraft:
    """A work order against the predicted failure, due before it."""
    first = _first(at, one)
    note = f"{percent(one.chance, 0)} chance of a failure until {moment(one.until_us, at.zone)}"
    return OrderDraft(
        one.machine, f"Look into {first}" if first else "Look for the coming failure", kind="preventive",
        note=f"{note}, told by {one.model}.", due_us=one.until_us, prediction_id=one.id,
    )  # fmt: skip


def _reasons(at: Scene, one: Risk) -> None:
    reasons = one.detail["reasons"]
    if not reasons:
        st.caption("No single feature moves this risk.")
        return
    names = [feature_name(at, one.machine, reason["feature"]) for reason in reasons]
    adds = [100 * reason["adds"] for reason in reasons]
    figure: Figure = {
        "data": [{"type": "bar", "orientation": "h", "y": safe_all(names), "x": adds,
                  "marker": {"color": ["@limit" if value > 0 else "@good" for value in adds]},
                  "hovertemplate": "%{y}: %{x:+.1f} points<extra></extra>"}],
        "layout": layout("", height=90 + 34 * len(names), showlegend=False,
                         xaxis={"title": titled("Adds to the risk", "points")},
                         yaxis={"type": "category", "autorange": "reversed"}),
    }  # fmt: skip
    frame = pd.DataFrame(
        {"feature": names, "now": [reason["value"] for reason in reasons],
         "typical": [reason["typical"] for reason in reasons], "adds, points": adds}
    )  # fmt: skip
    first = reasons[0]
    chart_card(
        figure, frame, key="risk-reasons", title="Reasons", zoom=False, revision=str(one.id),
        finding=f"Were “{names[0]}” typical ({number(first['typical'], 1)} instead of "
        f"{number(first['value'], 1)}), the risk would be {percent(one.chance - first['adds'], 0)}.",
    )  # fmt: skip


def _curves(at: Scene, one: Risk) -> None:
    """The risk over values of the first features: one line each, from rare low to rare high values."""
    curves: dict[str, dict[str, list[float]]] = one.detail.get("curves") or {}
    if not curves:
        return
    traces: list[dict[str, Any]] = []
    rows = []
    for place, (feature, curve) in enumerate(curves.items()):
        name = feature_name(at, one.machine, feature)
        shares = [100 * chance for chance in curve["chance"]]
        at_values = [number(value, 2) for value in curve["value"]]
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "name": safe(name), "x": [5, 20, 35, 50, 65, 80, 95],
             "y": shares, "text": at_values,
             "line": {"color": series_token(place), "dash": series_dash(place), "width": 1.8},
             "hovertemplate": "%{text}: %{y:.0f} %<extra>" + safe(name) + "</extra>"}
        )  # fmt: skip
        rows += [(name, value, share) for value, share in zip(curve["value"], shares, strict=True)]
    figure: Figure = {
        "data": traces,
        "layout": layout("", height=340, showlegend=True, legend=legend_below(),
                         margin={"l": 8, "r": 12, "t": 16, "b": 96},
                         xaxis={"title": titled("Value, from rare low to rare high", "% of its hours below")},
                         yaxis={"title": titled("Risk", "%"), "rangemode": "tozero"}),
    }  # fmt: skip
    low = min(min(curve["chance"]) for curve in curves.values())
    chart_card(
        figure, pd.DataFrame(rows, columns=["feature", "value", "risk %"]), key="risk-curves",
        title="What changes the risk", zoom=False, revision=str(one.id),
        finding=f"One of these alone at another value it has had brings it to {percent(low, 0)} at best.",
    )  # fmt: skip


def _history(at: Scene, one: Risk) -> None:
    """The risks told before, and where a failure followed."""
    told = sorted(risks(at.access, one.machine, limit=300), key=lambda each: each.made_us)
    if len(told) < 2:
        return
    times = local_times(np.array([each.made_us for each in told], np.int64), at.zone)
    shares = [100 * each.chance for each in told]
    followed = [
        (time.item(), share)
        for time, share, each in zip(times, shares, told, strict=True) if each.has_happened
    ]  # fmt: skip
    figure: Figure = {
        "data": [
            {"type": "scatter", "mode": "lines+markers", "name": "Risk told", "y": shares,
             "x": [time.item() for time in times], "line": {"color": "@accent", "width": 1.6},
             "hovertemplate": "%{y:.0f} %<extra>Risk told</extra>"},
            {"type": "scatter", "mode": "markers", "name": "A failure followed",
             "x": [time for time, _ in followed], "y": [share for _, share in followed],
             "marker": {"color": "@limit", "size": 11, "symbol": "x"},
             "hovertemplate": "%{y:.0f} %<extra>A failure followed</extra>"},
        ],
        "layout": layout("", height=300, showlegend=True, legend=legend_below(),
                         margin={"l": 8, "r": 12, "t": 16, "b": 76},
                         yaxis={"title": titled("Risk", "%"), "range": [0, 100]},
                         xaxis=time_axis(axis_zone(at.zone, told[0].made_us, told[-1].made_us + 1))),
    }  # fmt: skip
    frame = pd.DataFrame(
        {"told": times, "risk %": shares, "followed": [each.has_happened for each in told]}
    )  # fmt: skip
    matched = [each for each in told if each.has_happened is not None]
    finding = (
        f"{len(matched)} of {len(told)} are matched with what happened; "
        f"{len(followed)} were followed by a failure."
    )
    chart_card(figure, frame, key="risk-history", title="Told before", finding=finding, revision=one.machine)
