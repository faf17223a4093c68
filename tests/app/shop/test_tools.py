"""The tool store, what is fitted, how worn it is, and when it should be changed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.wear import share_at, tool_life_min
from app.shop.fittings import fit_tool, fittings, measure_wear, one_fitting, remove_tool
from app.shop.jobs import JobDraft, one_job
from app.shop.life import tool_lives
from app.shop.planning import make_job
from app.shop.tools import ToolDraft, add_magazine, add_tool, change_tool, one_tool, receive, tools
from app.shop.working import enter_parts, finish_job, start_job
from data.models import AuditEntry, Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch
from tests.conftest import make_factory

HOUR = 3_600_000_000


@pytest.fixture
def access(acting):
    made = acting("admin")
    with made.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == "m2")).one().type = "CNC lathe"
        bump(session, {CONFIGURATION_DAY})
    return made


@pytest.fixture
def tool(access):
    return add_tool(access, ToolDraft(5, "Turning insert", cuts_like=5, stock=3, reorder_level=2))


def turning(quantity, **more):
    return JobDraft("m2", "mild_steel", "turning", 5, quantity=quantity, **more)


def share_of(parts):
    process = standard_process("mild_steel", "turning", 5)
    return parts * cycle(process).cutting_s / 60.0 / tool_life_min(process)


def test_a_tool_is_kept_changed_received_and_told_when_few_are_left(access, tool):
    assert not one_tool(access, tool).is_low
    fit_tool(access, "m2", 5)
    found = one_tool(access, tool)
    assert (found.draft.stock, found.fitted, found.is_low) == (2, 1, True)
    receive(access, tool, found.version, 10)
    found = one_tool(access, tool)
    assert (found.draft.stock, found.is_low) == (12, False)
    change_tool(access, tool, found.version, replace(found.draft, holder="PCLNR 2525", reorder_level=12))
    assert one_tool(access, tool).is_low
    with pytest.raises(Conflict, match="meantime"):
        receive(access, tool, found.version, 1)
    with pytest.raises(InvalidInput, match="12 are in the store: -13 would leave -1"):
        receive(access, tool, found.version + 1, -13)
    with access.read() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert actions == {"tool.add", "tool.fit", "tool.receive", "tool.change"}


def test_each_mistake_in_a_tool_is_named_by_its_field(access, tool):
    wrong = ToolDraft(5, " ", "spoon", cuts_like=99, life_min=-1.0, limit_mm=0.0, price=-1.0, stock=-1,
                      reorder_level=-1)  # fmt: skip
    with pytest.raises(InvalidInput) as found:
        add_tool(access, wrong)
    assert [one.field for one in found.value.problems] == [
        "number", "name", "kind", "cuts_like", "life_min", "limit_mm", "price", "stock", "reorder_level",
    ]  # fmt: skip


def test_the_twins_magazine_goes_into_the_store_once_and_leaves_what_is_there(access, tool):
    assert add_magazine(access) == 11
    assert add_magazine(access) == 0
    assert [one.draft.number for one in tools(access)] == list(range(1, 13))
    assert one_tool(access, tool).draft.name == "Turning insert"


def test_an_empty_store_fits_nothing_and_one_number_is_fitted_once_per_machine(access, tool):
    fit_tool(access, "m2", 5)
    with pytest.raises(Conflict, match="take it out first"):
        fit_tool(access, "m2", 5)
    empty = add_tool(access, ToolDraft(7, "Drill"))
    with pytest.raises(InvalidInput, match="No tool 7"):
        fit_tool(access, "m2", 7)
    for machine, number in (("m9", 5), ("m2", 99)):
        with pytest.raises(InvalidInput):
            fit_tool(access, machine, number)
    assert one_tool(access, empty).draft.stock == 0


def test_wear_follows_the_parts_that_were_cut_by_the_twins_life(access, tool, clock):
    fitting = fit_tool(access, "m2", 5)
    job = make_job(access, turning(500))
    start_job(access, job, 1)
    [fresh] = tool_lives(access)
    assert (fresh.left, fresh.standing) == (1.0, "good")
    clock.forward(hours=1)
    enter_parts(access, job, 2, 20)
    [life] = tool_lives(access, "m2")
    assert life.spent.source == "twin"
    assert life.spent.share == pytest.approx(share_of(20))
    left = (1 - share_of(20)) / share_of(1)
    assert (life.change.job, life.change.parts) == (one_job(access, job).draft.key, int(left))
    cycle_us = one_job(access, job).draft.cycle_s * 1e6
    assert life.change.at_us == pytest.approx(to_us(access.now) + left * cycle_us, rel=1e-9)
    measure_wear(access, fitting, 1, 0.25)
    [life] = tool_lives(access)
    assert (life.spent.source, life.spent.wear_mm) == ("measured", 0.25)
    assert life.spent.share == pytest.approx(share_at(0.25))
    assert life.standing == "soon"


def test_a_job_whose_parts_fit_into_the_life_asks_for_the_change_in_a_later_one(access, tool, clock):
    fit_tool(access, "m2", 5)
    each = int(0.6 / share_of(1))
    first = make_job(access, turning(each))
    later = make_job(access, turning(each, planned_us=to_us(access.now) + 48 * HOUR))
    start_job(access, first, 1)
    [life] = tool_lives(access)
    assert life.change.job == one_job(access, later).draft.key
    assert life.change.parts == pytest.approx((1 - share_of(each)) / share_of(1), abs=1)
    assert life.change.at_us > to_us(access.now) + 48 * HOUR


def test_a_worn_out_tool_starts_no_job_and_its_change_stays_in_the_history(access, tool, clock):
    fitting = fit_tool(access, "m2", 5)
    measure_wear(access, fitting, 1, 0.31)
    job = make_job(access, turning(5))
    with pytest.raises(InvalidInput) as found:
        start_job(access, job, 1)
    assert [one.field for one in found.value.problems] == ["tool"]
    assert "worn out" in str(found.value)
    assert "outside 0 to 0.3 mm" in str(found.value)
    remove_tool(access, fitting, 2, "worn")
    clock.forward(minutes=2)
    start_job(access, job, 1, fit=True)
    now, before = fittings(access, machine="m2")
    assert (now.removed_us, before.why, before.wear_mm) == (None, "worn", 0.31)
    assert before.spent == pytest.approx(share_at(0.31))
    assert one_tool(access, tool).draft.stock == 1
    with pytest.raises(Conflict, match="already"):
        remove_tool(access, fitting, 3)


def test_a_tool_that_cut_nothing_goes_back_and_a_used_one_does_not(access, tool, clock):
    remove_tool(access, fit_tool(access, "m2", 5), 1, "other_job")
    assert one_tool(access, tool).draft.stock == 3
    job = make_job(access, turning(5))
    start_job(access, job, 1, fit=True)
    clock.forward(minutes=10)
    finish_job(access, job, 2)
    [fitted] = fittings(access, only_now=True)
    remove_tool(access, fitted.id, fitted.version, "other_job")
    assert one_tool(access, tool).draft.stock == 2
    assert one_fitting(access, fitted.id).spent > 0


def test_the_wear_that_the_machine_sends_itself_comes_first_while_it_is_fresh(access, tool, clock):
    start_job(access, make_job(access, turning(5)), 1, fit=True)
    clock.forward(minutes=5)
    now = to_us(access.now)
    batch = Batch.of(["m2"], ["tool_wear_mm"], [now], [0.2], latest_us=now + HOUR)
    access.gemba.telemetry.append(access.factory.slug, batch)
    [life] = tool_lives(access)
    assert (life.spent.source, life.spent.wear_mm) == ("signal", 0.2)
    assert life.spent.share == pytest.approx(share_at(0.2))
    clock.forward(minutes=11)
    assert tool_lives(access)[0].spent.source == "twin"


def test_a_tool_whose_life_nobody_knows_says_so(access):
    add_tool(access, ToolDraft(40, "Forming die", "die", stock=1))
    fit_tool(access, "m1", 40)
    [life] = tool_lives(access)
    assert (life.spent, life.left, life.change, life.standing) == (None, None, None, "unknown")


def test_tools_of_another_factory_are_not_there_and_a_viewer_changes_none(access, tool, gemba, acting):
    fitting = fit_tool(access, "m2", 5)
    other = acting("admin", make_factory(gemba, "south"))
    assert (tools(other), fittings(other)) == ([], [])
    for act in (lambda: one_tool(other, tool), lambda: one_fitting(other, fitting)):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotFound):
        remove_tool(other, fitting, 1)
    operator, viewer = acting("operator"), acting("viewer")
    measure_wear(operator, fitting, 1, 0.1)
    for act, given in (
        (add_tool, (ToolDraft(9, "x"),)), (change_tool, (tool, 1, ToolDraft(9, "x"))), (add_magazine, ()),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            act(operator, *given)
    for act, given in ((fit_tool, ("m2", 5)), (remove_tool, (fitting, 2)), (receive, (tool, 2, 1))):
        with pytest.raises(Forbidden):
            act(viewer, *given)
