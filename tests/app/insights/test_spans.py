"""Times in plain words, in the factory's zone and its production days."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from analytics.errors import InvalidInput
from app.insights.spans import Clock, spoken
from data.models import to_us

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000_000


def at(*moment: int) -> int:
    return to_us(datetime(*moment, tzinfo=BERLIN))


NOW = at(2026, 3, 4, 13, 0)
CLOCK = Clock(NOW, BERLIN, 360)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("oee today", at(2026, 3, 4, 6), NOW),
        ("oee yesterday", at(2026, 3, 3, 6), at(2026, 3, 4, 6)),
        ("last night", at(2026, 3, 3, 22), at(2026, 3, 4, 6)),
        ("this week", at(2026, 3, 2, 6), NOW),
        ("last week", at(2026, 2, 23, 6), at(2026, 3, 2, 6)),
        ("this month", at(2026, 3, 1, 6), NOW),
        ("last month", at(2026, 2, 1, 6), at(2026, 3, 1, 6)),
        ("in the last 3 days", at(2026, 3, 2, 6), NOW),
        ("over the past 12 hours", NOW - 12 * HOUR, NOW),
        ("last 2 weeks", at(2026, 2, 19, 6), NOW),
        ("on tuesday", at(2026, 3, 3, 6), at(2026, 3, 4, 6)),
        ("on wednesday", at(2026, 2, 25, 6), at(2026, 2, 26, 6)),
        ("in october", at(2025, 10, 1, 6), at(2025, 11, 1, 6)),
        ("2026-02-10", at(2026, 2, 10, 6), at(2026, 2, 11, 6)),
        ("from 2026-02-10 to 2026-02-12", at(2026, 2, 10, 6), at(2026, 2, 13, 6)),
        ("oee of the press", at(2026, 2, 26, 6), NOW),
    ],
)
def test_words_name_a_range(words, start, end):
    found = spoken(words, CLOCK)
    assert (found.start_us, found.end_us) == (start, end)


def test_before_the_day_begins_today_is_still_yesterdays_date():
    early = Clock(at(2026, 3, 4, 3, 0), BERLIN, 360)
    assert spoken("today", early).start_us == at(2026, 3, 3, 6)


def test_a_day_of_23_hours_is_whole():
    clock = Clock(at(2026, 3, 31, 12), BERLIN, 0)
    found = spoken("2026-03-29", clock)
    assert found.end_us - found.start_us == 23 * HOUR


@pytest.mark.parametrize("words", ["2026-02-30", "2026-03-09", "2026-02-12 to 2026-02-10", "last 0 days"])
def test_what_is_no_range_is_refused(words):
    with pytest.raises(InvalidInput):
        spoken(words, CLOCK)


def test_the_words_of_the_range_are_taken_out():
    assert spoken("oee last 7 days of the press", CLOCK).rest.split() == ["oee", "of", "the", "press"]
