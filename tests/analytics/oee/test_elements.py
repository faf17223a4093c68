from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.oee import CLASS_COLUMNS, elements, identity_check, rollup
from analytics.timeline import Windows, classify, from_transitions, span
from analytics.vocabulary import State, TimeClass

END = 60
COUNT_TYPES = dict.fromkeys(("machine", "product", "start_us", "end_us"), "int64")
RUN, IDLE, DOWN, OFF, SETUP = State.RUNNING, State.IDLE, State.DOWN, State.OFF, State.SETUP


def tiles(edges, scheduled, breaks=()):
    bounds = np.array(edges, np.int64)
    pause = np.array(breaks, np.int64).reshape(-1, 2)
    rows = len(edges) - 1
    return Windows(
        bounds[:-1],
        bounds[1:],
        np.arange(rows, dtype=np.int32) // 2,
        np.where(scheduled, 0, -1).astype(np.int16),
        np.array(scheduled, np.bool_),
        ("early",),
        pause[:, 0],
        pause[:, 1],
    )


def counted(*rows):
    return pd.DataFrame(rows, columns=["machine", "product", "start_us", "end_us", "good", "scrap"])


def table_of(line, windows, until=END, **given):
    table = elements(line, classify(line, {}, 5), windows, until_us=until, **given)
    assert identity_check(table).empty
    return table


def test_time_without_data_is_unknown_inside_and_not_scheduled_outside_the_schedule():
    line = from_transitions([1], [0], [RUN], until_us=10)
    table = table_of(line, tiles([0, 30, 60], [True, False]))
    assert table.unknown_us.tolist() == [20, 0]
    assert table.not_scheduled_us.tolist() == [0, 30]
    assert table["shift"].tolist() == ["early", ""]


def test_in_a_break_producing_stays_and_all_else_is_a_planned_stop():
    line = from_transitions([1, 1, 1], [0, 25, 31], [RUN, DOWN, State.UNKNOWN], until_us=END)
    table = table_of(line, tiles([0, 60], [True], [(20, 40)]))
    row = table.iloc[0]
    assert (row.producing_us, row.planned_stop_us, row.unplanned_stop_us, row.unknown_us) == (25, 15, 0, 20)


def test_outside_the_schedule_only_run_time_counts():
    line = from_transitions([1] * 5, [0, 20, 22, 30, 40], [RUN, IDLE, RUN, DOWN, SETUP], until_us=END)
    row = table_of(line, tiles([0, 60], [False])).iloc[0]
    assert (row.producing_us, row.minor_stop_us, row.not_scheduled_us) == (28, 2, 30)


def test_a_count_across_windows_is_spread_evenly():
    table = table_of(
        from_transitions([1], [0], [RUN], until_us=END),
        tiles([0, 20, 60], [True, True]),
        counts=counted((1, 4, 10, 50, 80.0, 8.0)),
        ideal_s={(1, 4): 0.5},
    )
    own = table[table["product"] == 4]
    assert own.good.tolist() == [20.0, 60.0]
    assert own.total.tolist() == [22.0, 66.0]
    assert own.ideal_us.tolist() == [11_000_000, 33_000_000]
    assert own.ideal_scrap_us.tolist() == [1_000_000, 3_000_000]


def test_a_count_at_an_instant_falls_whole_into_the_window_that_holds_it():
    counts = counted((1, -1, 20, 20, 5.0, 0.0), (1, -1, 60, 60, 9.0, 0.0), (1, -1, -3, -3, 9.0, 0.0))
    table = table_of(
        from_transitions([1], [0], [RUN], until_us=END), tiles([0, 20, 60], [True, True]), counts=counts
    )
    assert table.good.tolist() == [0.0, 5.0]


def test_a_product_has_the_time_from_its_first_count_until_another_products_first_count():
    counts = counted(
        (1, 7, 10, 20, 1.0, 0.0), (1, 7, 25, 30, 1.0, 0.0), (1, 8, 40, 50, 1.0, 0.0), (1, 7, 55, 58, 1.0, 0.0)
    )
    table = table_of(from_transitions([1], [0], [RUN], until_us=END), span(0, END), counts=counts)
    assert dict(zip(table["product"], table.calendar_us, strict=True)) == {-1: 10, 7: 35, 8: 15}


def test_the_machines_default_cycle_serves_products_without_their_own():
    counts = counted((1, 7, 0, 30, 2.0, 0.0), (1, 8, 30, 60, 2.0, 0.0), (2, 7, 0, 60, 2.0, 0.0))
    table = table_of(
        from_transitions([1, 2], [0, 0], [RUN, RUN], until_us=END),
        span(0, END),
        counts=counts,
        ideal_s={(1, -1): 3.0, (1, 7): 4.0},
    )
    assert table.ideal_us.tolist() == [8_000_000, 6_000_000, 0]
    assert table.total_without_ideal.tolist() == [0.0, 0.0, 2.0]
    assert table.run_without_ideal_us.tolist() == [0, 0, 60]


