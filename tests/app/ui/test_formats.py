"""Numbers and times read as a person writes them, and nothing unknown reads as zero."""

from zoneinfo import ZoneInfo

import pytest

from app.ui import formats

BERLIN = ZoneInfo("Europe/Berlin")
N = formats.THIN_SPACE
M = formats.MINUS


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.7479, f"74.8{N}%"),
        (1.0312, f"103.1{N}%"),
        (0.0, f"0.0{N}%"),
        (-0.0001, f"0.0{N}%"),
        (1, f"100.0{N}%"),
    ],
)
def test_percent_has_one_decimal_and_keeps_what_is_over_100(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    "function",
    [
        formats.percent,
        formats.points,
        formats.duration,
        formats.energy,
        formats.number,
        formats.measured,
        formats.count,
    ],
)
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_known_is_a_dash_and_never_a_zero(function, value):
    assert function(value) == formats.MISSING


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (0.4, "0 min"),
        (59.4, "59 min"),
        (59.6, "1:00 h"),
        (425, "7:05 h"),
        (-61, f"{M}1:01 h"),
        (-0.2, "0 min"),
        (90_000, f"1{N}500:00 h"),
    ],
)
def test_durations_are_hours_and_minutes(minutes, text):
    assert formats.duration(minutes) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.0229, "+2.3 pp"), (-0.0229, f"{M}2.3 pp"), (0.0004, "0.0 pp"), (-0.0004, "0.0 pp")],
)
def test_points_that_round_to_zero_have_no_sign(difference, text):
    assert formats.points(difference) == text


def test_counts_have_thin_spaces_that_do_not_break():
    assert formats.count(19271, "parts") == f"19{N}271 parts"
    assert formats.number(-1234567.891, 2) == f"{M}1{N}234{N}567.89"


@pytest.mark.parametrize(
    ("kwh", "text"), [(3.14159, "3.1 kWh"), (4321.5, f"4{N}322 kWh"), (12_345.0, "12.3 MWh"), (0, "0.0 kWh")]
)
def test_energy_changes_to_megawatt_hours(kwh, text):
    assert formats.energy(kwh) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(92.0, "92 °C"), (23.456, "23.46 °C"), (1234.5, f"1{N}234 °C"), (0.01234, "0.01234 °C"), (0, "0 °C")],
)
def test_measured_values_keep_four_digits(value, text):
    assert formats.measured(value, "°C") == text


def test_clock_times_are_those_of_the_factory_on_both_sides_of_a_clock_change():
    before, after = 1_792_888_200_000_000, 1_792_891_800_000_000
    assert formats.clock(before, BERLIN) == "02:30"
    assert formats.clock(after, BERLIN) == "02:30"
    assert formats.clock(after, ZoneInfo("UTC"), seconds=True) == "01:30:00"
    assert formats.day(before, BERLIN) == "Sun 25 Oct 2026"
    assert formats.moment(None, BERLIN) == formats.MISSING


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (9.9, "just now"),
        (42, "42 s ago"),
        (180, "3 min ago"),
        (7200, "2 h ago"),
        (47 * 3600, "47 h ago"),
        (4 * 86400, "4 days ago"),
        (-30, "just now"),
        (-300, "in the future"),
    ],
)
def test_ages_use_one_unit(seconds, text):
    now = 1_800_000_000_000_000
    assert formats.age(now - int(seconds * 1_000_000), now) == text


def test_no_time_at_all_is_never():
    assert formats.age(None, 5) == "never"
