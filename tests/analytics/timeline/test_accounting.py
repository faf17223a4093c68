import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import Windows, account_transitions, accounting, classify, from_transitions, span
from analytics.timeline.slots import class_times, slots_of
from analytics.vocabulary import ReasonCategory, State, TimeClass
from tests.analytics.plain_oee import plain_loop, tuples_loop, vectorised_pandas

EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 400), st.integers(0, 6)), min_size=1, max_size=60
)
EDGES = st.lists(st.integers(-50, 450), min_size=1, max_size=6, unique=True).map(sorted)


def tiled(edges: list[int]) -> Windows:
    bounds = np.array(edges, np.int64)
    rows = len(edges) - 1
    return Windows(
        bounds[:-1],
        bounds[1:],
        np.arange(rows, dtype=np.int32),
        np.full(rows, -1, np.int16),
        np.ones(rows, np.bool_),
    )


@settings(max_examples=200, deadline=None)
@given(events=EVENTS, edges=EDGES, chunk=st.integers(1, 9), minor=st.integers(0, 60), shuffle=st.randoms())
def test_every_version_accounts_the_same_time(events, edges, chunk, minor, shuffle):
    edges = [*edges, max(edges[-1], 400) + 30]
    frame = pd.DataFrame(events, columns=["machine", "time_us", "state"])
    expected = plain_loop(frame, edges, minor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounting, "CHUNK", chunk)
        account = account_transitions(
            *(frame[name].to_numpy() for name in frame),
            windows=tiled(edges),
            until_us=edges[-1],
            minor_stop_us=minor,
        )
    assert account.machine.tolist() == sorted(frame["machine"].unique())
    assert (account.time_us == expected).all()
    assert (tuples_loop(frame, edges, minor) == expected).all()
    assert (vectorised_pandas(frame, edges, minor) == expected).all()


@settings(max_examples=100, deadline=None)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 300), st.integers(0, 6), st.integers(-1, 4)),
        min_size=1,
        max_size=40,
    ),
    edges=EDGES,
    chunk=st.integers(1, 7),
    until=st.integers(-20, 420),
)
def test_chunks_and_segments_agree_with_reasons_breaks_and_a_now_before_the_end(events, edges, chunk, until):
    edges = [*edges, edges[-1] + 40]
    columns = [np.array(column) for column in zip(*events, strict=True)]
    plain = tiled(edges)
    windows = Windows(
        plain.start_us,
        plain.end_us,
        plain.day,
        plain.shift,
        np.arange(len(plain)) % 2 == 0,
        (),
        np.array([edges[0] + 0, edges[-1] - 5]),
        np.array([edges[0] + 1, edges[-1]]),
    )
    categories = {
        0: ReasonCategory.PLANNED,
        1: ReasonCategory.SETUP,
        2: ReasonCategory.NOT_SCHEDULED,
        3: ReasonCategory.EXTERNAL,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounting, "CHUNK", chunk)
        account = account_transitions(
            *columns, windows=windows, until_us=until, reason_category=categories, minor_stop_us=20
        )
    line = from_transitions(*columns, until_us=until)
    slots = slots_of(windows, account.machine, until)
    times = class_times(slots, line, classify(line, categories, 20))
    expected = np.zeros_like(account.time_us)
    np.add.at(expected, (slots.rank, slots.window), times)
    assert (account.time_us == expected).all()


def test_a_stop_across_many_chunks_keeps_its_whole_length(monkeypatch):
    monkeypatch.setattr(accounting, "CHUNK", 1)
    machine = [1, *[2] * 8, 1]
    time = [0, *range(1, 9), 10]
    state = [State.DOWN, *[State.RUNNING, State.IDLE] * 4, State.RUNNING]
    account = account_transitions(machine, time, state, windows=span(4, 12), until_us=12, minor_stop_us=9)
    assert account.time_us[0, 0, TimeClass.UNPLANNED_STOP] == 6
    assert account.time_us[0, 0, TimeClass.MINOR_STOP] == 0
    assert account.time_us[1, 0].tolist() == [0, 2, 6, 0, 0, 0, 0]


def test_machines_with_large_codes_are_accounted_under_their_codes():
    account = account_transitions([70_000, 5], [0, 0], [1, 5], windows=span(0, 10), until_us=10)
    assert account.machine.tolist() == [5, 70_000]
    assert account.time_us[:, 0, TimeClass.PRODUCING].tolist() == [0, 10]


def test_no_events_account_for_no_machine():
    assert account_transitions([], [], [], windows=span(0, 10), until_us=10).time_us.shape == (0, 1, 7)


def test_a_negative_limit_of_minor_stops_is_refused():
    with pytest.raises(InvalidInput, match="must not be negative"):
        account_transitions([1], [0], [1], windows=span(0, 10), until_us=10, minor_stop_us=-1)
