"""Quiet hours: whether it is quiet now, and until when."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(now: datetime, zone: ZoneInfo, start_min: int | None, end_min: int | None) -> datetime | None:
    """When the quiet hours that `now` lies in end (UTC); None outside them.

    Minutes count from local midnight; an end at or before the start lies on the next day, and the end itself
    is no longer quiet. A local time that a clock change skips is taken as if the clock had not moved yet; of
    one that comes twice the first counts, so each day's quiet hours begin and end once.

    >>> quiet_until(datetime(2026, 3, 4, 22, tzinfo=UTC), ZoneInfo("Europe/Berlin"), 22 * 60, 6 * 60)
    datetime.datetime(2026, 3, 5, 5, 0, tzinfo=datetime.timezone.utc)
    """
    if start_min is None or end_min is None:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day + timedelta(days=1) if end_min <= start_min else day
        start, end = _moment(day, start_min, zone), _moment(last, end_min, zone)
        if start <= now < end:
            return end
    return None


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