def test_startup_scrap_is_its_own_ideal_time():
    counts = counted((1, -1, 0, 60, 5.0, 4.0)).assign(rework=1.0, startup_scrap=3.0)
    row = table_of(
        from_transitions([1], [0], [RUN], until_us=END), span(0, END), counts=counts, ideal_s={(1, -1): 1.0}
    ).iloc[0]
    assert (row.total, row.ideal_us, row.ideal_scrap_us, row.ideal_startup_us) == (
        10.0,
        10_000_000,
        2_000_000,
        3_000_000,
    )


def recorded(**changed):
    row = {
        "machine": 1,
        "start_us": 10,
        "end_us": 50,
        "planned_us": 36,
        "operating_us": 20,
        "downtime_us": 10,
        "total": 40.0,
        "good": 30.0,
    }
    return pd.DataFrame([row | changed])


def test_a_record_replaces_the_timeline_and_the_counts_of_its_interval():
    counts = counted((1, -1, 0, 60, 60.0, 0.0))
    table = table_of(
        from_transitions([1, 2], [0, 0], [RUN, RUN], until_us=END),
        span(0, END),
        counts=counts,
        records=recorded(),
    )
    one, two = table.iloc[0], table.iloc[1]
    assert (one.producing_us, one.unplanned_stop_us, one.planned_stop_us, one.unknown_us) == (40, 10, 4, 6)
    assert (one.good, one.scrap, one.record_us) == (50.0, 10.0, 40)
    assert (two.producing_us, two.record_us) == (60, 0)


def test_two_records_of_one_machine_that_overlap_are_refused():
    with pytest.raises(InvalidInput, match="machine 1 overlap"):
        table_of(
            from_transitions([], [], [], until_us=END),
            span(0, END),
            records=pd.concat([recorded(), recorded(start_us=49, end_us=90)]),
        )


def test_a_machine_without_windows_is_named():
    line = from_transitions([1, 2], [0, 0], [RUN, RUN], until_us=END)
    with pytest.raises(InvalidInput, match="no windows for machine 2"):
        table_of(line, {1: span(0, END)})


def test_each_machine_may_have_its_own_windows():
    line = from_transitions([1, 2], [0, 0], [RUN, RUN], until_us=END)
    table = table_of(line, {1: span(0, END), 2: tiles([10, 30, 50], [True, False])})
    assert table.machine.tolist() == [1, 2, 2]
    assert table.calendar_us.tolist() == [60, 20, 20]
    assert table["shift"].tolist() == ["", "early", ""]


def test_a_machine_without_any_data_is_unknown_all_the_time():
    table = table_of(from_transitions([], [], [], until_us=END), span(0, END), machines=[3])
    assert table.unknown_us.tolist() == [60]


def test_windows_in_the_future_are_left_out():
    line = from_transitions([1], [0], [RUN], until_us=30)
    assert table_of(line, tiles([0, 30, 60], [True, True]), until=30).window.tolist() == [0]
    assert table_of(line, tiles([30, 60], [True]), until=30).empty


def test_an_ideal_cycle_that_is_not_positive_is_refused():
    with pytest.raises(InvalidInput, match="positive"):
        table_of(from_transitions([1], [0], [RUN], until_us=END), span(0, END), ideal_s={(1, -1): 0.0})


def state_at(events, machine, second, until):
    """The (start, end, state) of the stop or run that holds a second, by reading the events in time order."""
    last_of_time = {time: state for at, time, state in events if at == machine and time < until}
    changes = []
    for time in sorted(last_of_time):
        if not changes or changes[-1][1] != last_of_time[time]:
            changes.append((time, last_of_time[time]))
    held = [number for number, (time, _) in enumerate(changes) if time <= second]
    if not held:
        return None
    number = held[-1]
    end = changes[number + 1][0] if number + 1 < len(changes) else until
    return changes[number][0], end, changes[number][1]


