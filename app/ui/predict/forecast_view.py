"""The forecasts that were made, and one of them: chart with bands, figures, ranked models."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.predict.forecasts import ForecastShown, forecast_body, forecasts
from app.ui.cards import empty_state, error_card
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, legend_below, safe, time_axis, titled
from app.ui.formats import many, moment, number
from app.ui.palette import faded
from app.ui.predict.words import METHOD_WORDS, STEP_WORDS, against_naive, subject_of
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_times
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid
from data.models import to_us

PAST_SHOWN: Final = 7
"""So many times the horizon of the past is drawn before the forecast, at most."""


def forecast_list(at: Scene) -> None:
    """The table of forecasts; the chosen one, else the newest, is drawn below it."""
    found = forecasts(at.access)
    if not found:
        empty_state(
            "No forecast yet",
            "*New forecast* tests the models on the plant's own history and keeps what the best ones tell.",
            icon="trending_up",
            key="forecasts",
        )
        return
    shown = st.container()
    st.subheader("All forecasts", anchor=False)
    mase = st.column_config.NumberColumn(format="%.2f")
    row = data_table(
        _table(at, found), key="forecasts", label="Forecasts", selectable=True,
        height=fitting(len(found), 10), download_name="forecasts",
        columns={"MASE": mase, "Naive MASE": mase},
    )  # fmt: skip
    with shown:
        _one(at, found[row if row is not None else 0])


def _table(at: Scene, found: list[ForecastShown]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Made": [moment(to_us(one.made_at), at.zone) for one in found],
            "Of": [subject_of(at.plant, one) for one in found],
            "Ahead": [f"{one.steps} x {STEP_WORDS[one.step_s]}" for one in found],
            "Model": [METHOD_WORDS.get(one.method, one.method) for one in found],
            "MASE": [one.mase for one in found],
            "Naive MASE": [one.naive_mase for one in found],
            "Beats the naive guess": [_yes(one.beats_naive) for one in found],
            "By": [one.asked_by for one in found],
        }
    )


def _yes(value: bool | None) -> str:
    return "not tested" if value is None else "yes" if value else "no"


def _one(at: Scene, one: ForecastShown) -> None:
    st.subheader(subject_of(at.plant, one), anchor=False)
    verdict = against_naive(one.mase, one.naive_mase, one.beats_naive)
    (st.success if one.beats_naive else st.warning)(verdict)
    _tiles(at, one)
    try:
        body = forecast_body(at.access, one)
    except GembaError as error:
        error_card(error)
        return
    if " is off. " in body["told"]:
        st.caption(body["told"])
    _chart(at, one, body)
    _ranking(one, body)


def _tiles(at: Scene, one: ForecastShown) -> None:
    currency = at.access.factory.currency
    with tile_grid(key="forecast-tiles"):
        if one.target == "energy":
            kpi_tile("Energy to come", one.total, key="fo-kwh", unit="kWh", decimals=0, better="neither",
                     note=f"{moment(one.start_us, at.zone)} to {moment(one.end_us, at.zone)}")  # fmt: skip
            kpi_tile("Cost to come", one.cost, key="fo-cost", unit=currency, decimals=0, better="neither",
                     missing="the price of a kWh, set on the page KPIs")  # fmt: skip
            when = f"at {moment(one.peak_at_us, at.zone)}, mean of {STEP_WORDS[one.step_s]}"
            kpi_tile("Highest demand", one.peak, key="fo-peak", unit="kW", decimals=0, better="neither",
                     note=when)  # fmt: skip
        kpi_tile("Error (MASE)", one.mase, key="fo-mase", unit="", decimals=2, better="neither",
                 missing="a longer history", help_text="Mean absolute error of the backtest, in units of the "
                 "error of the naive guess within the history.")  # fmt: skip
        kpi_tile("Naive guess (MASE)", one.naive_mase, key="fo-naive", unit="", decimals=2, better="neither",
                 missing="a longer history")  # fmt: skip


def _chart(at: Scene, one: ForecastShown, body: dict[str, Any]) -> None:
    points, past = body["points"], body["past"]
    keep = min(len(past["value"]), max(PAST_SHOWN * one.steps, 48))
    before = local_times(np.array(past["time_us"][-keep:], np.int64), at.zone)
    ahead = local_times(np.array(points["time_us"], np.int64), at.zone)
    low, high = float(np.min(_numbers(points["yhat"]))), float(np.max(_numbers(points["yhat"])))
    frame = pd.DataFrame({"time": ahead, **{name: points[name] for name in points if name != "time_us"}})
    unit = one.unit
    chart_card(
        _figure(at, one, (before, past["value"][-keep:]), (ahead, points)), frame, key="forecast-chart",
        title=f"{subject_of(at.plant, one)}: the next {one.steps} x {STEP_WORDS[one.step_s]}",
        finding=f"Between {number(low, 1)} and {number(high, 1)} {unit} expected; "
        "the bands held 80 % and 95 % of the errors of the backtest.",
        revision=str(one.id),
    )  # fmt: skip


def _numbers(values: list[float | None]) -> Any:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _figure(at: Scene, one: ForecastShown, past: tuple[Any, Any], told: tuple[Any, Any]) -> Figure:
    times, points = told
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "name": "Measured", "x": [t.item() for t in past[0]],
         "y": _numbers(past[1]), "line": {"color": "@muted", "width": 1.4}, "connectgaps": False},
        *_bands(times, points),
        {"type": "scatter", "mode": "lines", "name": "Forecast", "x": [t.item() for t in times],
         "y": _numbers(points["yhat"]), "line": {"color": "@accent", "width": 2}},
    ]  # fmt: skip
    for trace in traces:
        trace.setdefault("hovertemplate", f"%{{y:.4~g}} {safe(one.unit)}<extra>{trace['name']}</extra>")
    label = "Energy per step" if one.target == "energy" else "Value"
    return {
        "data": traces,
        "layout": layout(
            "", height=380, showlegend=True, legend=legend_below(), hovermode="x",
            margin={"l": 8, "r": 12, "t": 16, "b": 76}, yaxis={"title": titled(label, one.unit)},
            xaxis=time_axis(axis_zone(at.zone, one.start_us, one.end_us)),
        ),
    }  # fmt: skip


def _bands(times: Any, points: dict[str, Any]) -> list[dict[str, Any]]:
    """The wide band first, so that the narrow one lies over it."""
    traces: list[dict[str, Any]] = []
    x = [t.item() for t in times]
    for level, opacity in ((95, 0.14), (80, 0.22)):
        none = {"width": 0, "color": "@accent"}
        traces.append({"type": "scatter", "mode": "lines", "name": f"{level} % lower", "x": x, "line": none,
                       "y": _numbers(points[f"lower_{level}"]), "showlegend": False})  # fmt: skip
        traces.append({"type": "scatter", "mode": "lines", "name": f"{level} % band", "x": x, "line": none,
                       "y": _numbers(points[f"upper_{level}"]), "fill": "tonexty",
                       "fillcolor": faded("@accent", opacity)})  # fmt: skip
    return traces


def _ranking(one: ForecastShown, body: dict[str, Any]) -> None:
    ranked = body["ranking"]
    if not ranked:
        return
    naive = one.naive_mase or float("nan")
    mase = _numbers([row["mase"] for row in ranked])
    frame = pd.DataFrame(
        {
            "Model": [METHOD_WORDS.get(row["model"], row["model"]) for row in ranked],
            "MASE": mase,
            "Error against naive": 100 * (mase / naive - 1),
            "In this forecast": ["yes" if _is_used(one, row["model"]) else "" for row in ranked],
        }
    )
    with st.container(border=True, key="card-forecast-ranking"):
        st.markdown(f"**Models, ranked over {many(body['origins'], 'earlier origin')} of this history**")
        data_table(
            frame, key="forecast-ranking", label="Models ranked", height=fitting(len(frame)),
            download_name="forecast-models",
            columns={"MASE": st.column_config.NumberColumn(format="%.3f"),
                     "Error against naive": st.column_config.NumberColumn(format="%+.0f %%")},
        )  # fmt: skip


def _is_used(one: ForecastShown, model: str) -> bool:
    return model in one.models or model == one.method
