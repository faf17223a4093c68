"""What all figures of a factory are computed with: when its day begins, minor stops, target, money."""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any, Final

from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.happenings import clock_time
from app.production.masters.rows import finish
from app.shifts.patterns import shifts
from data.models import Factory

CURRENCY: Final = re.compile(r"[A-Z]{3}")
LONGEST_MINOR_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Basics:
    """The basics of one factory. A stop shorter than `minor_stop_s` is minor; the target is a share of 1."""

    day_start: time
    minor_stop_s: int
    oee_target: float | None
    currency: str

    @property
    def version(self) -> int:
        """Another number for other values: what a change is based on."""
        return int.from_bytes(hashlib.sha256(repr(asdict(self)).encode()).digest()[:8]) % 1_000_000_000


def basics(access: Access) -> Basics:
    """The basics as they are stored now."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return _of(session.get_one(Factory, access.factory.id))


def save_basics(access: Access, new: Basics, based_on: int) -> None:
    """Change them; figures of the past follow. InvalidInput names the field.

    `based_on` is the version that the change starts from; Conflict when somebody was faster.
    """
    access.require(Permission.MANAGE_MACHINES)
    _refuse_wrong(new)
    with access.write() as session:
        row = session.get_one(Factory, access.factory.id)
        before = _of(row)
        if before.version != based_on:
            raise Conflict("Somebody else changed this in the meantime. Reload the page, then try again.")
        if before == new:
            return
        row.day_start_min = new.day_start.hour * 60 + new.day_start.minute
        row.minor_stop_s, row.oee_target, row.currency = new.minor_stop_s, new.oee_target, new.currency
        _finish(access, session, before, new)


def shifts_over(access: Access, day_start: time) -> list[str]:
    """The shifts that go on when a production day begins: those hours count for the day before."""
    known = [one.draft for one in shifts(access)]
    return [one.name for one in known if _holds(one.start, one.end, day_start)]


def _holds(start: time, end: time, moment: time) -> bool:
    return start < moment < end if start < end else moment > start or moment < end


def _finish(access: Access, session: Session, before: Basics, after: Basics) -> None:
    subject = ("factory", access.factory.slug)
    finish(access, session, "factory.basics", subject, _told(before), _told(after))


def _told(one: Basics) -> dict[str, Any]:
    return {**asdict(one), "day_start": f"{one.day_start:%H:%M}"}


def _of(row: Factory) -> Basics:
    return Basics(clock_time(row.day_start_min), row.minor_stop_s, row.oee_target, row.currency)


def _refuse_wrong(new: Basics) -> None:
    found = []
    if new.day_start.second or new.day_start.microsecond:
        found.append(FieldProblem("day_start", "A production day begins at a full minute."))
    if not 0 <= new.minor_stop_s <= LONGEST_MINOR_S:
        found.append(FieldProblem("minor_stop_s", f"Give 0 to {LONGEST_MINOR_S:,} seconds."))
    if new.oee_target is not None and not 0 < new.oee_target <= 1:
        found.append(FieldProblem("oee_target", "A target lies above 0 and up to 100 %."))
    if not CURRENCY.fullmatch(new.currency):
        found.append(FieldProblem("currency", "Give the three capital letters of ISO 4217, such as EUR."))
    if found:
        raise InvalidInput(*found)
