import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import OPEN, from_intervals
from analytics.vocabulary import State

RUN, IDLE, DOWN, SETUP = State.RUNNING, State.IDLE, State.DOWN, State.SETUP
NOW = 100


def spans(line):
    return list(zip(*(getattr(line, name).tolist() for name in ("start_us", "end_us", "state")), strict=True))


def test_a_stop_inside_a_running_interval_cuts_it():
    line, twice = from_intervals([1, 1], [0, 20], [60, 30], [RUN, DOWN], until_us=NOW)
    assert spans(line) == [(0, 20, RUN), (20, 30, DOWN), (30, 60, RUN)]
    table = twice.per_machine.iloc[0]
    assert (table.stop_over_stop_us, table.over_running_us, table.overlap_us) == (0, 10, 10)
    assert len(twice.start_us) == 0


def test_of_overlapping_stops_the_one_that_started_first_keeps_its_time():
    line, twice = from_intervals([1, 1], [10, 0], [40, 20], [DOWN, SETUP], [5, 6], until_us=NOW)
    assert spans(line) == [(0, 20, SETUP), (20, 40, DOWN)]
    assert line.stop_us.tolist() == [20, 30]
    assert (twice.start_us.tolist(), twice.end_us.tolist()) == ([10], [20])


def test_an_open_interval_counts_up_to_now():
    line, _ = from_intervals([1], [30], [OPEN], [DOWN], until_us=NOW)
    assert spans(line) == [(30, NOW, DOWN)]
    assert line.stop_us.tolist() == [70]


def test_nothing_counts_beyond_now():
    line, _ = from_intervals([1, 1, 2], [90, 110, 120], [150, 130, OPEN], [DOWN, RUN, DOWN], until_us=NOW)
    assert spans(line) == [(90, 100, DOWN)]


def test_touching_stops_with_the_same_reason_are_one_stop():
    line, _ = from_intervals([1, 1, 1], [0, 10, 20], [10, 20, 30], [DOWN] * 3, [3, 3, 4], until_us=NOW)
    assert spans(line) == [(0, 20, DOWN), (20, 30, DOWN)]
    assert line.stop_us.tolist() == [20, 10]


def test_a_stop_reported_three_times_is_counted_once():
    line, twice = from_intervals([1] * 3, [0] * 3, [10] * 3, [DOWN] * 3, until_us=NOW)
    assert spans(line) == [(0, 10, DOWN)]
    assert twice.per_machine.overlap_us.tolist() == [20]


def test_no_intervals_give_no_segments():
    line, twice = from_intervals([], [], [], [], until_us=NOW)
    assert len(line) == 0
    assert twice.per_machine.empty


def test_only_empty_intervals_give_no_segments():
    line, _ = from_intervals([1, 1], [5, 200], [5, 300], [DOWN, RUN], until_us=NOW)
    assert len(line) == 0


def test_an_end_before_its_start_is_refused():
    with pytest.raises(InvalidInput, match="row 1 ends before it starts"):
        from_intervals([1, 1], [0, 9], [5, 8], [DOWN, DOWN], until_us=NOW)


def per_second(reports, machine):
    """The state of each second and how often stops were reported, by trying every report on every second."""
    states, stops, all_reports = [], 0, 0
    for second in range(NOW):
        covering = []
        for row, (at, start, length, state) in enumerate(reports):
            end = NOW if length is None else start + length
            if at == machine and start <= second < min(end, NOW):
                covering.append((start, row, state))
        stopping = sorted(one for one in covering if one[2] not in (State.RUNNING, State.UNKNOWN))
        stops += max(len(stopping) - 1, 0)
        all_reports += max(len(covering) - 1, 0)
        if stopping:
            states.append(stopping[0][2])
        elif covering:
            states.append(max(one[2] for one in covering))
        else:
            states.append(None)
    return states, stops, all_reports


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 120),
            st.one_of(st.none(), st.integers(0, 60)),
            st.integers(0, 6),
        ),
        min_size=1,
        max_size=14,
    )
)
def test_overlapping_reports_equal_the_second_by_second_answer(reports):
    machine = [one[0] for one in reports]
    start = [one[1] for one in reports]
    end = [OPEN if one[2] is None else one[1] + one[2] for one in reports]
    line, twice = from_intervals(machine, start, end, [one[3] for one in reports], until_us=NOW)
    table = twice.per_machine.set_index("machine")
    for code in sorted(set(machine)):
        states, stops, every = per_second(reports, code)
        own = line.take(line.machine == code)
        found = [None] * NOW
        for low, high, state in spans(own):
            assert found[low:high] == [None] * (high - low)
            found[low:high] = [state] * (high - low)
        assert found == states
        assert table.loc[code, "stop_over_stop_us"] == stops
        assert table.loc[code, "overlap_us"] == every
    assert int((twice.end_us - twice.start_us).sum()) == int(table["stop_over_stop_us"].sum())
