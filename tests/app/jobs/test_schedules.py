"""Schedules: each slot once, on days with a clock change too, and missed slots once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from analytics.errors import Conflict, Forbidden, InvalidInput
from app.auth.accounts import create
from app.auth.sessions import member
from app.bootstrap import Access, Gemba
from app.jobs.listing import JobFilter, list_jobs
from app.jobs.registry import load
from app.jobs.rhythm import Rhythm
from app.jobs.schedules import (
    ScheduleDraft,
    add_schedule,
    left_behind,
    remove_schedule,
    round_of,
    schedules,
    switch,
)
from app.people.keys import make_key, revoke_key
from app.ui.jobs.words import state_word
from data.models import AuditEntry, Job, JobSchedule, Membership
from tests.app.jobs.trial_kinds import MODULES
from tests.conftest import StillClock, make_factory

load(MODULES)
BERLIN = ZoneInfo("Europe/Berlin")
CHOSEN = JobFilter(kinds=("trial-add",))


@pytest.fixture
def north(acting: Callable[..., Access]) -> Access:
    return acting()


def slots(rhythm: Rhythm, start: datetime, days: int, zone: ZoneInfo = BERLIN) -> list[str]:
    found, at = [], start
    while (at := rhythm.after(at, zone)) < start + timedelta(days=days):
        found.append(at.astimezone(zone).strftime("%d %H:%M%z"))
    return found


def test_a_daily_slot_that_the_clocks_skip_comes_after_the_jump() -> None:
    assert slots(Rhythm("daily", 150), datetime(2026, 3, 28, tzinfo=UTC), 3) == [
        "28 02:30+0100", "29 03:30+0200", "30 02:30+0200",
    ]  # fmt: skip


def test_a_daily_slot_that_comes_twice_counts_once() -> None:
    assert slots(Rhythm("daily", 150), datetime(2026, 10, 24, tzinfo=UTC), 3) == [
        "24 02:30+0200", "25 02:30+0200", "26 02:30+0100",
    ]  # fmt: skip


def test_a_weekly_slot_keeps_its_local_time_over_the_clock_change() -> None:
    found = slots(Rhythm("weekly", 480, 6), datetime(2026, 3, 20, tzinfo=UTC), 15)
    assert found == ["22 08:00+0100", "29 08:00+0200"]


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25), (6, 1, 24)])
def test_an_hourly_slot_comes_once_in_each_hour_that_passes(month: int, day: int, hours: int) -> None:
    midnight = datetime(2026, month, day, tzinfo=BERLIN).astimezone(UTC) - timedelta(microseconds=1)
    found = slots(Rhythm("hourly", 15), midnight, 2)
    assert len([one for one in found if one.startswith(f"{day:02d} ")]) == hours


def test_an_hourly_slot_follows_the_minute_of_a_zone_with_a_half_hour() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    assert slots(Rhythm("hourly", 10), datetime(2026, 1, 1, tzinfo=UTC), 1, zone)[0] == "01 06:10+0530"


@pytest.mark.parametrize("given", [("yearly", 1, 0), ("hourly", 60, 0), ("daily", -1, 0), ("weekly", 1, 7)])
def test_what_no_clock_shows_is_refused(given: tuple[str, int, int]) -> None:
    with pytest.raises(InvalidInput):
        Rhythm(*given)  # type: ignore[arg-type]


def test_each_slot_asks_once_even_when_several_look_at_once(
    gemba: Gemba, north: Access, clock: StillClock
) -> None:
    add_schedule(north, ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    round_of(gemba, ["north"])
    for _ in range(4):
        clock.forward(hours=1)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: round_of(gemba, ["north"]), range(4)))
    assert len(list_jobs(north, CHOSEN)) == 4


def test_missed_slots_run_once(gemba: Gemba, north: Access, clock: StillClock) -> None:
    add_schedule(north, ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    clock.forward(days=3, minutes=5)
    round_of(gemba, ["north"])
    round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 1
    row = next(one for one in schedules(north) if one.name == "Every hour")
    assert row.next_run_us == int(clock.now.replace(minute=0, hour=13).timestamp() * 1e6)


def test_a_schedule_that_is_off_asks_for_nothing(gemba: Gemba, north: Access, clock: StillClock) -> None:
    row = add_schedule(north, ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    switch(north, row.id, False, row.version)
    clock.forward(hours=5)
    round_of(gemba, ["north"])
    assert list_jobs(north, CHOSEN) == []
    with pytest.raises(Conflict, match="in the meantime"):
        switch(north, row.id, True, row.version)
    switch(north, row.id, True)
    round_of(gemba, ["north"])
    assert list_jobs(north, CHOSEN) == []
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 1


def test_every_factory_has_the_nightly_check_which_can_be_switched_off_only(
    gemba: Gemba, acting: Callable[..., Access]
) -> None:
    make_factory(gemba, "south")
    round_of(gemba, ["north", "south"])
    north = acting()
    row = next(one for one in schedules(north) if one.kind == "identity_check")
    with pytest.raises(Conflict):
        remove_schedule(north, row.id)
    switch(north, row.id, False)
    round_of(gemba, ["north", "south"])
    assert [one.is_on for one in schedules(north) if one.kind == "identity_check"] == [False]


def test_schedules_take_the_permission_of_their_kind(acting: Callable[..., Access]) -> None:
    viewer = acting("viewer")
    row = add_schedule(acting(), ScheduleDraft("Mine", "trial-add", Rhythm("daily", 0)))
    for act in (
        lambda: schedules(viewer),
        lambda: add_schedule(viewer, ScheduleDraft("Yours", "trial-add", Rhythm("daily", 0))),
        lambda: switch(viewer, row.id, False),
        lambda: remove_schedule(viewer, row.id),
    ):
        with pytest.raises(Forbidden):
            act()
    remove_schedule(acting(), row.id)
    assert [one for one in schedules(acting()) if one.name == "Mine"] == []


def test_a_schedule_of_a_kind_that_is_gone_holds_up_no_other_and_can_be_deleted(
    gemba: Gemba, north: Access, clock: StillClock
) -> None:
    made = add_schedule(north, ScheduleDraft("Gone", "trial-add", Rhythm("hourly", 0)))
    add_schedule(north, ScheduleDraft("Later", "trial-add", Rhythm("hourly", 1)))
    with north.write() as session:
        session.get_one(JobSchedule, made.id).kind = "heat"
    clock.forward(hours=2)
    round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 1
    rows = {one.name: one for one in schedules(north)}
    assert left_behind(north, list(rows.values())) == set()
    assert "no such kind" in state_word(rows["Gone"], set())
    switch(north, made.id, False)
    remove_schedule(north, made.id)
    assert "Gone" not in {one.name for one in schedules(north)}


def made_by_a_person(gemba: Gemba, factory_id: int) -> tuple[int, Access]:
    account = create(
        gemba.database, email="eva@example.test", name="Eva", password="gravel lantern otter pudding",
        factory_slug="north", role="engineer", now=gemba.clock(),
    )  # fmt: skip
    who = member(gemba.database, account, factory_id)
    assert who is not None
    return account, Access(gemba, who)


def test_a_schedule_whose_maker_left_is_switched_off_until_somebody_takes_it_over(
    gemba: Gemba, north: Access, factory_id: int, clock: StillClock
) -> None:
    account, eva = made_by_a_person(gemba, factory_id)
    made = add_schedule(eva, ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    assert [one.asked_by for one in list_jobs(north, CHOSEN)] == ["eva@example.test"]
    with gemba.database.write(None) as session:
        session.execute(
            update(Membership).where(Membership.account_id == account).values(deactivated_at=clock.now)
        )
    assert left_behind(north, schedules(north)) == {made.id}
    clock.forward(hours=1)
    for _ in range(2):
        round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 1
    with gemba.database.read(factory_id) as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.action == "schedule.switch")).all()
    assert ["eva@example.test may no longer act" in one.body for one in said] == [True]

    taken = switch(north, made.id, True)
    assert (taken.asked_by, left_behind(north, [taken])) == (north.principal.email, set())
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    assert next(one.asked_by for one in list_jobs(north, CHOSEN)) == north.principal.email


def test_a_schedule_of_a_key_ends_with_the_key(
    gemba: Gemba, north: Access, factory_id: int, clock: StillClock
) -> None:
    made, secret = make_key(north, "nightly", ["see_plant", "run_analytics"])
    who = gemba.api_keys.identify(secret, clock.now)
    assert who is not None
    add_schedule(Access(gemba, who), ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 1
    other, _ = make_key(north, "nightly", ["run_analytics"])
    revoke_key(north, made.id)
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    with north.read() as session:
        newest = session.scalars(select(Job).where(Job.kind == "trial-add").order_by(Job.id.desc())).first()
    assert newest is not None
    assert newest.permissions == ["run_analytics"]
    revoke_key(north, other.id)
    clock.forward(hours=1)
    round_of(gemba, ["north"])
    assert len(list_jobs(north, CHOSEN)) == 2
    assert [one.is_on for one in schedules(north) if one.name == "Every hour"] == [False]


def test_somebody_who_lost_the_permission_has_no_jobs_by_the_clock(
    gemba: Gemba, factory_id: int, clock: StillClock
) -> None:
    account, eva = made_by_a_person(gemba, factory_id)
    made = add_schedule(eva, ScheduleDraft("Every hour", "trial-add", Rhythm("hourly", 0)))
    with gemba.database.write(None) as session:
        session.execute(update(Membership).where(Membership.account_id == account).values(role="viewer"))
    assert left_behind(eva, [made]) == {made.id}
