"""Numbers, moments, durations and states mean what a person would read in them, and nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.vocabulary import State
from app.imports.parsing.columns import text_column
from app.imports.parsing.durations import seconds
from app.imports.parsing.moments import date_order, instants, stamps, times_of_day
from app.imports.parsing.numbers import decimal_mark, numbers
from app.imports.parsing.states import state_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30))


def us(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


@given(st.floats(-1e12, 1e12), st.sampled_from([".", ","]))
def test_a_written_number_is_read_back_exactly(value, mark):
    written = repr(value).replace(".", mark)
    read, wrong = numbers(text_column([written]), mark)
    assert not wrong.any()
    assert read[0] == value


@given(st.integers(-(10**12), 10**12), st.sampled_from([(".", ","), (",", "."), (".", " "), (",", "\u00a0")]))
def test_groups_of_thousands_are_read_with_either_mark(value, marks):
    mark, group = marks
    read, wrong = numbers(text_column([f"{value:,}".replace(",", group) + f"{mark}5"]), mark)
    assert not wrong.any()
    assert read[0] == (value + 0.5 if value >= 0 else value - 0.5)


@pytest.mark.parametrize(
    "cell", ["x", "1,2,3", "12,34.5", "nan", "inf", "1e999", "0x10", "5 kg", "--1", "1.2.3"]
)
def test_what_is_no_number_is_wrong_and_never_a_number(cell):
    read, wrong = numbers(text_column([cell, "1"]), ".")
    assert wrong.tolist() == [True, False]
    assert np.isnan(read[0])


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (["1,5", "2,25"], ";", (",", "")),
        (["1.5", "1,234.5"], ",", (".", "")),
        (["1,234"], ",", (".", "1,234")),
        (["1,234"], ";", (",", "1,234")),
        (["12", "7"], ",", (".", "")),
    ],
)
def test_the_decimal_mark_is_proved_by_the_cells_or_told_as_a_doubt(cells, delimiter, expected):
    assert decimal_mark([text_column(cells)], delimiter) == expected


@given(MOMENTS, st.sampled_from(["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%Y %H:%M:%S.%f"]))
def test_a_written_moment_is_read_back_to_the_microsecond(moment, pattern):
    found = stamps(text_column([moment.strftime(pattern)]), None)
    assert not found.wrong[0]
    assert not found.zoned[0]
    assert found.wall_us[0] == us(moment.replace(tzinfo=UTC))


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_off(moment, minutes):
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    found = stamps(text_column([moment.isoformat(timespec="microseconds") + offset]), None)
    assert found.zoned[0]
    assert found.wall_us[0] == us(moment.replace(tzinfo=UTC)) - minutes * 60_000_000


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-03-01 24:00", "2026-03-02T00:00"),
        ("8/29/2026 1:05 PM", "2026-08-29T13:05"),
        ("8/29/2026 12:05 am", "2026-08-29T00:05"),
        ("29/8/2026 07:05", "2026-08-29T07:05"),
        ("2026/8/9", "2026-08-09T00:00"),
        ("1772344800", "2026-03-01T06:00"),
        ("1772344800000", "2026-03-01T06:00"),
    ],
)
def test_other_ways_to_write_a_moment(cell, expected):
    found = stamps(text_column([cell]), None)
    assert found.wall_us[0] == us(datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30", "2026-13-01", "2026-03-01 25:00", "2026-03-01 24:01", "2026-03-01 10:60", "yesterday",
     "12:00", "13/13/2026", "2026-03-01 13:00 PM", "1.5", "2026-03-01 10:00+25:00"],
)  # fmt: skip
def test_what_is_no_moment_is_wrong(cell):
    assert stamps(text_column([cell]), None).wrong[0]


def test_days_and_months_that_could_be_swapped_are_unclear_until_somebody_says():
    column = text_column(["03/04/2026"])
    assert stamps(column, None).unclear[0]
    assert stamps(column, True).wall_us[0] == us(datetime(2026, 4, 3, tzinfo=UTC))
    assert stamps(column, False).wall_us[0] == us(datetime(2026, 3, 4, tzinfo=UTC))
    assert date_order([column]) is None
    assert date_order([column, text_column(["13/04/2026"])]) is True


def test_a_time_of_day_drops_the_date_that_spreadsheets_invent():
    clock, wrong, dated = times_of_day(
        text_column(["22:55:00", "1900-01-01 01:05:00", "1:05 pm", "24:00", "7"])
    )
    assert (clock // 60_000_000).tolist()[:4] == [22 * 60 + 55, 65, 13 * 60 + 5, 24 * 60]
    assert wrong.tolist() == [False, False, False, False, True]
    assert dated.tolist() == [False, True, False, False, False]


@given(MOMENTS.map(lambda moment: moment.replace(microsecond=0)))
def test_local_times_become_the_instant_that_the_zone_gives_them_once(moment):
    zone = ZoneInfo("Europe/Berlin")
    utc, twice, never = instants(np.array([us(moment.replace(tzinfo=UTC))]), zone)
    first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    back = first.astimezone(zone).replace(tzinfo=None)
    assert bool(never[0]) == (back != moment)
    assert bool(twice[0]) == (first != second and back == moment)
    if first == second:
        assert utc[0] == us(first)


@pytest.mark.parametrize(
    ("cell", "unit", "expected"),
    [
        ("7:30", "min", 27_000),
        ("0:00:45", "h", 45),
        ("1,5", "h", 5_400),
        ("90", "s", 90),
        ("250", "ms", 0.25),
    ],
)
def test_durations_have_a_unit_or_are_written_as_a_clock(cell, unit, expected):
    assert seconds(text_column([cell]), unit, ",")[0].tolist() == [expected]


@pytest.mark.parametrize(
    ("cell", "numbering", "state"),
    [
        ("Running", "", State.RUNNING), ("planned stop", "", State.PLANNED_STOP),
        ("Change-over", "", State.SETUP), ("held", "", State.DOWN), ("suspended", "", State.IDLE),
        ("EXECUTE", "", State.RUNNING), ("6", "packml", State.RUNNING), ("6", "gemba", State.OFF),
        ("11.0", "packml", State.DOWN),
        ("6", "", None), ("18", "packml", None), ("7", "gemba", None), ("dancing", "", None),
    ],
)  # fmt: skip
def test_states_are_words_synonyms_or_numbers_of_a_named_numbering(cell, numbering, state):
    found, why = state_of(cell, numbering)
    assert found is state
    assert bool(why) == (state is None)
