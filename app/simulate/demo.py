"""The demo plant: made whole once, then kept up to date through the same intake as any plant."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict
from analytics.twin.plant import day_of, steel_works
from app.auth.sessions import profile
from app.bootstrap import Gemba
from app.demo_accounts import demo_accounts
from app.simulate.accounts import with_new_passwords
from app.simulate.configuration import add_configuration
from app.simulate.history import DAY_US, Progress, add_happenings, first_us, load_telemetry
from app.simulate.live import LivePlant
from app.simulate.people import add_people
from app.simulate.plan import BEGUN, FINISHED, Plan, note, read_plan
from data.models import Factory, Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump, factory_row

SLUG: Final = "demo"
ROWS_SHARE: Final = 0.3
"""The share of the work that is done when states, counts and records are stored."""


def silent(_share: float, _stage: str) -> None:
    """Tell nobody about the progress."""


def create(
    gemba: Gemba, slug: str = SLUG, days: int = 90, seed: int = 7, progress: Progress = silent
) -> list[dict[str, str]]:
    """Make the demo plant with so many days of history before today, or finish one that was begun.

    Returns the accounts (email, password, role); an empty list when the plant is there and its log-ins are
    known. Rows are stored in one transaction, telemetry after them, a mark last: without the mark the next
    call continues with the seed and the days of the first. Raises Conflict when the slug belongs to a factory
    that was not made here.
    """
    factory_id = _founded(gemba, slug, seed)
    plan, finished = read_plan(gemba, factory_id)
    if plan is None:
        plan = _with_rows(gemba, factory_id, slug, days, seed, progress)
    if not finished:
        model = steel_works(plan.seed, plan.anchor)
        for share in load_telemetry(gemba.telemetry, slug, model, first_us(model, plan.days), plan.until_us):
            progress(ROWS_SHARE + (0.95 - ROWS_SHARE) * share, "Telemetry")
    elif demo_accounts(gemba.settings.home):
        return []
    progress(0.96, "Accounts")
    accounts = with_new_passwords(gemba, slug)
    if not finished:
        with gemba.database.write(factory_id) as session:
            note(session, FINISHED, plan, slug)
    progress(1.0, "Ready")
    return accounts


class DemoPlant:
    """Keeps the demo plant alive in one process, cheaply: it remembers how far it has come."""

    def __init__(self, gemba: Gemba, slug: str = SLUG) -> None:
        self._gemba, self._slug = gemba, slug
        self._live: LivePlant | None = None

    def step(self) -> int:
        """Produce what happened since the last step, or since the newest stored data at the first one.

        Returns the number of new rows and values; 0 while there is no finished plant.
        """
        self._live = self._live or self._opened()
        return self._live.step() if self._live is not None else 0

    def _opened(self) -> LivePlant | None:
        with self._gemba.database.read(None) as session:
            row = factory_row(session, self._slug)
        if row is None:
            return None
        plan, finished = read_plan(self._gemba, row.id)
        if plan is None or not finished:
            return None
        return LivePlant(self._gemba, profile(row), steel_works(plan.seed, plan.anchor))


def step(gemba: Gemba, slug: str = SLUG) -> int:
    """Bring the plant up to now once, from what is stored; see `DemoPlant.step`."""
    return DemoPlant(gemba, slug).step()


def catch_up(gemba: Gemba, slug: str = SLUG) -> int:
    """Fill the time since the newest stored data, also after weeks; the same as a first `step`."""
    return step(gemba, slug)


def _founded(gemba: Gemba, slug: str, seed: int) -> int:
    """The id of the factory's row, made if it is missing."""
    model = steel_works(seed, 0)
    with gemba.database.write(None) as session:
        row = factory_row(session, slug)
        if row is None:
            row = Factory(
                slug=slug,
                name=model.name,
                timezone=model.timezone,
                day_start_min=model.day_start_min,
                oee_target=model.oee_target,
                created_at=gemba.clock(),
            )
            session.add(row)
            session.flush()
        return row.id


def _with_rows(gemba: Gemba, factory_id: int, slug: str, days: int, seed: int, progress: Progress) -> Plan:
    """Store the configuration and what happened, all or nothing."""
    now = gemba.clock()
    plan = Plan(seed, day_of(steel_works(seed, 0), to_us(now)), days, to_us(now))
    model = steel_works(seed, plan.anchor)
    start_us = first_us(model, days)
    progress(0.0, "Machines and products")
    with gemba.database.write(factory_id) as session:
        _refuse_a_stranger(session, slug)
        ids = add_configuration(session, model, now)
        for share in add_happenings(session, model, ids, start_us, plan.until_us, now):
            progress(ROWS_SHARE * share, "States, counts and shift records")
        progress(ROWS_SHARE, "Camera events")
        add_people(session, model, start_us, plan.until_us)
        days_touched = range(start_us // DAY_US, plan.until_us // DAY_US + 1)
        bump(session, {CONFIGURATION_DAY, *days_touched})
        note(session, BEGUN, plan, slug)
    return plan


def _refuse_a_stranger(session: Session, slug: str) -> None:
    if session.scalar(select(Machine.id).limit(1)) is not None:
        raise Conflict(
            f"The factory '{slug}' is not a demo plant: start the demo with another state folder (--home)."
        )
