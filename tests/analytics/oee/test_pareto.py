import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.oee import elements, pareto
from analytics.timeline import Windows, classify, from_transitions, pieces, span
from analytics.vocabulary import ReasonCategory, State, TimeClass

RUN, DOWN = State.RUNNING, State.DOWN
EVENTS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 100), st.integers(0, 6), st.integers(-1, 3)),
    min_size=1,
    max_size=30,
)
SHIFTS = Windows(
    np.array([5, 40, 70]),
    np.array([40, 70, 95]),
    np.array([1, 1, 2], np.int32),
    np.array([0, 1, -1], np.int16),
    np.array([True, True, False]),
    ("early", "late"),
    np.array([20]),
    np.array([25]),
)


def test_stops_are_ranked_by_their_time_with_their_share():
    line = from_transitions(
        [1] * 6,
        [0, 10, 15, 40, 45, 60],
        [DOWN, RUN, DOWN, RUN, DOWN, RUN],
        [3, -1, 4, -1, 3, -1],
        until_us=90,
    )
    table = pareto(line, classify(line, {}, 0), span(0, 90), until_us=90)
    assert table["reason"].tolist() == [3, 4]
    assert table["time_us"].tolist() == [25, 25]
    assert table["stops"].tolist() == [2, 1]
    assert table["cumulative_share"].tolist() == [0.5, 1.0]


def test_a_stop_across_windows_is_one_stop_over_all_and_one_in_each():
    line = from_transitions([1, 1], [30, 60], [DOWN, RUN], until_us=95)
    classes = classify(line, {}, 0)
    assert pareto(line, classes, SHIFTS, until_us=95)["stops"].tolist() == [1]
    by_shift = pareto(line, classes, SHIFTS, until_us=95, by=("day", "shift"))
    assert by_shift[["shift", "time_us", "stops"]].to_numpy().tolist() == [["late", 20, 1], ["early", 10, 1]]


def test_breaks_planned_stops_and_time_outside_the_schedule_are_no_loss():
    line = from_transitions([1, 1], [20, 25], [DOWN, State.PLANNED_STOP], until_us=95)
    assert pareto(line, classify(line, {}, 0), SHIFTS, until_us=95).empty
    shown = pareto(line, classify(line, {}, 0), SHIFTS, until_us=95, include=[TimeClass.PLANNED_STOP])
    assert shown["time_us"].tolist() == [50]


def test_an_unknown_grouping_is_refused():
    line = from_transitions([1], [0], [DOWN], until_us=5)
    with pytest.raises(InvalidInput, match="can be made by reason"):
        pareto(line, classify(line, {}, 0), span(0, 5), until_us=5, by=("colour",))


@settings(max_examples=80, deadline=None)
@given(events=EVENTS, until=st.integers(10, 110))
def test_the_pareto_has_the_stop_time_of_the_cells_and_the_pieces_tile_the_windows(events, until):
    line = from_transitions(*(np.array(column) for column in zip(*events, strict=True)), until_us=until)
    classes = classify(line, {0: ReasonCategory.SETUP, 1: ReasonCategory.PLANNED}, 8)
    machines = np.unique(line.machine)
    cells = elements(line, classes, SHIFTS, until_us=until)
    table = pareto(line, classes, SHIFTS, until_us=until, by=("time_class",))
    found = table.set_index("time_class")["time_us"]
    for time_class, column in (
        (TimeClass.UNPLANNED_STOP, "unplanned_stop_us"),
        (TimeClass.MINOR_STOP, "minor_stop_us"),
        (TimeClass.SETUP, "setup_us"),
    ):
        assert found.get(int(time_class), 0) == cells[column].sum()
    drawn = pieces(line, classes, SHIFTS, until_us=until, machines=machines)
    assert (drawn["end_us"] > drawn["start_us"]).all()
    for machine in machines:
        own = drawn[drawn["machine"] == machine]
        assert (own["start_us"].to_numpy()[1:] == own["end_us"].to_numpy()[:-1]).all()
        assert own["start_us"].iloc[0] == 5
        assert own["end_us"].iloc[-1] == min(until, 95)
    unknown = drawn[drawn["time_class"] == TimeClass.UNKNOWN]
    assert (unknown["end_us"] - unknown["start_us"]).sum() == cells["unknown_us"].sum()
