"""Hours by worker and station: worked by hand, against plain Python, and as properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.productivity import ordering
from analytics.productivity.events import activity_events, confident, deduplicated
from analytics.productivity.hours import grid, hour_figures
from analytics.productivity.spells import spells
from tests.analytics import plain_productivity as plain

W, IDLE, A, C = range(4)
HOUR = 3_600_000_000
MINUTE = 60_000_000
TIMES = ("active_us", "idle_us", "absent_us")


def events_of(rows):
    """Events from dicts as the oracle has them."""
    column = lambda name: np.array([one[name] for one in rows], np.int64)  # noqa: E731
    confidence = np.array([np.nan if one["confidence"] is None else one["confidence"] for one in rows])
    return activity_events(
        column("time"), column("kind"), column("worker"), column("station"),
        count=column("count"), confidence=confidence, model=column("model"), key=column("key"),
    )  # fmt: skip


def seen(time, kind, worker=1, station=1, count=0, confidence=None, model=-1, key=None):
    own = hash((time, kind, worker, station)) if key is None else key
    return {"time": time, "kind": kind, "worker": worker, "station": station, "count": count,
            "confidence": confidence, "model": model, "key": own}  # fmt: skip


def cells(rows, edges, cuts=(), cap=HOUR, until=10**15, least=0.0):
    found = hour_figures(
        events_of(rows), grid(edges, cuts), cap_us=cap, until_us=until, least_confidence=least
    )
    return {
        (row.worker, row.station, row.slot): {
            name: getattr(row, name) for name in ("active_us", "idle_us", "absent_us", "units", "events")
        }
        for row in found.itertuples()
    }


def test_a_morning_worked_by_hand():
    day = [
        seen(8 * HOUR, W), seen(8 * HOUR + 40 * MINUTE, C, count=6), seen(9 * HOUR + 10 * MINUTE, IDLE),
        seen(9 * HOUR + 25 * MINUTE, W), seen(10 * HOUR, A),
    ]  # fmt: skip
    found = cells(day, [8 * HOUR, 9 * HOUR, 10 * HOUR, 11 * HOUR, 12 * HOUR])
    assert found == {
        (1, 1, 0): {"active_us": HOUR, "idle_us": 0, "absent_us": 0, "units": 6.0, "events": 2},
        (1, 1, 1): {
            "active_us": 45 * MINUTE, "idle_us": 15 * MINUTE, "absent_us": 0, "units": 0.0, "events": 2,
        },
        (1, 1, 2): {"active_us": 0, "idle_us": 0, "absent_us": HOUR, "units": 0.0, "events": 1},
    }  # fmt: skip


def test_an_event_stands_for_at_most_the_cap_and_the_rest_is_a_gap():
    found = cells([seen(0, W), seen(3 * HOUR, IDLE)], [0, 6 * HOUR], cap=HOUR // 2)
    assert found[(1, 1, 0)]["active_us"] == HOUR // 2
    assert found[(1, 1, 0)]["idle_us"] == HOUR // 2


def test_a_shift_end_ends_the_state():
    found = cells([seen(0, W), seen(90 * MINUTE, W)], [0, HOUR, 2 * HOUR], cuts=[HOUR], cap=3 * HOUR)
    assert (found[(1, 1, 0)]["active_us"], found[(1, 1, 1)]["active_us"]) == (HOUR, 30 * MINUTE)


def test_nothing_counts_beyond_now():
    found = cells([seen(0, W), seen(50 * MINUTE, IDLE)], [0, HOUR], until=20 * MINUTE)
    assert found == {
        (1, 1, 0): {"active_us": 20 * MINUTE, "idle_us": 0, "absent_us": 0, "units": 0.0, "events": 1}
    }


def test_a_count_carries_the_state_on_and_renews_its_cap():
    rows = [seen(0, W, station=3), seen(50 * MINUTE, C, station=4, count=2)]
    found = cells(rows, [0, 4 * HOUR])
    assert found[(1, 3, 0)]["active_us"] == 110 * MINUTE
    assert found[(1, 4, 0)] == {"active_us": 0, "idle_us": 0, "absent_us": 0, "units": 2.0, "events": 1}


def test_a_count_after_a_gap_or_in_another_shift_knows_no_state():
    rows = [seen(0, W), seen(2 * HOUR, C, count=1)]
    assert cells(rows, [0, 4 * HOUR])[(1, 1, 0)]["active_us"] == HOUR
    rows = [seen(0, W), seen(30 * MINUTE, C, count=1)]
    assert cells(rows, [0, 4 * HOUR], cuts=[20 * MINUTE])[(1, 1, 0)]["active_us"] == 20 * MINUTE


def test_of_two_states_at_one_moment_the_more_confident_one_holds_and_working_wins_a_draw():
    rows = [seen(0, W, confidence=0.6), seen(0, IDLE, confidence=0.9)]
    assert cells(rows, [0, HOUR])[(1, 1, 0)]["idle_us"] == HOUR
    rows = [seen(0, A, confidence=0.5), seen(0, W, confidence=0.5), seen(0, IDLE, confidence=0.5)]
    assert cells(rows, [0, HOUR])[(1, 1, 0)]["active_us"] == HOUR


def test_events_without_a_worker_speak_for_their_station():
    rows = [
        seen(0, W, worker=-1, station=1),
        seen(0, IDLE, worker=-1, station=2),
        seen(0, W, worker=1, station=1),
    ]
    found = cells(rows, [0, HOUR])
    assert {key: (cell["active_us"], cell["idle_us"]) for key, cell in found.items()} == {
        (-1, 1, 0): (HOUR, 0), (-1, 2, 0): (0, HOUR), (1, 1, 0): (HOUR, 0),
    }  # fmt: skip


def test_a_threshold_leaves_out_what_is_less_confident_but_not_what_has_no_confidence():
    events = events_of([seen(0, W, confidence=0.4), seen(1, IDLE), seen(2, A, confidence=0.8)])
    assert confident(events, 0.8).tolist() == [False, True, True]
    found = cells([seen(0, W, confidence=0.4), seen(HOUR // 4, IDLE, confidence=0.9)], [0, HOUR], least=0.5)
    assert found[(1, 1, 0)]["active_us"] == 0
    assert found[(1, 1, 0)]["idle_us"] == 45 * MINUTE


def test_an_event_that_comes_again_with_another_time_counts_once_at_its_earliest():
    rows = [seen(20, W, key=5), seen(10, W, key=5), seen(30, IDLE, key=6)]
    assert deduplicated(events_of(rows)).time_us.tolist() == [10, 30]
    assert cells(rows, [0, 100])[(1, 1, 0)]["active_us"] == 20


def test_what_cannot_be_right_is_refused():
    with pytest.raises(InvalidInput, match="confidence"):
        activity_events([0], [0], [1], [1], confidence=[1.2])
    with pytest.raises(InvalidInput, match="activity"):
        activity_events([0], [9], [1], [1])
    with pytest.raises(InvalidInput, match="rows"):
        activity_events([0, 1], [0], [1], [1])
    with pytest.raises(InvalidInput, match="cap"):
        spells(activity_events([0], [0], [1], [1]), cap_us=0, until_us=5)


def test_no_events_make_no_rows():
    assert cells([], [0, HOUR]) == {}


EVENT = st.builds(
    seen,
    time=st.integers(-20, 120),
    kind=st.integers(0, 3),
    worker=st.integers(-1, 3),
    station=st.integers(0, 2),
    count=st.integers(0, 9),
    confidence=st.sampled_from([None, 0.25, 0.5, 0.75, 1.0]),
    model=st.integers(-1, 1),
    key=st.integers(0, 30),
)
EVENTS = st.lists(EVENT, max_size=25)
CUTS = st.lists(st.integers(0, 100), max_size=3)


def untied(rows):
    """Leave out what makes the oracle's own order of ties unclear: states that differ in the model only."""
    kept = {}
    for one in rows:
        kept.setdefault((one["time"], one["kind"], one["worker"], one["station"], one["confidence"]), one)
    return list(kept.values())


