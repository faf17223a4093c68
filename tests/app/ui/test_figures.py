"""Figures show the numbers that they are given: nothing lost, nothing smoothed, nothing interpreted."""

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics.vocabulary import TimeClass
from app.ui.charts.encoding import encode
from app.ui.figures.heatmap import heatmap
from app.ui.figures.hours import hour_strip
from app.ui.figures.pareto import pareto
from app.ui.figures.sparkline import sparkline
from app.ui.figures.telemetry import SignalLine, interleaved, telemetry
from app.ui.figures.trend import trend
from app.ui.figures.waterfall import waterfall
from app.ui.palette import resolve

SIX = datetime(2026, 11, 20, 6)
TWO = datetime(2026, 11, 20, 14)
DAYS = [date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)]


def _signal(y_min, y_max, limits=()):
    x = np.datetime64("2026-11-20T06:00") + np.arange(len(y_min)).astype("timedelta64[m]")
    return SignalLine("Load", "%", x, np.array(y_min, float), np.array(y_max, float), limits)


STEPS = pd.DataFrame(
    [
        ("All", 100.0, "total"),
        ("Down", 30.0, "breakdown"),
        ("No data", 10.0, "unknown"),
        ("Left", 60.0, "result"),
    ],
    columns=["label", "minutes", "kind"],
)
FIGURES = {
    "waterfall": waterfall(STEPS, title="t"),
    "pareto": pareto(["a", "b"], [1, 2], [1, 1], title="t"),
    "trend": trend(
        DAYS, [0.5, np.nan, 0.7], title="t", target=0.8, lower=[0.4, 0.1, 0.7], upper=[0.6, 0.9, 0.7]
    ),
    "telemetry": telemetry([_signal([1, 2], [1, 3], (("High", 5),))], title="t", zone_title="z"),
    "heatmap": heatmap(DAYS, np.zeros((3, 24)), title="t", measure="Lost", unit="min", zone_title="z"),
    "hours": hour_strip(["06:00"], {TimeClass.PRODUCING: [60]}, title="t", zone_title="z"),
    "sparkline": sparkline([1, 2, np.nan], title="t"),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_figure_is_valid_for_plotly_once_its_colours_are_named(name, mode):
    solved = resolve(FIGURES[name], mode)
    figure = go.Figure(solved)
    assert figure.layout.title.text == "t"
    assert figure.layout.height
    assert encode(solved)


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "sparkline"])
def test_every_value_axis_has_a_title(name):
    layout = FIGURES[name]["layout"]
    axes = {key: axis for key, axis in layout.items() if key[1:5] == "axis"}
    assert any(axis.get("title", {}).get("text") for axis in axes.values())


@pytest.mark.parametrize(
    "figure",
    [
        waterfall(STEPS.head(0), title="t"),
        pareto([], [], [], title="t"),
        trend([], [], title="t"),
        telemetry([], title="t", zone_title="z"),
        heatmap([], np.zeros((0, 24)), title="t", measure="m", unit="min", zone_title="z"),
        hour_strip([], {}, title="t", zone_title="z"),
    ],
)
def test_an_empty_figure_says_why_it_is_empty(figure):
    assert figure["layout"]["annotations"][0]["text"].endswith(".")
    assert encode(figure)


def test_losses_hang_from_the_level_before_and_totals_stand_on_the_axis():
    (bars,) = waterfall(STEPS, title="t")["data"]
    assert (60 * bars["base"]).tolist() == pytest.approx([0, 70, 60, 0])
    assert (60 * bars["x"]).tolist() == pytest.approx([100, 30, 10, 60])
    assert bars["marker"]["color"] == ["@muted", "@loss.breakdown", "@class.unknown", "@accent"]
    assert bars["marker"]["pattern"]["shape"] == ["", "", "/", ""]


def test_pareto_sorts_falling_and_ends_at_100_percent():
    bars, line = pareto(["a", "b", "c"], [10, 30, 20], [1, 2, 3], title="t")["data"]
    assert bars["customdata"] == ["b", "c", "a"]
    assert (60 * bars["x"]).tolist() == pytest.approx([30, 20, 10])
    assert line["x"].tolist() == pytest.approx([50, 100 * 50 / 60, 100])
    assert "2 stops" in bars["hovertext"][0]


