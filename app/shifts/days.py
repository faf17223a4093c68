"""Single dates: closed days, extra shifts, the holidays that the plant keeps."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from analytics.errors import Conflict, FieldProblem, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.rows import finish
from app.production.terms.holidays import public_holidays
from app.shifts.rows import at_version, refuse_overlap, stored_with
from data.models import CalendarException, PlantSetting, Shift


@dataclass(frozen=True, slots=True)
class DayDraft:
    """One date as people edit it. `shifts` are keys; none means all (closed), or as usual (open)."""

    day: date
    is_open: bool
    shifts: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """An exception with its id and version."""

    id: int
    version: int
    draft: DayDraft


def exceptions(access: Access) -> list[StoredDay]:
    """All exceptions, by date."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(CalendarException).order_by(CalendarException.day)))
    return [StoredDay(row.id, row.version, _draft(row)) for row in rows]


def one_exception(access: Access, day_id: int) -> StoredDay:
    """One exception by its id; NotFound otherwise."""
    return stored_with(exceptions(access), day_id, "day")


def save_day(access: Access, draft: DayDraft, stored: StoredDay | None = None) -> int:
    """Close or open a date, or change what was said about one; its id.

    InvalidInput names the field, also (`shifts`) of extra shifts that would overlap; NotFound; Conflict.
    """
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = at_version(session, CalendarException, stored.id, stored.version, "day") if stored else None
        known = set(session.scalars(select(Shift.key)))
        taken = session.scalar(
            select(CalendarException.id).where(
                CalendarException.day == draft.day, CalendarException.is_open == draft.is_open
            )
        )
        _refuse_wrong(draft, known, is_taken=taken is not None and (row is None or taken != row.id))
        before = _state(row) if row else None
        if row is None:
            row = CalendarException(day=draft.day)
            session.add(row)
        else:
            row.version += 1
        row.day, row.is_open, row.name = draft.day, draft.is_open, draft.name.strip()
        row.shifts = ",".join(sorted(set(draft.shifts)))
        refuse_overlap(session)
        action = "calendar.change" if before else "calendar.add"
        finish(access, session, action, ("day", row.day.isoformat()), before, _state(row))
        return row.id


def delete_day(access: Access, stored: StoredDay) -> None:
    """The date is what the pattern and the holidays say again."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = at_version(session, CalendarException, stored.id, stored.version, "day")
        before = _state(row)
        session.delete(row)
        finish(access, session, "calendar.delete", ("day", before["day"]), before, None)


def holidays_version(access: Access) -> int:
    """The version of the factory's settings, among them the holidays; 0 before the first."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return session.scalar(select(PlantSetting.version)) or 0


def kept_holidays(access: Access) -> tuple[str, str]:
    """The country and the region whose holidays the plant keeps; empty where it keeps none."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.scalar(select(PlantSetting))
        return (row.holiday_country, row.holiday_region) if row else ("", "")


def keep_holidays(access: Access, country: str, region: str = "", version: int | None = None) -> None:
    """Keep the public holidays of a country and region, or with an empty country none.

    InvalidInput; with `version` Conflict where the settings have another one by now.
    """
    access.require(Permission.MANAGE_MACHINES)
    if country:
        public_holidays(country, region, access.now.year)
    elif region:
        raise InvalidInput.at("country", "Choose the country of the region.")
    before = kept_holidays(access)
    with access.write() as session:
        row = session.scalar(select(PlantSetting))
        if version is not None and version != (row.version if row else 0):
            raise Conflict("Somebody else changed the settings in the meantime. Read them again.")
        if row is None:
            row = PlantSetting()
            session.add(row)
        else:
            row.version += 1
        row.holiday_country, row.holiday_region = country, region
        names = ("country", "region")
        finish(
            access, session, "holidays.change", ("factory", access.factory.slug),
            dict(zip(names, before, strict=True)), {"country": country, "region": region},
        )  # fmt: skip


def _refuse_wrong(draft: DayDraft, known: set[str], *, is_taken: bool) -> None:
    found = []
    if is_taken:
        word = "opened" if draft.is_open else "closed"
        found.append(FieldProblem("day", f"This date is {word} already; change what stands there."))
    unknown = sorted(set(draft.shifts) - known)
    if unknown:
        found.append(FieldProblem("shifts", f"There is no shift '{unknown[0]}' in this factory."))
    if len(draft.name.strip()) > 120:
        found.append(FieldProblem("name", "A name has at most 120 characters."))
    if found:
        raise InvalidInput(*found)


def _draft(row: CalendarException) -> DayDraft:
    return DayDraft(row.day, row.is_open, tuple(key for key in row.shifts.split(",") if key), row.name)


def _state(row: CalendarException) -> dict[str, Any]:
    return {"day": row.day.isoformat(), "is_open": row.is_open, "shifts": row.shifts, "name": row.name}
