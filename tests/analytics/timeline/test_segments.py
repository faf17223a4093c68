import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import from_transitions
from analytics.vocabulary import State

RUN, IDLE, DOWN = State.RUNNING, State.IDLE, State.DOWN


def rows(line):
    return list(zip(*(getattr(line, name).tolist() for name in line.__slots__), strict=True))


def test_an_event_holds_until_the_next_and_the_last_until_now():
    line = from_transitions([4, 4], [10, 30], [RUN, DOWN], [-1, 7], until_us=50)
    assert rows(line) == [(4, 10, 30, RUN, -1, 20), (4, 30, 50, DOWN, 7, 20)]


def test_machines_are_kept_apart_and_sorted():
    line = from_transitions([9, 2, 9, 2], [0, 5, 20, 30], [RUN, RUN, DOWN, DOWN], until_us=40)
    assert [row[:4] for row in rows(line)] == [
        (2, 5, 30, RUN),
        (2, 30, 40, DOWN),
        (9, 0, 20, RUN),
        (9, 20, 40, DOWN),
    ]


def test_of_two_events_at_the_same_time_the_later_row_wins():
    line = from_transitions([1, 1, 1], [10, 0, 10], [DOWN, RUN, IDLE], until_us=20)
    assert [row[1:4] for row in rows(line)] == [(0, 10, RUN), (10, 20, IDLE)]


def test_a_repeated_state_continues_its_stop():
    line = from_transitions([1, 1, 1], [0, 10, 30], [DOWN, DOWN, RUN], [3, 3, -1], until_us=40)
    assert rows(line)[0] == (1, 0, 30, DOWN, 3, 30)


def test_a_new_reason_begins_a_new_stop():
    line = from_transitions([1, 1], [0, 10], [DOWN, DOWN], [3, 4], until_us=40)
    assert [row[1:] for row in rows(line)] == [(0, 10, DOWN, 3, 10), (10, 40, DOWN, 4, 30)]


def test_a_tie_that_restores_the_earlier_state_is_no_change():
    line = from_transitions([1, 1, 1], [0, 10, 10], [RUN, DOWN, RUN], until_us=40)
    assert [row[1:4] for row in rows(line)] == [(0, 40, RUN)]


def test_events_at_or_after_now_are_left_out():
    line = from_transitions([1, 1, 2], [0, 20, 20], [RUN, DOWN, RUN], until_us=20)
    assert [row[:4] for row in rows(line)] == [(1, 0, 20, RUN)]


def test_only_future_events_of_machines_with_large_codes_give_no_segments():
    assert len(from_transitions([70_000], [9], [RUN], until_us=5)) == 0


def test_no_events_give_no_segments():
    assert len(from_transitions([], [], [], until_us=5)) == 0


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        (([1], [0], [7]), "state"),
        (([1], [0], [-1]), "state"),
        (([-1], [0], [1]), "machine"),
        (([1, 1], [0], [1]), "time_us"),
        (([1], [0.5], [1]), "time_us"),
        (([1], [0], [1], [1, 2]), "reason"),
    ],
)
def test_a_wrong_column_is_named(columns, field):
    with pytest.raises(InvalidInput) as error:
        from_transitions(*columns, until_us=10)
    assert error.value.problems[0].field == field


@settings(max_examples=150, deadline=None)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 70_000), st.integers(0, 10**17), st.integers(0, 6), st.integers(-1, 2)),
        max_size=30,
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_distinct_events_does_not_matter(events, order):
    unique = list({event[:2]: event for event in events}.values())
    mixed = list(unique)
    order.shuffle(mixed)
    one, other = (
        from_transitions(*np.array(some, np.int64).reshape(-1, 4).T, until_us=10**17)
        for some in (unique, mixed)
    )
    assert rows(one) == rows(other)
    assert (one.end_us > one.start_us).all()