def test_pareto_sums_the_rest_and_keeps_causes_of_one_name_apart():
    bars, line = pareto(["a", "a", "b", "c"], [4, 3, 2, 1], [1, 1, 1, 1], title="t", most=2)["data"]
    assert len(set(bars["y"])) == 3
    assert bars["customdata"] == ["a", "a", ""]
    assert (60 * bars["x"]).tolist() == pytest.approx([4, 3, 3])
    assert line["x"][-1] == pytest.approx(100)


def test_pareto_of_nothing_lost_divides_by_nothing():
    _, line = pareto(["a"], [0], [0], title="t")["data"]
    assert line["x"].tolist() == [0]


def test_days_with_little_data_are_hollow_and_missing_days_are_gaps():
    figure = trend(DAYS, [0.5, np.nan, 0.7], title="t", coverage=[0.5, 0.0, 1.0])
    (line,) = figure["data"]
    assert line["marker"]["symbol"] == ["circle-open", "circle-open", "circle"]
    assert np.isnan(line["y"][1])
    assert line["connectgaps"] is False


def test_bounds_are_drawn_from_lower_to_upper():
    bounds = trend(DAYS, [0.5, 0.6, 0.7], title="t", lower=[0.4, 0.6, 0.6], upper=[0.6, 0.6, 0.9])["data"][0]
    assert bounds["base"].tolist() == pytest.approx([40, 60, 60])
    assert (bounds["base"] + bounds["y"]).tolist() == pytest.approx([60, 60, 90])


def test_every_peak_of_an_envelope_is_drawn():
    x, y = interleaved(_signal([1, 2, np.nan, 4], [9, 2, np.nan, 5]))
    np.testing.assert_array_equal(y, [1, 9, 2, np.nan, 4, 5])
    minutes = (x - np.datetime64("2026-11-20T06:00")).astype("timedelta64[m]").astype(int)
    assert minutes.tolist() == [0, 0, 1, 2, 3, 3]


def test_each_unit_has_its_own_panel_and_all_share_time():
    load = _signal([1], [1])
    lines = [load, replace(load, name="Heat", unit="°C")]
    figure = telemetry(lines, title="t", zone_title="Time (UTC)", start=SIX, end=TWO)
    layout = figure["layout"]
    assert [layout["yaxis"]["title"]["text"], layout["yaxis2"]["title"]["text"]] == ["%", "°C"]
    assert layout["xaxis2"]["matches"] == "x"
    assert layout["xaxis2"]["title"]["text"] == "Time (UTC)"
    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]


def test_limits_are_lines_with_their_name_and_value():
    layout = FIGURES["telemetry"]["layout"]
    assert layout["shapes"][0]["y0"] == layout["shapes"][0]["y1"] == 5
    assert layout["annotations"][0]["text"].startswith("High 5")


def test_the_heat_map_starts_at_the_first_hour_of_the_production_day():
    (cells,) = heatmap(
        DAYS,
        np.arange(72.0).reshape(3, 24),
        title="t",
        measure="Lost",
        unit="min",
        zone_title="z",
        first_hour=6,
    )["data"]
    assert cells["x"][0] == "06:00"
    assert cells["x"][-1] == "05:00"
    assert cells["customdata"][1][0] == ["2026-11-19", 6]


def test_hours_are_stacked_with_producing_at_the_bottom():
    figure = hour_strip(
        ["06:00"],
        {TimeClass.UNPLANNED_STOP: [20], TimeClass.PRODUCING: [40], TimeClass.SETUP: [0]},
        title="t",
        zone_title="z",
    )
    assert [trace["name"] for trace in figure["data"]] == ["Producing", "Unplanned stops"]


def test_a_sparkline_does_not_blow_up_noise():
    axis = sparkline([0.80, 0.81], title="t")["layout"]["yaxis"]
    assert axis["range"][0] == 0