@settings(max_examples=300, deadline=None)
@given(EVENTS, CUTS, st.integers(1, 60), st.integers(1, 130), st.sampled_from([0.0, 0.5, 0.75]))
def test_the_cells_are_those_of_plain_python(rows, cuts, cap, until, least):
    edges = sorted({0, 30, 55, 100, *cuts})
    expected = plain.oracle(rows, edges, cuts, cap, until, least)
    assert cells(rows, [0, 30, 55, 100], cuts, cap, until, least) == expected


@settings(max_examples=100, deadline=None)
@given(EVENTS.map(untied), st.randoms(use_true_random=False), st.lists(st.integers(0, 24), max_size=6))
def test_neither_order_nor_repeats_change_anything(rows, random, repeats):
    before = cells(rows, [0, 30, 100], [60], 40)
    again = [*rows, *(rows[place % len(rows)] for place in repeats if rows)]
    random.shuffle(again)
    assert cells(again, [0, 30, 100], [60], 40) == before


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.lists(st.integers(1, 99), max_size=4))
def test_finer_hours_hold_the_same_time_and_a_worker_is_in_one_state_at_a_time(rows, inner):
    coarse, fine = cells(rows, [0, 100], cap=40), cells(rows, [0, *inner, 100], cap=40)
    for name in ("active_us", "idle_us", "absent_us", "units", "events"):
        assert sum(cell[name] for cell in coarse.values()) == sum(cell[name] for cell in fine.values())
    for worker in {key[0] for key in coarse if key[0] >= 0}:
        own = [cell for key, cell in coarse.items() if key[0] == worker]
        assert sum(cell[name] for cell in own for name in ("active_us", "idle_us", "absent_us")) <= 100


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(1, 60))
def test_a_longer_cap_never_shortens_the_known_time(rows, cap):
    known = [
        sum(cell[name] for cell in cells(rows, [0, 100], cap=one).values() for name in TIMES)
        for one in (cap, cap + 10)
    ]  # fmt: skip
    assert known[0] <= known[1]


