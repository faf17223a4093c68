from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline import ShiftPattern, day_windows, shift_windows, wall_to_us

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000_000
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
EARLY = ShiftPattern("early", "Early", time(6), time(14))
LATE = ShiftPattern("late", "Late", time(14), time(22))
NIGHT = ShiftPattern("night", "Night", time(22), time(6))
THREE = (EARLY, LATE, NIGHT)


def utc_us(*parts: int) -> int:
    return (datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def hours(windows):
    return (windows.length_us / HOUR).tolist()


def test_a_night_shift_has_its_true_length_on_dst_days_and_belongs_to_the_day_it_starts():
    for day, length in ((SPRING - timedelta(1), 7), (AUTUMN - timedelta(1), 9), (SPRING, 8)):
        windows = shift_windows([NIGHT], day, day, BERLIN, time(6))
        night = windows.shift == 0
        assert (windows.length_us[night] / HOUR).tolist() == [length]
        assert windows.day[night].tolist() == [day.toordinal()]


def test_production_days_have_23_24_or_25_hours():
    assert hours(day_windows(SPRING - timedelta(2), SPRING, BERLIN, time(6))) == [24, 23, 24]
    assert hours(day_windows(SPRING, SPRING, BERLIN)) == [23]
    assert hours(day_windows(AUTUMN, AUTUMN, BERLIN)) == [25]


def test_a_skipped_wall_clock_time_means_the_moment_of_the_switch():
    switch = utc_us(2026, 3, 29, 1)
    for clock in (time(2), time(2, 17, 30), time(2, 59, 59), time(3)):
        assert wall_to_us(SPRING, clock, BERLIN) == switch
    assert wall_to_us(SPRING, time(1, 59, 59), BERLIN) == switch - 1_000_000


def test_a_repeated_wall_clock_time_means_its_first_occurrence():
    assert wall_to_us(AUTUMN, time(2, 30), BERLIN) == utc_us(2026, 10, 25, 0, 30)
    assert wall_to_us(AUTUMN, time(3), BERLIN) == utc_us(2026, 10, 25, 2)


def test_a_shift_that_dst_skips_wholly_has_no_window():
    ghost = ShiftPattern("ghost", "Ghost", time(2, 10), time(2, 50))
    assert (shift_windows([ghost], SPRING, SPRING, BERLIN).shift == -1).all()


def test_time_between_shifts_is_not_scheduled_and_cut_at_the_day():
    windows = shift_windows([EARLY], date(2026, 5, 4), date(2026, 5, 5), ZoneInfo("UTC"))
    assert windows.shift.tolist() == [-1, 0, -1, -1, 0, -1]
    assert windows.scheduled.tolist() == [False, True, False, False, True, False]
    assert hours(windows) == [6, 8, 10, 6, 8, 10]
    assert windows.shift_key.tolist() == ["", "early", "", "", "early", ""]


def test_a_night_shift_past_the_day_end_leaves_no_gap_and_no_overlap_between_ranges():
    midnight = [ShiftPattern("n", "Night", time(22), time(6))]
    days = [date(2026, 5, 4) + timedelta(number) for number in range(4)]
    whole = shift_windows(midnight, days[0], days[-1], BERLIN)
    parts = [shift_windows(midnight, day, day, BERLIN) for day in days]
    assert np.concatenate([part.start_us for part in parts]).tolist() == whole.start_us.tolist()
    assert (whole.start_us[1:] == whole.end_us[:-1]).all()
    assert hours(whole)[:3] == [16, 8, 16]


def test_a_shift_before_the_day_start_belongs_to_the_day_before():
    after_midnight = ShiftPattern("n", "Night", time(0), time(6))
    windows = shift_windows([after_midnight], date(2026, 5, 4), date(2026, 5, 4), BERLIN, time(6))
    assert hours(windows) == [18, 6]
    assert set(windows.day.tolist()) == {date(2026, 5, 4).toordinal()}


def test_weekdays_and_validity_mean_the_day_on_which_the_shift_starts():
    friday_night = ShiftPattern(
        "n",
        "Night",
        time(22),
        time(6),
        frozenset({4}),
        valid_from=date(2026, 5, 8),
        valid_to=date(2026, 5, 8),
    )
    windows = shift_windows([friday_night], date(2026, 5, 1), date(2026, 5, 31), BERLIN)
    starts = windows.start_us[windows.shift == 0]
    assert starts.tolist() == [wall_to_us(date(2026, 5, 8), time(22), BERLIN)]


def test_breaks_lie_in_their_shift_also_after_midnight_and_unite_where_they_overlap():
    night = ShiftPattern(
        "n",
        "Night",
        time(22),
        time(6),
        breaks=((time(2), time(2, 30)), (time(23, 50), time(0, 10)), (time(2, 15), time(3))),
    )
    day = date(2026, 5, 4)
    windows = shift_windows([night], day, day, ZoneInfo("UTC"))
    assert windows.break_start_us.tolist() == [utc_us(2026, 5, 4, 23, 50), utc_us(2026, 5, 5, 2)]
    assert windows.break_end_us.tolist() == [utc_us(2026, 5, 5, 0, 10), utc_us(2026, 5, 5, 3)]


def test_a_break_outside_its_shift_is_refused():
    wrong = ShiftPattern("e", "Early", time(6), time(14), breaks=((time(13, 45), time(14, 15)),))
    with pytest.raises(InvalidInput, match="13:45-14:15 is not inside the shift Early"):
        shift_windows([wrong], SPRING, SPRING, BERLIN)


def test_overlapping_shifts_are_refused_by_name():
    long = ShiftPattern("l", "Long", time(13), time(23))
    with pytest.raises(InvalidInput, match=r"Early .* and Long .* overlap"):
        shift_windows([EARLY, long], SPRING, SPRING, BERLIN)


def test_shifts_with_separate_validity_do_not_overlap():
    old = ShiftPattern("o", "Old", time(6), time(14), valid_to=date(2026, 5, 4))
    new = ShiftPattern("w", "New", time(7), time(15), valid_from=date(2026, 5, 5))
    windows = shift_windows([old, new], date(2026, 5, 4), date(2026, 5, 5), BERLIN)
    assert windows.shift[windows.scheduled].tolist() == [0, 1]


def test_an_empty_range_is_refused():
    with pytest.raises(InvalidInput, match="before the first day"):
        day_windows(SPRING, SPRING - timedelta(1), BERLIN)


@settings(max_examples=60, deadline=None)
@given(
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    days=st.integers(1, 12),
    zone=st.sampled_from(
        ["Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]
    ),
    start=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_three_shifts_tile_every_range_in_every_zone(first, days, zone, start):
    at = datetime.combine(first, start)
    clocks = [(at + timedelta(hours=8 * number)).time() for number in range(4)]
    patterns = [ShiftPattern(str(n), str(n), clocks[n], clocks[n + 1]) for n in range(3)]
    last = first + timedelta(days - 1)
    windows = shift_windows(patterns, first, last, ZoneInfo(zone), start)
    assert (windows.start_us[1:] == windows.end_us[:-1]).all()
    assert windows.scheduled.all()
    production = day_windows(first, last, ZoneInfo(zone), start)
    assert windows.start_us[0] == production.start_us[0]
    assert windows.end_us[-1] == production.end_us[-1]
    lengths = np.bincount(windows.day - windows.day[0], windows.length_us)
    assert lengths.tolist() == production.length_us.tolist()
