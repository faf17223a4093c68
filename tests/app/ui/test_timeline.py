"""The picture of a timeline: what is sent to be drawn."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pandas as pd
import pytest

from analytics.vocabulary import TimeClass
from app.ui.charts.lanes import (
    FRAME_PX,
    LANE_PX,
    SLIM_PX,
    LanesEvent,
    Piece,
    _click,
    _zoom,
    height_of,
    packed,
)
from app.ui.figures.timeline import timeline
from app.ui.selecting.zone import offsets

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = 60_000_000
SIX = int(datetime(2026, 11, 20, 5, tzinfo=UTC).timestamp()) * 1_000_000
TWO = SIX + 480 * MINUTE
PRODUCING, STOP, NONE = int(TimeClass.PRODUCING), int(TimeClass.UNPLANNED_STOP), int(TimeClass.UNKNOWN)


def picture(*rows, lanes=("A", "B"), start_us=SIX, end_us=TWO, zone=BERLIN):
    pieces = pd.DataFrame(rows, columns=["machine", "start_us", "end_us", "time_class", "reason"])
    names = {key: f"Machine {key}" for key in lanes}
    return timeline(pieces, start_us=start_us, end_us=end_us, zone=zone, lanes=names)


def test_each_piece_keeps_its_lane_class_reason_and_times():
    found = picture(
        ("B", SIX, SIX + 90 * MINUTE, STOP, "Pump"),
        ("A", SIX + 90 * MINUTE, TWO, PRODUCING, None),
        ("A", SIX, SIX + 90 * MINUTE, STOP, ""),
    )
    assert found["lanes"] == [["A", "Machine A"], ["B", "Machine B"]]
    assert [word for _, word, _ in found["kinds"]] == ["Producing", "Unplanned stops"]
    assert found["lane"].tolist() == [0, 0, 1]
    assert found["kind"].tolist() == [1, 0, 1]
    assert [found["reasons"][number] for number in found["reason"]] == ["", "", "Pump"]
    assert found["low"].tolist() == [0, 90 * 60_000, 0]
    assert found["high"].tolist() == [90 * 60_000, 480 * 60_000, 90 * 60_000]


def test_pieces_are_cut_to_the_range_and_those_outside_or_of_no_lane_are_left_out():
    found = picture(
        ("A", SIX - 300 * MINUTE, SIX + 60 * MINUTE, PRODUCING, None),
        ("A", TWO - 60 * MINUTE, TWO + 300 * MINUTE, PRODUCING, None),
        ("A", TWO, TWO + 60 * MINUTE, PRODUCING, None),
        ("A", SIX + 90 * MINUTE, SIX + 90 * MINUTE, PRODUCING, None),
        ("gone", SIX, TWO, PRODUCING, None),
    )
    assert found["low"].tolist() == [0, 420 * 60_000]
    assert found["high"].tolist() == [60 * 60_000, 480 * 60_000]


def test_no_data_is_hatched_and_only_what_is_there_is_in_the_legend():
    (kind,) = picture(("A", SIX, TWO, NONE, None))["kinds"]
    assert kind == ["@class.unknown", "No data", True]


def test_nothing_to_draw_says_why():
    found = picture()
    assert found["note"] == "No state was recorded in this range."
    assert msgspec.json.decode(msgspec.json.encode(packed(found)))["low"] == []


@pytest.mark.parametrize("days", [1, 90, 3_000])
def test_long_ranges_keep_their_pieces_to_a_thousandth_of_a_pixel(days):
    end_us = SIX + days * 1_440 * MINUTE
    found = picture(("A", end_us - 10 * MINUTE, end_us, STOP, None), end_us=end_us)
    assert found["high"].dtype == np.uint32
    begin = found["start"] + int(found["low"][0]) * found["step"]
    assert begin == pytest.approx(end_us - 10 * MINUTE, abs=(end_us - SIX) / 4_000_000)


def test_the_clock_of_a_day_that_has_25_hours_goes_back_in_it():
    midnight = int(datetime(2026, 10, 25, tzinfo=BERLIN).timestamp()) * 1_000_000
    change = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()) * 1_000_000
    hour = 3_600_000_000
    assert offsets(BERLIN, midnight, midnight + 25 * hour) == [(midnight, 2 * hour), (change, hour)]
    assert offsets(BERLIN, change, change + hour) == [(change, hour)]


@pytest.mark.parametrize(("name", "ahead_min"), [("Asia/Kathmandu", 345), ("America/St_Johns", -210)])
def test_zones_that_are_not_whole_hours_ahead(name, ahead_min):
    assert offsets(ZoneInfo(name), SIX, SIX + 1) == [(SIX, ahead_min * MINUTE)]


def test_a_clock_that_changes_by_half_an_hour():
    zone = ZoneInfo("Australia/Lord_Howe")
    start = int((datetime(2026, 10, 4, tzinfo=zone) - timedelta(hours=1)).timestamp()) * 1_000_000
    found = offsets(zone, start, start + 86_400_000_000)
    assert [ahead // MINUTE for _, ahead in found] == [630, 660]


def test_many_lanes_are_slim():
    assert height_of(0) == FRAME_PX + LANE_PX
    assert height_of(12) == FRAME_PX + 12 * LANE_PX
    assert height_of(50) == FRAME_PX + 50 * SLIM_PX


@pytest.mark.parametrize(
    "report",
    [
        None, 7, {}, {"revision": "old", "zoom": [SIX, TWO]}, {"revision": "r", "zoom": None},
        {"revision": "r", "zoom": [SIX]}, {"revision": "r", "zoom": [TWO, SIX]},
        {"revision": "r", "zoom": ["a", "b"]}, {"revision": "r", "zoom": [SIX, 1e300]},
    ],
)  # fmt: skip
def test_a_zoom_that_is_none_shows_everything(report):
    assert _zoom(report, "r") is None


def test_a_zoom_and_a_click_come_as_whole_microseconds():
    assert _zoom({"revision": "r", "zoom": [SIX + 0.5, TWO]}, "r") == (SIX, TWO)
    assert _click({"machine": "A", "start": SIX, "end": TWO}) == Piece("A", SIX, TWO)
    assert LanesEvent() == LanesEvent(None, None)


@pytest.mark.parametrize(
    "report", [None, {"machine": 3}, {"machine": "A"}, {"machine": "A", "start": "x", "end": 2}, "A"]
)
def test_a_click_on_nothing_is_none(report):
    assert _click(report) is None
