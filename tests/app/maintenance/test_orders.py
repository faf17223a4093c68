"""Work orders and plans: opened, worked, finished; due, told of once, and in the KPIs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from analytics.reliability import Standing
from analytics.vocabulary import State
from app.ingest.intake import ingest_states
from app.kpis.values import kpi_values
from app.maintenance.due import Counts, counts, due_plans
from app.maintenance.figures import machine_figures
from app.maintenance.hours import WorkedHours, maintenance_hours
from app.maintenance.orders import OrderDraft, OrderSearch, Part, one_order, orders
from app.maintenance.plans import PlanDraft, add_plan, change_plan, one_plan, plans
from app.maintenance.watch import open_due, round_of, tell_overdue
from app.maintenance.working import Finish, cancel_order, change_order, finish_order, open_order, start_order
from app.production.figures import Question
from data.contracts.messages import StateMessage
from data.models import AuditEntry, NotifyNotice, Prediction, to_us
from tests.conftest import make_factory

HOUR = 3_600_000_000
DAY = 24 * HOUR


@pytest.fixture
def access(acting):
    return acting("admin")


@pytest.fixture
def now(access):
    return to_us(access.now)


def done(access, now, kind, begin_h, hours, machine="m1", **more):
    """An order that was worked on so many hours ago; its id."""
    order = open_order(access, OrderDraft(machine, kind, kind))
    start = now - begin_h * HOUR
    finish_order(access, order, 1, Finish(start, start + round(hours * HOUR), **more))
    return order


def test_an_order_is_opened_started_and_finished_with_its_parts_and_costs(access, clock):
    order = open_order(access, OrderDraft("m1", " Change the seal ", note="leaks", stop_us=5))
    start_order(access, order, 1)
    clock.forward(hours=2)
    finish_order(access, order, 2, Finish(labour_cost=90.0, parts=(Part("Seal", 2, 12.5), Part("Oil", 1))))
    found = one_order(access, order)
    assert (found.state, found.version, found.draft.title, found.draft.stop_us) == (
        "done",
        3,
        "Change the seal",
        5,
    )
    assert (found.end_us - found.start_us) / HOUR == 2
    assert (found.parts_cost, found.cost, found.draft.person) == (25.0, 115.0, "admin")
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["order.open", "order.start", "order.finish"]


def test_each_mistake_is_named_by_its_field_and_times_run_forward(access, now):
    wrong = OrderDraft("m9", " ", "sometime", alert_id=7, plan_id=8, labour_cost=-1, parts=(Part("", 1),))
    with pytest.raises(InvalidInput) as found:
        open_order(access, wrong)
    assert [one.field for one in found.value.problems] == [
        "machine", "title", "kind", "alert_id", "plan_id", "labour_cost", "parts",
    ]  # fmt: skip
    order = open_order(access, OrderDraft("m1", "Grease"))
    for times, field in (
        (Finish(), "start"), (Finish(now + HOUR), "start"), (Finish(now - HOUR, now - 2 * HOUR), "end"),
        (Finish(now - HOUR, now + HOUR), "end"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as found:
            finish_order(access, order, 1, times)
        assert [one.field for one in found.value.problems] == [field]
    assert one_order(access, order).state == "open"


def test_an_order_knows_the_stop_the_alert_or_the_prediction_behind_it(access, now):
    with access.write() as session:
        told = Prediction(
            job_key="j", kind="failure", machine_key="m1", model="m1 v1", made_us=now, until_us=now + 8 * HOUR
        )
        session.add(told)
        session.flush()
        number = told.id
    order = open_order(access, OrderDraft("m1", "Look into it", prediction_id=number))
    open_order(access, OrderDraft("m1", "Another", stop_us=now - HOUR))
    found, total = orders(access, OrderSearch(prediction_id=number))
    assert (total, found[0].id, found[0].draft.prediction_id) == (1, order, number)
    assert [one.draft.title for one in orders(access, OrderSearch(stop_us=now - HOUR))[0]] == ["Another"]
    with pytest.raises(InvalidInput, match="prediction"):
        open_order(access, OrderDraft("m1", "Look", prediction_id=number + 1))


def test_a_closed_order_stays_closed_and_an_old_version_is_refused(access):
    order = open_order(access, OrderDraft("m1", "Grease"))
    change_order(access, order, 1, OrderDraft("m1", "Grease all"))
    with pytest.raises(Conflict, match="meantime"):
        cancel_order(access, order, 1)
    cancel_order(access, order, 2, "not needed")
    assert one_order(access, order).draft.note == "not needed"
    for act in (start_order, cancel_order):
        with pytest.raises(Conflict):
            act(access, order, 3)
    with pytest.raises(Conflict, match="cancelled"):
        change_order(access, order, 3, OrderDraft("m1", "Grease"))


def test_another_factorys_orders_and_plans_are_not_there(access, gemba, acting):
    order = open_order(access, OrderDraft("m1", "Grease"))
    plan = add_plan(access, PlanDraft("m1", "Grease", 1, "week"))
    other = acting("admin", make_factory(gemba, "south"))
    assert orders(other, OrderSearch()) == ([], 0)
    assert plans(other) == []
    for act in (
        lambda: one_order(other, order),
        lambda: one_plan(other, plan),
        lambda: start_order(other, order, 1),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(InvalidInput, match="no such plan"):
        open_order(other, OrderDraft("m1", "x", plan_id=plan))


def test_orders_are_found_by_state_machine_and_word_the_soonest_first(access, now):
    late = open_order(access, OrderDraft("m1", "Grease", "planned", due_us=now + DAY))
    soon = open_order(access, OrderDraft("m2", "Change the belt", due_us=now + HOUR))
    never = open_order(access, OrderDraft("m2", "Look at the belt"))
    cancel_order(access, late, 1)
    assert [one.id for one in orders(access, OrderSearch())[0]] == [soon, late, never]
    assert [one.id for one in orders(access, OrderSearch(states=("open",), words="BELT"))[0]] == [soon, never]
    assert [one.id for one in orders(access, OrderSearch(machines=("m1",)))[0]] == [late]
    assert orders(access, OrderSearch(), start=1, most=1)[1] == 3
    assert counts(access) == Counts(0, 1, 2)


def test_a_plan_by_the_calendar_counts_from_its_last_finished_order(access, now, clock):
    plan = add_plan(access, PlanDraft("m1", "Grease", 2, "week", now - 10 * DAY, lead_days=3))
    [found] = due_plans(access)
    assert (found.standing, found.due) == (Standing.LATER, date(2026, 3, 8))
    clock.forward(days=1)
    assert due_plans(access)[0].standing is Standing.DUE
    assert open_due(access) == 1
    assert open_due(access) == 0
    [order] = orders(access, OrderSearch(plan_id=plan))[0]
    assert (order.draft.kind, order.draft.title) == ("preventive", "Grease")
    assert due_plans(access)[0].order_id == order.id
    finish_order(access, order.id, 1, Finish(now))
    assert due_plans(access)[0].due == date(2026, 3, 19)
    change_plan(access, plan, 1, replace(one_plan(access, plan).draft, is_active=False))
    assert due_plans(access) == []


def test_a_plan_by_running_hours_counts_what_the_machine_ran_and_forecasts(access, now):
    at = (0, State.RUNNING), (20, State.DOWN), (40, State.RUNNING)
    start = now - 48 * HOUR
    messages = [StateMessage("m1", start + hour * HOUR, int(state)) for hour, state in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    add_plan(access, PlanDraft("m1", "Bearings", 30, "hour", start))
    [found] = due_plans(access)
    assert (found.run_h, found.remaining_h) == (28.0, 2.0)
    assert found.standing is Standing.DUE
    assert found.due == date(2026, 3, 6)  # a pace of 28 h in 28 days: 2 h are 2 days
    add_plan(access, PlanDraft("m2", "Bearings", 30, "hour", start))
    assert due_plans(access)[-1].standing is Standing.UNKNOWN
    early = add_plan(access, PlanDraft("m1", "Filter", 20, "hour", start))
    first = due_plans(access)[0]
    assert (first.plan.id, first.standing, first.remaining_h) == (early, Standing.OVERDUE, -8.0)
    assert open_due(access) == 2


def test_an_overdue_order_is_told_once_and_again_when_it_has_a_new_date(access, now, clock):
    order = open_order(access, OrderDraft("m1", "Grease", "planned", due_us=now + HOUR))
    assert tell_overdue(access) == 0
    clock.forward(hours=2)
    assert (tell_overdue(access), tell_overdue(access)) == (1, 0)
    assert counts(access) == Counts(1, 0, 1)
    found = one_order(access, order)
    change_order(access, order, found.version, replace(found.draft, due_us=now + 3 * HOUR))
    clock.forward(hours=2)
    assert round_of(access.gemba, ["north"]) == 1
    with access.read() as session:
        notices = list(session.scalars(select(NotifyNotice)))
    assert [one.kind for one in notices] == ["order_overdue"] * 2
    assert "Grease (M1) was due on 04 March 2026" in notices[0].sentence


def test_the_corrective_ratio_becomes_evaluable_with_orders(access, now):
    asked = Question(now - 10 * HOUR, now, machines=("m1",))
    assert maintenance_hours(access, asked) is None
    ratio = {one.kpi.id: one for one in kpi_values(access, asked)}["corrective_ratio"]
    assert ratio.value is None
    done(access, now, "corrective", 12, 3)  # one of its hours lies in the range
    done(access, now, "preventive", 8, 2)
    done(access, now, "planned", 5, 1)
    done(access, now, "corrective", 5, 4, machine="m2")
    cancelled = open_order(access, OrderDraft("m1", "no"))
    start_order(access, cancelled, 1, now - HOUR)
    cancel_order(access, cancelled, 2)
    assert maintenance_hours(access, asked) == WorkedHours(1.0, 3.0)
    ratio = {one.kpi.id: one for one in kpi_values(access, asked)}["corrective_ratio"]
    assert ratio.value == 0.25
    assert maintenance_hours(access, Question(now - 10 * HOUR, now)) == WorkedHours(5.0, 3.0)


def test_reliability_by_machine_is_that_of_the_kpis(access, now):
    at = (0, State.RUNNING), (2, State.DOWN), (4, State.RUNNING), (6, State.DOWN), (6.5, State.RUNNING)
    start = now - 7 * HOUR
    messages = [StateMessage("m1", start + round(hour * HOUR), int(state)) for hour, state in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    done(access, now, "corrective", 5, 2, labour_cost=80.0, parts=(Part("Belt", 1, 20.0),))
    asked = Question(start, now)
    first, other = machine_figures(access, asked)
    assert (first.machine, first.orders, first.parts_cost, first.labour_cost) == ("m1", 1, 20.0, 80.0)
    found = first.reliability
    assert (found.failures, found.mtbf_h, found.mttr_h, found.corrective_ratio) == (2, 4.5 / 3, 1.25, 1.0)
    assert (other.machine, other.reliability.mttr_h) == ("m2", None)
    kpis = {one.kpi.id: one.value for one in kpi_values(access, replace(asked, machines=("m1",)))}
    assert (kpis["mtbf"], kpis["mttr"]) == (pytest.approx(found.mtbf_h), pytest.approx(found.mttr_h))


def test_who_only_looks_opens_nothing_and_an_operator_makes_no_plans(acting):
    with pytest.raises(Forbidden):
        open_order(acting("viewer"), OrderDraft("m1", "Grease"))
    assert open_order(acting("operator"), OrderDraft("m1", "Grease"))
    with pytest.raises(Forbidden):
        add_plan(acting("operator"), PlanDraft("m1", "Grease", 1, "week"))


def test_each_mistake_of_a_plan_is_named_by_its_field(access, now):
    with pytest.raises(InvalidInput) as found:
        add_plan(access, PlanDraft("m9", "", 0, "year", now + DAY, 400))
    assert [one.field for one in found.value.problems] == [
        "machine", "name", "unit", "every", "lead_days", "begins",
    ]  # fmt: skip


def test_dates_are_those_of_the_factory(access, clock):
    clock.now = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # half past midnight on the 5th in Berlin
    add_plan(access, PlanDraft("m1", "Grease", 1, "day"))
    assert due_plans(access)[0].due == date(2026, 3, 6)
    clock.forward(days=timedelta(days=2).days)
    assert due_plans(access)[0].standing is Standing.OVERDUE