def class_at(events, machine, second, until, windows):
    window = next(n for n in range(len(windows)) if windows.start_us[n] <= second < windows.end_us[n])
    found = state_at(events, machine, second, until)
    simple = {
        State.RUNNING: TimeClass.PRODUCING,
        State.SETUP: TimeClass.SETUP,
        State.PLANNED_STOP: TimeClass.PLANNED_STOP,
        State.OFF: TimeClass.NOT_SCHEDULED,
    }
    if found is None or found[2] == State.UNKNOWN:
        held = TimeClass.UNKNOWN
    elif found[2] in simple:
        held = simple[found[2]]
    else:
        held = TimeClass.MINOR_STOP if found[1] - found[0] < 5 else TimeClass.UNPLANNED_STOP
    if not windows.scheduled[window]:
        runs = held in (TimeClass.PRODUCING, TimeClass.MINOR_STOP)
        return window, held if runs else TimeClass.NOT_SCHEDULED
    pauses = zip(windows.break_start_us, windows.break_end_us, strict=True)
    if any(low <= second < high for low, high in pauses) and held is not TimeClass.PRODUCING:
        return window, TimeClass.PLANNED_STOP
    return window, held


@settings(max_examples=80, deadline=None)
@given(
    events=st.lists(
        st.tuples(st.integers(1, 2), st.integers(-5, END), st.integers(0, 6)), min_size=1, max_size=20
    ),
    cuts=st.sets(st.integers(1, END - 1), max_size=4),
    pause=st.one_of(st.none(), st.tuples(st.integers(0, 50), st.integers(1, 9))),
    counts=st.lists(
        st.tuples(
            st.integers(1, 2),
            st.integers(1, 3),
            st.integers(-5, END),
            st.integers(1, 30),
            st.integers(0, 50),
            st.integers(0, 5),
        ),
        max_size=6,
    ),
    until=st.integers(1, END + 5),
)
def test_cells_equal_the_second_by_second_answer(events, cuts, pause, counts, until):
    edges = [0, *sorted(cuts), END]
    scheduled = [number % 3 != 1 for number in range(len(edges) - 1)]
    windows = tiles(edges, scheduled, [] if pause is None else [(pause[0], pause[0] + pause[1])])
    line = from_transitions(*(np.array(column) for column in zip(*events, strict=True)), until_us=until)
    frame = counted(*[(m, p, s, s + length, float(g), float(b)) for m, p, s, length, g, b in counts])
    table = table_of(line, windows, until, machines=[1, 2], counts=frame.astype(COUNT_TYPES))
    time: dict[tuple, int] = {}
    good: dict[tuple, Fraction] = {}
    for machine in (1, 2):
        own = sorted((s, p) for m, p, s, *_ in counts if m == machine)
        for second in range(min(until, END)):
            window, held = class_at(events, machine, second, until, windows)
            product = next((p for s, p in reversed(own) if s <= second), -1)
            key = (machine, window, product, held)
            time[key] = time.get(key, 0) + 1
            for m, p, s, length, g, _ in counts:
                if m == machine and s <= second < s + length:
                    place = (machine, window, p)
                    good[place] = good.get(place, Fraction(0)) + Fraction(g, length)
    found = {
        (row.machine, row.window, row.product, held): getattr(row, column)
        for row in table.itertuples()
        for held, column in CLASS_COLUMNS.items()
        if getattr(row, column)
    }
    assert found == time
    for row in table.itertuples():
        assert row.good == pytest.approx(float(good.get((row.machine, row.window, row.product), 0)))
    assert table.good.sum() == pytest.approx(float(sum(good.values())))


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(1, 10**11),
    parts=st.tuples(*[st.floats(0, 1)] * 3),
    cuts=st.lists(st.floats(0, 1), max_size=6),
)
def test_a_record_cut_by_windows_adds_up_exactly_in_each_window_and_over_all(length, parts, cuts):
    planned = int(length * parts[0])
    operating = int(planned * parts[1])
    downtime = int((planned - operating) * parts[2])
    edges = sorted({0, length, *(int(length * cut) for cut in cuts)})
    row = recorded(
        start_us=0, end_us=length, planned_us=planned, operating_us=operating, downtime_us=downtime
    )
    line = from_transitions([], [], [], until_us=length)
    table = table_of(line, tiles(edges, [True] * (len(edges) - 1)), length, records=row)
    assert (table[list(CLASS_COLUMNS.values())] >= 0).all().all()
    whole = rollup(table, []).iloc[0]
    assert (whole.producing_us, whole.unplanned_stop_us) == (operating, downtime)
    assert (whole.planned_stop_us, whole.unknown_us) == (length - planned, planned - operating - downtime)
    assert whole.total == pytest.approx(40.0)


def test_what_was_made_before_any_window_has_begun_is_in_no_cell():
    """A machine whose clock is ahead sends for a day that has not begun."""
    line = from_transitions([1], [0], [RUN], until_us=10)
    early = {"counts": counted((1, 4, 2, 8, 5.0, 0.0)), "records": recorded()}
    assert table_of(line, tiles([100, 160], [True]), until=15, **early).empty
