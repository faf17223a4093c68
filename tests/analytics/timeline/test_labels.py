"""Judgements of people laid over the stops that machines reported."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import from_transitions
from analytics.timeline.labels import labelled
from analytics.timeline.segments import Segments
from analytics.vocabulary import State

RUN, IDLE, DOWN = int(State.RUNNING), int(State.IDLE), int(State.DOWN)


def labels(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["machine", "start_us", "end_us", "reason"])


def told(segments: Segments) -> list[tuple[int, ...]]:
    frame = segments.frame()[["machine", "start_us", "end_us", "state", "reason", "stop_us"]]
    return [tuple(int(one) for one in row) for row in frame.itertuples(index=False)]


@pytest.fixture
def day() -> Segments:
    """Runs to 10, idle to 40, down to 60 with reason 3, runs to 100; machine 7 is down from 20 on."""
    return from_transitions(
        [1, 1, 1, 1, 7], [0, 10, 40, 60, 20], [RUN, IDLE, DOWN, RUN, DOWN], [-1, -1, 3, -1, -1], until_us=100
    )


def test_a_label_gives_a_stop_its_reason_and_leaves_the_rest(day: Segments) -> None:
    found, label = labelled(day, labels((1, 10, 40, 9)))
    assert told(found)[1] == (1, 10, 40, IDLE, 9, 30)
    assert told(found)[2] == (1, 40, 60, DOWN, 3, 20)
    assert label.tolist() == [-1, 0, -1, -1, -1]


def test_two_labels_split_a_stop_and_its_parts_stay_as_long_as_the_whole(day: Segments) -> None:
    found, label = labelled(day, labels((1, 20, 40, 8), (1, 10, 20, 9)))
    assert told(found)[1:3] == [(1, 10, 20, IDLE, 9, 30), (1, 20, 40, IDLE, 8, 30)]
    assert label.tolist()[1:3] == [1, 0]


def test_a_label_over_two_stops_makes_them_one(day: Segments) -> None:
    found, _ = labelled(day, labels((1, 10, 60, 9)))
    assert told(found)[1] == (1, 10, 60, IDLE, 9, 50)
    assert len(found) == len(day) - 1


def test_a_label_changes_no_running_time_and_no_other_machine(day: Segments) -> None:
    found, _ = labelled(day, labels((1, 0, 100, 9), (5, 0, 100, 9)))
    assert told(found) == [
        (1, 0, 10, RUN, -1, 10), (1, 10, 60, IDLE, 9, 50), (1, 60, 100, RUN, -1, 40),
        (7, 20, 100, DOWN, -1, 80),
    ]  # fmt: skip


def test_a_label_reaches_over_the_edges_of_what_is_known(day: Segments) -> None:
    found, label = labelled(day, labels((7, 0, 2_000, 4)))
    assert told(found)[-1] == (7, 20, 100, DOWN, 4, 80)
    assert label[-1] == 0


def test_stops_apart_under_one_label_are_as_long_as_both_together() -> None:
    line = from_transitions([1, 1, 1, 1], [0, 10, 15, 30], [DOWN, RUN, DOWN, RUN], until_us=50)
    found, _ = labelled(line, labels((1, 0, 30, 2)))
    assert [(row[1], row[2], row[5]) for row in told(found) if row[3] == DOWN] == [(0, 10, 25), (15, 30, 25)]


def test_an_open_label_lasts_until_the_machine_runs_again(day: Segments) -> None:
    found, _ = labelled(day, labels((1, 10, -1, 9), (7, 30, -1, 8)))
    assert told(found)[1] == (1, 10, 60, IDLE, 9, 50)
    assert told(found)[-2:] == [(7, 20, 30, DOWN, -1, 80), (7, 30, 100, DOWN, 8, 80)]


def test_an_open_label_of_a_time_in_which_the_machine_runs_says_nothing(day: Segments) -> None:
    found, label = labelled(day, labels((1, 5, -1, 9), (1, 70, -1, 9)))
    assert told(found) == told(day)
    assert label.max() == -1


def test_labels_that_overlap_or_end_before_they_start_are_refused(day: Segments) -> None:
    with pytest.raises(InvalidInput, match="overlap"):
        labelled(day, labels((1, 10, 30, 9), (1, 20, 40, 8)))
    with pytest.raises(InvalidInput, match="after it starts"):
        labelled(day, labels((1, 30, 30, 9)))


@given(
    events=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 6)), max_size=30),
    cuts=st.lists(st.integers(0, 70), max_size=8, unique=True),
    owner=st.integers(0, 3),
)
def test_every_second_keeps_its_machine_and_gets_the_reason_of_its_label(
    events: list[tuple[int, int, int]], cuts: list[int], owner: int
) -> None:
    machine, time, state = (list(one) for one in zip(*events, strict=True)) if events else ([], [], [])
    line = from_transitions(
        np.array(machine, np.int32), np.array(time, np.int64), np.array(state, np.int8), until_us=61
    )
    edges = sorted(cuts)
    rows = [(owner, low, high, n) for n, (low, high) in enumerate(itertools.pairwise(edges))]
    found, _ = labelled(line, labels(*rows))
    for code in range(3):
        before, after = _seconds(line, code), _seconds(found, code)
        assert before.keys() == after.keys()
        for second, (state_then, reason) in before.items():
            mine = [n for who, low, high, n in rows if who == code and low <= second < high]
            is_stop = state_then not in (RUN, int(State.UNKNOWN))
            assert after[second][1] == (mine[0] if mine and is_stop else reason)
            if not mine or not is_stop:
                assert after[second][0] == state_then


def _seconds(line: Segments, code: int) -> dict[int, tuple[int, int]]:
    return {
        second: (row[3], row[4]) for row in told(line) if row[0] == code for second in range(row[1], row[2])
    }
