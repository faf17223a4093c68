"""Shifts, days off, crews and targets are edited, and the figures follow."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput
from app.production.figures import Question, totals
from app.production.plant import plant
from app.production.terms.targets import target
from app.shifts.crews import CrewDraft, crews, delete_crew, save_crew
from app.shifts.days import DayDraft, delete_day, exceptions, keep_holidays, kept_holidays, save_day
from app.shifts.month import day_plans
from app.shifts.patterns import ShiftDraft, delete_shift, save_shift, shifts
from app.shifts.targets import TargetDraft, delete_target, save_target, targets
from data.models import AuditEntry, to_us

HOUR = 3_600_000_000
TUESDAY = date(2026, 3, 3)
MORNING = datetime(2026, 3, 3, 5, tzinfo=UTC)  # 06:00 in Berlin: the production day begins


@pytest.fixture
def access(acting):
    return acting("admin")


def one_day(start=MORNING):
    return Question(to_us(start), to_us(start + timedelta(days=1)), machines=("m1",))


def scheduled(access, question=None):
    row = totals(access, question or one_day()).iloc[0]
    return (int(row["calendar_us"]) - int(row["not_scheduled_us"])) / HOUR


def of_key(found, key):
    return next(one for one in found if one.draft.key == key)


def actions(access):
    with access.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_closed_day_is_not_scheduled_and_is_again_when_the_closure_goes(access):
    assert scheduled(access) == 24
    save_day(access, DayDraft(TUESDAY, False, name="Stocktaking"))
    assert scheduled(access) == 0
    [stored] = exceptions(access)
    save_day(access, replace(stored.draft, shifts=("night",)), stored)
    assert scheduled(access) == 16
    [stored] = exceptions(access)
    delete_day(access, stored)
    assert scheduled(access) == 24
    assert actions(access)[-3:] == ["calendar.add", "calendar.change", "calendar.delete"]


def test_a_public_holiday_is_not_scheduled_unless_people_open_it(access, clock):
    clock.now = datetime(2026, 5, 4, tzinfo=UTC)
    may_day = one_day(datetime(2026, 5, 1, 4, tzinfo=UTC))
    assert scheduled(access, may_day) == 24
    keep_holidays(access, "DE", "BY")
    assert scheduled(access, may_day) == 0
    save_day(access, DayDraft(date(2026, 5, 1), True, ("early",), "Rush order"))
    assert scheduled(access, may_day) == 8
    assert kept_holidays(access) == ("DE", "BY")
    keep_holidays(access, "")
    assert scheduled(access, may_day) == 24


def test_an_unknown_country_or_region_is_refused(access):
    with pytest.raises(InvalidInput, match="country 'XX'"):
        keep_holidays(access, "XX")
    with pytest.raises(InvalidInput, match="no region 'ZZ'"):
        keep_holidays(access, "DE", "ZZ")


def test_a_holiday_closes_a_plant_without_shifts_too(access, clock):
    for stored in shifts(access):
        delete_shift(access, stored)
    clock.now = datetime(2026, 5, 4, tzinfo=UTC)
    keep_holidays(access, "DE")
    [plan] = day_plans(access, date(2026, 5, 1), date(2026, 5, 1))
    assert (plan.is_closed, plan.is_holiday, plan.shifts) == (True, True, ())


def test_a_shift_that_ends_and_its_successor_change_the_figures_from_that_day(access):
    night = of_key(shifts(access), "night")
    save_shift(access, replace(night.draft, valid_to=TUESDAY - timedelta(1)), night)
    assert scheduled(access) == 16
    assert scheduled(access, one_day(MORNING - timedelta(1))) == 24
    save_shift(access, ShiftDraft("night2", "Night", time(22), time(2), valid_from=TUESDAY))
    assert scheduled(access) == 20


def test_a_shift_in_a_cycle_runs_in_its_weeks_only(access):
    early = of_key(shifts(access), "early")
    cycle = replace(early.draft, cycle_weeks=2, cycle_in=frozenset({1}), cycle_from=TUESDAY)
    save_shift(access, cycle, early)
    assert of_key(shifts(access), "early").draft == cycle
    assert scheduled(access) == 16
    plans = day_plans(access, TUESDAY, TUESDAY + timedelta(7))
    assert [len(plan.shifts) for plan in (plans[0], plans[-1])] == [2, 3]


def test_shifts_that_would_overlap_are_refused_and_nothing_is_changed(access):
    early = of_key(shifts(access), "early")
    with pytest.raises(InvalidInput, match="overlap") as found:
        save_shift(access, replace(early.draft, end=time(15)), early)
    assert found.value.problems[0].field == "shifts"
    assert of_key(shifts(access), "early") == early
    assert scheduled(access) == 24


def test_an_extra_shift_that_would_overlap_is_refused(access):
    for key in ("early", "late"):
        stored = of_key(shifts(access), key)
        save_shift(access, replace(stored.draft, weekdays=frozenset(range(5))), stored)
    save_shift(access, ShiftDraft("weekend", "Weekend", time(6), time(18), frozenset({5, 6})))
    with pytest.raises(InvalidInput, match="overlap"):
        save_day(access, DayDraft(TUESDAY, True, ("weekend",)))
    assert exceptions(access) == []
    save_day(access, DayDraft(TUESDAY, False, ("early", "late")))
    save_day(access, DayDraft(TUESDAY, True, ("weekend",)))
    assert scheduled(access) == 20


def test_each_mistake_of_a_shift_is_named_by_its_field(access):
    wrong = ShiftDraft(
        "no good", "", time(6), time(7), frozenset(), (), TUESDAY, TUESDAY - timedelta(1), 2, frozenset(),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as found:
        save_shift(access, wrong)
    assert [one.field for one in found.value.problems] == ["key", "name", "weekdays", "valid_to", "cycle_in"]
    late = of_key(shifts(access), "late")
    with pytest.raises(InvalidInput, match="not inside the shift"):
        save_shift(access, replace(late.draft, breaks=((time(12), time(12, 30)),)), late)


def test_who_edits_an_old_version_is_told(access):
    early = of_key(shifts(access), "early")
    save_shift(access, replace(early.draft, name="Morning"), early)
    with pytest.raises(Conflict, match="meantime"):
        save_shift(access, replace(early.draft, name="Dawn"), early)


def test_a_shift_that_is_named_elsewhere_is_kept(access):
    save_crew(access, CrewDraft("A", "Crew A", ("early", "-"), TUESDAY))
    save_day(access, DayDraft(TUESDAY, False, ("early",)))
    with pytest.raises(Conflict, match="crews and days"):
        delete_shift(access, of_key(shifts(access), "early"))
    delete_shift(access, of_key(shifts(access), "late"))
    assert scheduled(access) == 8


def test_crews_stand_on_the_days_that_they_work(access):
    sequence = ("early", "early", "late", "late", "night", "night", "-", "-")
    for place, key in enumerate("ABCD"):
        save_crew(
            access, CrewDraft(key, f"Crew {key}", sequence[2 * place :] + sequence[: 2 * place], TUESDAY)
        )
    [plan] = day_plans(access, TUESDAY, TUESDAY)
    assert [(one.key, one.crews) for one in plan.shifts] == [
        ("early", ("Crew A",)), ("late", ("Crew B",)), ("night", ("Crew C",)),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="no shift 'noon'"):
        save_crew(access, CrewDraft("E", "E", ("noon",), TUESDAY))
    delete_crew(access, crews(access)[0])
    assert [one.draft.key for one in crews(access)] == ["B", "C", "D"]


def test_the_most_specific_target_in_force_wins_and_the_lines_own_is_the_fallback(access):
    def asked(**parts):
        return target(access, plant(access), **parts)

    assert asked(line="a") is None
    save_target(access, TargetDraft("oee", 0.6, TUESDAY))
    save_target(access, TargetDraft("oee", 0.7, TUESDAY, shift="night"))
    save_target(access, TargetDraft("oee", 0.8, TUESDAY, line="a"))
    save_target(access, TargetDraft("oee", 0.9, TUESDAY, product="p1", shift="night"))
    save_target(access, TargetDraft("oee", 0.99, TUESDAY + timedelta(days=5), line="a"))
    assert asked() == 0.6
    assert asked(shift="night") == 0.7
    assert asked(line="a", shift="night") == 0.8
    assert asked(line="a", product="p1", shift="night") == 0.9
    assert asked(line="a", day=TUESDAY + timedelta(days=5)) == 0.99
    assert asked(line="a", day=TUESDAY - timedelta(days=1)) is None
    assert asked(figure="quality") is None
    general = next(one for one in targets(access) if one.draft.value == 0.6)
    delete_target(access, general)
    assert asked() is None


def test_a_target_of_the_same_day_and_part_is_refused_and_a_share_stays_a_share(access):
    save_target(access, TargetDraft("oee", 0.6, TUESDAY))
    with pytest.raises(InvalidInput, match="already"):
        save_target(access, TargetDraft("oee", 0.7, TUESDAY))
    with pytest.raises(InvalidInput) as found:
        save_target(access, TargetDraft("oee", 85, TUESDAY, line="z"))
    assert [one.field for one in found.value.problems] == ["value", "line"]
    save_target(access, TargetDraft("parts_per_hour", 850, TUESDAY, line="a"))


def test_every_kpi_that_has_a_better_direction_can_have_a_target(access):
    for figure, value in (("energy_per_part", 1.4), ("scrap_ratio", 0.0), ("mtbf", 200.0)):
        save_target(access, TargetDraft(figure, value, TUESDAY))
        assert target(access, plant(access), figure) == value
    for figure, value in (("mtbf", 0.0), ("scrap_ratio", 5.0), ("loss_money", 10.0)):
        with pytest.raises(InvalidInput):
            save_target(access, TargetDraft(figure, value, TUESDAY, line="a"))


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_does_not_manage_machines_changes_nothing(acting, role):
    access = acting(role)
    stored = of_key(shifts(access), "early")
    for change in (
        lambda: save_shift(access, stored.draft, stored),
        lambda: delete_shift(access, stored),
        lambda: save_day(access, DayDraft(TUESDAY, False)),
        lambda: keep_holidays(access, "DE"),
        lambda: save_crew(access, CrewDraft("A", "A", ("early",), TUESDAY)),
        lambda: save_target(access, TargetDraft("oee", 0.5, TUESDAY)),
    ):
        with pytest.raises(Forbidden):
            change()
