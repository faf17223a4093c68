"""Cycles, holidays, closures and extra shifts in the windows; overlaps; crews."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import (
    CrewRotation,
    DayException,
    ShiftPattern,
    crew_on,
    day_windows,
    refuse_overlaps,
    rotation,
    shift_letters,
    shift_windows,
    special_days,
)

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 5, 4)
EARLY = ShiftPattern("early", "Early", time(6), time(14))
LATE = ShiftPattern("late", "Late", time(14), time(22))
NIGHT = ShiftPattern("night", "Night", time(22), time(6))
THREE = (EARLY, LATE, NIGHT)
WEEK = frozenset(range(5))


def days_of(patterns, first, last, special=None):
    windows = shift_windows(patterns, first, last, BERLIN, time(6), special=special or {})
    return [
        (date.fromordinal(int(day)), key)
        for day, key in zip(windows.day, windows.shift_key, strict=True)
        if key
    ]


def test_a_shift_of_a_two_week_cycle_runs_every_other_week_also_before_its_anchor():
    every_other = ShiftPattern(
        "e", "E", time(6), time(14), frozenset({0}), cycle_weeks=2, cycle_in=frozenset({1}),
        cycle_from=date(2026, 5, 7),
    )  # fmt: skip
    found = days_of([every_other], date(2026, 4, 20), date(2026, 5, 31))
    assert [day for day, _ in found] == [date(2026, 4, 27), date(2026, 5, 11), date(2026, 5, 25)]


def test_a_week_outside_the_cycle_is_refused():
    with pytest.raises(InvalidInput, match="outside it"):
        ShiftPattern("e", "E", time(6), time(14), cycle_weeks=2, cycle_in=frozenset({2}))


def test_a_holiday_closes_its_day_and_the_night_before_still_ends_in_it():
    special = special_days({MONDAY: "Holiday"})
    found = days_of(THREE, MONDAY - timedelta(1), MONDAY + timedelta(1), special)
    assert {day for day, _ in found} == {MONDAY - timedelta(1), MONDAY + timedelta(1)}
    windows = shift_windows(THREE, MONDAY, MONDAY, BERLIN, special=special)
    assert windows.length_us[~windows.scheduled].sum() == windows.length_us.sum()


def test_exceptions_win_over_holidays():
    worked = DayException(MONDAY, is_open=True, name="Rush order")
    half = DayException(MONDAY, is_open=True, shifts=frozenset({"early"}))
    holiday = {MONDAY: "Holiday"}
    assert len(days_of(THREE, MONDAY, MONDAY, special_days(holiday, [worked]))) == 3
    assert days_of(THREE, MONDAY, MONDAY, special_days(holiday, [half])) == [(MONDAY, "early")]
    assert special_days(holiday, [worked])[MONDAY].name == "Rush order"


def test_one_shift_is_closed_and_another_runs_on_a_day_off():
    saturday = MONDAY + timedelta(5)
    week = [ShiftPattern(p.key, p.name, p.start, p.end, WEEK) for p in THREE]
    exceptions = [
        DayException(MONDAY, is_open=False, shifts=frozenset({"night"})),
        DayException(saturday, is_open=True, shifts=frozenset({"early"})),
    ]
    found = days_of(week, MONDAY, MONDAY + timedelta(6), special_days({}, exceptions))
    assert (MONDAY, "night") not in found
    assert [one for one in found if one[0] >= saturday] == [(saturday, "early")]
    assert len(found) == 5 * 3 - 1 + 1


def test_what_is_opened_wins_over_what_is_closed_on_the_same_date():
    exceptions = [
        DayException(MONDAY, is_open=True, shifts=frozenset({"late"})),
        DayException(MONDAY, is_open=False),
    ]
    assert days_of(THREE, MONDAY, MONDAY, special_days({}, exceptions)) == [(MONDAY, "late")]


def test_a_shift_that_is_not_in_force_is_not_opened():
    old = ShiftPattern("early", "Early", time(6), time(14), valid_to=MONDAY - timedelta(1))
    opened = [DayException(MONDAY, is_open=True, shifts=frozenset({"early"}))]
    assert days_of([old], MONDAY, MONDAY, special_days({}, opened)) == []


def test_without_shifts_a_closed_day_is_not_scheduled():
    special = special_days({MONDAY: "Holiday"})
    windows = day_windows(MONDAY - timedelta(1), MONDAY + timedelta(1), BERLIN, special=special)
    assert windows.scheduled.tolist() == [True, False, True]


@settings(max_examples=80, deadline=None)
@given(
    first=st.sampled_from([date(2026, 3, 26), date(2026, 10, 22), date(2026, 12, 24)]),
    weeks=st.lists(st.frozensets(st.integers(0, 2)), min_size=3, max_size=3),
    closed=st.sets(st.integers(-2, 9)),
    opened=st.dictionaries(st.integers(-2, 9), st.frozensets(st.sampled_from(["early", "late", "night"]))),
    start=st.sampled_from([time(0), time(6), time(14, 30)]),
)
def test_windows_tile_whatever_is_closed_opened_or_in_a_cycle(first, weeks, closed, opened, start):
    patterns = [
        ShiftPattern(p.key, p.name, p.start, p.end, cycle_weeks=3, cycle_in=found, cycle_from=MONDAY)
        for p, found in zip(THREE, weeks, strict=True)
    ]
    special = special_days(
        {first + timedelta(day): "closed" for day in closed},
        [DayException(first + timedelta(day), True, keys) for day, keys in opened.items()],
    )
    last = first + timedelta(7)
    whole = shift_windows(patterns, first, last, BERLIN, start, special)
    assert (whole.start_us[1:] == whole.end_us[:-1]).all()
    parts = [
        shift_windows(patterns, first + timedelta(n), first + timedelta(n), BERLIN, start, special)
        for n in range(8)
    ]
    assert [one for part in parts for one in part.start_us.tolist()] == whole.start_us.tolist()
    assert [one for part in parts for one in part.shift.tolist()] == whole.shift.tolist()
    days = day_windows(first, last, BERLIN, start)
    held = int(whole.length_us.sum()) - int(days.length_us.sum())
    ends = (whole.end_us[-1] - days.end_us[-1]) - (whole.start_us[0] - days.start_us[0])
    assert held == ends
    for day, keys in opened.items():
        if 0 <= day <= 6 and start != time(14, 30):
            ran = whole.shift_key[whole.day == (first + timedelta(day)).toordinal()]
            assert keys <= set(ran) or start == time(6)


def test_shifts_that_meet_only_in_the_sixth_week_are_refused():
    a = ShiftPattern("a", "A", time(6), time(14), cycle_weeks=2, cycle_in=frozenset({1}), cycle_from=MONDAY)
    b = ShiftPattern("b", "B", time(13), time(20), cycle_weeks=3, cycle_in=frozenset({2}), cycle_from=MONDAY)
    with pytest.raises(InvalidInput, match=r"A .* and B .* overlap"):
        refuse_overlaps([a, b])
    c = ShiftPattern("c", "C", time(13), time(20), cycle_weeks=2, cycle_in=frozenset({0}), cycle_from=MONDAY)
    refuse_overlaps([a, c])


def test_a_night_that_reaches_into_the_next_mornings_shift_is_refused():
    night = ShiftPattern("n", "Night", time(22), time(7), frozenset({6}))
    with pytest.raises(InvalidInput, match=r"Night .* and Early .* overlap"):
        refuse_overlaps([EARLY, night])
    refuse_overlaps([ShiftPattern("e", "Early", time(6), time(14), frozenset({1, 2})), night])
    refuse_overlaps(THREE)


def test_shifts_of_different_times_of_validity_do_not_overlap():
    old = ShiftPattern("o", "Old", time(6), time(14), valid_to=MONDAY)
    new = ShiftPattern("w", "New", time(7), time(15), valid_from=MONDAY + timedelta(1))
    refuse_overlaps([old, new])
    with pytest.raises(InvalidInput):
        refuse_overlaps([old, ShiftPattern("w", "New", time(7), time(15), valid_from=MONDAY)])


def test_an_extra_shift_that_overlaps_the_usual_ones_is_refused():
    weekend = ShiftPattern("we", "Weekend", time(6), time(18), frozenset({5, 6}))
    week = ShiftPattern("early", "Early", time(6), time(14), WEEK)
    refuse_overlaps([week, weekend])
    opened = special_days({}, [DayException(MONDAY, True, frozenset({"we"}))])
    with pytest.raises(InvalidInput, match="overlap"):
        refuse_overlaps([week, weekend], opened)


def test_four_crews_of_an_eight_day_rotation_cover_every_shift_once():
    sequence = rotation("EELLNN--", shift_letters([(p.key, p.name) for p in THREE]))
    crews = [
        CrewRotation(key, key, sequence[2 * n :] + sequence[: 2 * n], MONDAY) for n, key in enumerate("ABCD")
    ]
    for number in range(-20, 20):
        day = MONDAY + timedelta(number)
        working = [crew_on(day, pattern.key, crews) for pattern in THREE]
        assert [len(one) for one in working] == [1, 1, 1]
        assert len({one[0].key for one in working}) == 3
    assert [crew.shift_on(MONDAY) for crew in crews] == ["early", "late", "night", None]
    assert crews[0].shift_on(MONDAY - timedelta(1)) is None


def test_a_letter_that_no_shift_has_is_named():
    with pytest.raises(InvalidInput, match="letter X"):
        rotation("EEX-", {"E": "early"})
    with pytest.raises(InvalidInput, match="letter for each day"):
        rotation("--", {"E": "early"})