@pytest.mark.parametrize("chunk", [1, 500, 1 << 17])
def test_the_three_ways_agree_on_a_busy_day(monkeypatch, chunk):
    monkeypatch.setattr(ordering, "CHUNK", chunk)
    random = np.random.default_rng(5)
    rows = 4_000
    frame = pd.DataFrame(
        {
            "worker": random.integers(0, 9, rows),
            "station": random.integers(0, 4, rows),
            "time_us": random.choice(8 * HOUR // 1000, rows, replace=False) * 1000,
            "kind": random.integers(0, 4, rows),
            "key": np.arange(rows),
        }
    )
    frame["count"] = np.where(frame["kind"] == C, random.integers(1, 5, rows), 0)
    frame = pd.concat([frame, frame.sample(80, random_state=1)]).sample(frac=1, random_state=2)
    edges, cuts, cap = [hour * HOUR for hour in range(9)], [4 * HOUR], 4 * MINUTE
    events = activity_events(
        *(frame[name].to_numpy() for name in ("time_us", "kind", "worker", "station")),
        count=frame["count"].to_numpy(), key=frame["key"].to_numpy(),
    )  # fmt: skip
    fast = hour_figures(events, grid(edges, cuts), cap_us=cap, until_us=edges[-1])
    fast = fast.set_index(["worker", "station", "slot"])
    for way in (plain.vectorised_pandas, plain.plain_loop):
        slow = way(frame, edges, cuts, cap).astype("float64")
        names = ["active_us", "idle_us", "absent_us", "units", "events"]
        pd.testing.assert_frame_equal(fast[names].astype("float64"), slow[names], check_names=False)
