"""What all figures are computed with: the start of the day, minor stops, the target, the currency."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput
from analytics.vocabulary import State
from app.people.installation import edit_factory
from app.production import figures
from app.production.figures import Question
from app.production.plant import plant
from app.shifts.basics import basics, save_basics, shifts_over
from data.models import AuditEntry, StateEvent, to_us
from data.queries.plant import bump

MINUTE = 60_000_000


def change(acting, **given):
    access = acting("engineer")
    known = basics(access)
    save_basics(access, replace(known, **given), known.version)
    return acting("engineer")


def test_a_change_is_audited_with_what_was_before(acting):
    access = change(acting, day_start=time(22), minor_stop_s=60, oee_target=0.7, currency="CHF")
    assert access.factory.day_start_min == 22 * 60
    assert (access.factory.minor_stop_s, access.factory.oee_target) == (60, 0.7)
    assert access.factory.currency == "CHF"
    with access.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    told = orjson.loads(entry.body)
    assert entry.action == "factory.basics"
    assert (told["before"]["day_start"], told["after"]["day_start"]) == ("06:00", "22:00")


def test_two_who_change_it_at_once_and_who_may_not(acting):
    access = acting("engineer")
    seen = basics(access)
    change(acting, minor_stop_s=60)
    with pytest.raises(Conflict, match="Somebody else"):
        save_basics(access, replace(seen, minor_stop_s=30), seen.version)
    with pytest.raises(Forbidden):
        save_basics(acting("operator"), replace(seen, minor_stop_s=30), basics(access).version)
    assert basics(acting("viewer")).minor_stop_s == 60


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_start": time(6, 0, 1)}, {"minor_stop_s": -1}, {"minor_stop_s": 3_601}, {"oee_target": 0.0},
        {"oee_target": 75.0}, {"currency": "eur"}, {"currency": "EURO"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(acting, wrong):
    before = basics(acting())
    with pytest.raises(InvalidInput) as refused:
        change(acting, **wrong)
    assert [one.field for one in refused.value.problems] == list(wrong)
    assert basics(acting()) == before


def test_figures_of_the_past_follow(acting, clock, gemba):
    access = acting("super_admin")
    number = plant(access).machine_by_key["m1"].id
    start = datetime(2026, 3, 3, 6, tzinfo=ZoneInfo("Europe/Berlin"))
    with access.write() as session:
        for minute, state in ((0, State.RUNNING), (60, State.DOWN), (64, State.RUNNING)):
            at = to_us(start) + minute * MINUTE
            session.add(StateEvent(machine_id=number, start_us=at, state=state, received_us=at))
        bump(session, {to_us(start) // 86_400_000_000})
    clock.now = (start + timedelta(days=1)).astimezone(UTC)
    asked = Question(to_us(start), to_us(start + timedelta(days=1)), machines=("m1",))
    cells = figures.selected(access, asked)
    assert (cells["minor_stop_us"].sum(), cells["unplanned_stop_us"].sum()) == (4 * MINUTE, 0)
    cells = figures.selected(change(acting, minor_stop_s=200), asked)
    assert (cells["minor_stop_us"].sum(), cells["unplanned_stop_us"].sum()) == (0, 4 * MINUTE)
    days = figures.selected(change(acting, day_start=time(10)), asked).groupby("day")["calendar_us"].sum()
    assert [hours // (60 * MINUTE) for hours in days] == [8, 16]
    edit_factory(access, access.factory.id, "North", "UTC")
    cells = figures.selected(acting(), asked)
    assert cells["calendar_us"].sum() == 24 * 60 * MINUTE
    early = cells[cells["shift"] == "early"]
    assert early["start_us"].min() == to_us(start.replace(tzinfo=UTC))


def test_shifts_that_go_on_when_the_day_begins_are_named(acting):
    access = acting()
    over = {at: shifts_over(access, time(at)) for at in (0, 5, 6, 14, 15, 22, 23)}
    assert over == {0: ["Night"], 5: ["Night"], 6: [], 14: [], 15: ["Late"], 22: [], 23: ["Night"]}
