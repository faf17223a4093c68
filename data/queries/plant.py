"""The plant's configuration, read whole: it is small."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.models import (
    Area,
    CalendarException,
    Crew,
    DayRevision,
    Factory,
    IdealCycle,
    Line,
    Machine,
    Parameter,
    PlantSetting,
    Product,
    Reason,
    Shift,
    Target,
)

CONFIGURATION_DAY = 0


@dataclass(frozen=True, slots=True)
class PlantRows:
    """Every configuration row of one factory."""

    areas: tuple[Area, ...]
    lines: tuple[Line, ...]
    machines: tuple[Machine, ...]
    products: tuple[Product, ...]
    cycles: tuple[IdealCycle, ...]
    reasons: tuple[Reason, ...]
    shifts: tuple[Shift, ...]
    parameters: tuple[Parameter, ...]
    exceptions: tuple[CalendarException, ...]
    crews: tuple[Crew, ...]
    targets: tuple[Target, ...]
    setting: PlantSetting | None


def plant_rows(session: Session) -> PlantRows:
    """The configuration of the session's factory, in the order that people see."""
    return PlantRows(
        areas=tuple(session.scalars(select(Area).order_by(Area.name))),
        lines=tuple(session.scalars(select(Line).order_by(Line.key))),
        machines=tuple(session.scalars(select(Machine).order_by(Machine.device_key))),
        products=tuple(session.scalars(select(Product).order_by(Product.key))),
        cycles=tuple(session.scalars(select(IdealCycle))),
        reasons=tuple(session.scalars(select(Reason).order_by(Reason.code))),
        shifts=tuple(session.scalars(select(Shift).order_by(Shift.start_min, Shift.key))),
        parameters=tuple(session.scalars(select(Parameter).order_by(Parameter.machine_id, Parameter.key))),
        exceptions=tuple(session.scalars(select(CalendarException).order_by(CalendarException.day))),
        crews=tuple(session.scalars(select(Crew).order_by(Crew.key))),
        targets=tuple(session.scalars(select(Target).order_by(Target.figure, Target.valid_from))),
        setting=session.scalar(select(PlantSetting)),
    )


def factory_row(session: Session, slug: str) -> Factory | None:
    """The factory of a slug; the table belongs to no tenant."""
    return session.scalar(select(Factory).where(Factory.slug == slug))


def factory_slugs(session: Session) -> list[str]:
    """The slugs of all factories, for services that keep house for each of them."""
    return list(session.scalars(select(Factory.slug).order_by(Factory.slug)))


def revisions(session: Session, first_day: int, last_day: int) -> dict[int, int]:
    """The revision of each UTC day in [first_day, last_day] and of the configuration (day 0)."""
    rows = session.execute(
        select(DayRevision.day, DayRevision.revision).where(
            DayRevision.day.between(first_day, last_day) | (DayRevision.day == CONFIGURATION_DAY)
        )
    )
    return {row[0]: row[1] for row in rows}


def stamps(session: Session) -> tuple[int, int]:
    """The sum of all revisions, which grows with every change, and the configuration's own revision."""
    row = session.execute(
        select(
            func.sum(DayRevision.revision),
            func.sum(case((DayRevision.day == CONFIGURATION_DAY, DayRevision.revision), else_=0)),
        )
    ).one()
    return int(row[0] or 0), int(row[1] or 0)


def bump(session: Session, days: set[int]) -> None:
    """Note in the running transaction that these UTC days (or day 0, the configuration) changed."""
    known = {
        row.day: row for row in session.scalars(select(DayRevision).where(DayRevision.day.in_(sorted(days))))
    }
    for day in sorted(days):
        if day in known:
            known[day].revision += 1
        else:
            session.add(DayRevision(day=day, revision=1))
