"""Which dates are not worked as the weekly pattern says: public holidays, and what people decided."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from analytics.errors import InvalidInput
from analytics.timeline import DayException, SpecialDay, special_days
from app.production.plant import Plant
from data.models import CalendarException

AROUND = timedelta(days=3)
"""Shifts of the days before and after a range reach into it."""


@lru_cache(maxsize=256)
def public_holidays(country: str, region: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country (ISO 3166, two letters) and of a region of it, with English names.

    Raises InvalidInput at `country` or `region` where nobody knows its holidays.
    """
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        raise InvalidInput.at("country", f"The holidays of the country '{country}' are not known.")
    if region and region not in known[country]:
        regions = ", ".join(known[country]) or "none"
        raise InvalidInput.at("region", f"{country} has no region '{region}'; there are: {regions}.")
    languages = holidays.list_localized_countries().get(country, [])
    language = next((one for one in languages if one.startswith("en")), None)
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language=language)
    return {day: name for day, name in sorted(found.items()) if day.year == year}


def countries() -> dict[str, list[str]]:
    """The countries whose holidays are known, each with its regions."""
    import holidays

    return holidays.list_supported_countries()


def holidays_between(known: Plant, first: date, last: date) -> dict[date, str]:
    """The holidays that the plant keeps, from one date to another (both included)."""
    setting = known.rows.setting
    if setting is None or not setting.holiday_country:
        return {}
    years = range(first.year, last.year + 1)
    found = [public_holidays(setting.holiday_country, setting.holiday_region, year) for year in years]
    return {day: name for year in found for day, name in year.items() if first <= day <= last}


def exception(row: CalendarException) -> DayException:
    """The stored exception as `analytics` knows it."""
    keys = frozenset(key for key in row.shifts.split(",") if key)
    return DayException(row.day, row.is_open, keys, row.name)


def special_between(known: Plant, first: date, last: date) -> dict[date, SpecialDay]:
    """What is different on the dates of a range and of its neighbours; exceptions win over holidays."""
    begin, end = first - AROUND, last + AROUND
    rows = [exception(row) for row in known.rows.exceptions if begin <= row.day <= end]
    return special_days(holidays_between(known, begin, end), rows)
