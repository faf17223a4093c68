"""Production jobs: made, planned, worked, refused; in the OEE and with their energy."""

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import cycle
from analytics.vocabulary import State
from app.ingest.intake import ingest_counts, ingest_states
from app.production.figures import Question, broken_down, totals
from app.shop.figures import job_figures
from app.shop.fittings import fit_tool
from app.shop.jobs import JobDraft, JobSearch, job_on, jobs, one_job
from app.shop.planning import change_job, make_job, plan_job
from app.shop.tools import ToolDraft, add_tool
from app.shop.working import cancel_job, enter_parts, finish_job, pause_job, resume_job, start_job
from data.contracts.messages import CountMessage, StateMessage
from data.models import AuditEntry, Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch
from tests.conftest import make_factory

MINUTE = 60_000_000
HOUR = 60 * MINUTE


@pytest.fixture
def access(acting):
    return acting("admin")


@pytest.fixture
def now(access):
    return to_us(access.now)


def make_lathe(access, key="m2"):
    with access.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == key)).one().type = "CNC lathe"
        bump(session, {CONFIGURATION_DAY})


def fields(error):
    return [one.field for one in error.value.problems]


def refused(act, *args, **given):
    with pytest.raises(InvalidInput) as found:
        act(*args, **given)
    return found


def test_a_job_is_made_started_paused_resumed_and_finished_with_its_times(access, clock, now):
    job = make_job(access, JobDraft("m1", "billet", "pressing", quantity=100, cycle_s=9.0))
    found = one_job(access, job)
    assert (found.draft.key, found.state, found.draft.estimated_s) == ("JOB_20260304_001", "open", 900.0)
    start_job(access, job, 1)
    clock.forward(minutes=30)
    pause_job(access, job, 2)
    clock.forward(minutes=60)
    resume_job(access, job, 3)
    clock.forward(minutes=15)
    assert job_on(access, "m1").id == job
    finish_job(access, job, 4, good=90, scrap=10)
    found = one_job(access, job)
    assert (found.state, found.end_us - found.start_us) == ("finished", 105 * MINUTE)
    assert job_on(access, "m1") is None
    figures = job_figures(access, [found])[job]
    assert (figures.worked_s, figures.parts.good, figures.parts.scrap) == (45 * 60, 90, 10)
    assert (figures.cycle_s, figures.kwh) == (27.0, None)
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["job.make", "job.start", "job.pause", "job.resume", "job.finish"]


def test_two_jobs_never_have_one_machine_at_the_same_time(access, clock, now):
    draft = {"material": "x", "operation": "pressing", "quantity": 60.0, "cycle_s": 60.0}
    first = make_job(access, JobDraft("m1", planned_us=now + HOUR, **draft))
    for begins in (now + HOUR - 59 * MINUTE, now + HOUR, now + 2 * HOUR - 1):
        found = refused(make_job, access, JobDraft("m1", planned_us=begins, **draft))
        assert fields(found) == ["planned_start"]
        assert "JOB_20260304_001 has this machine from 4 Mar 14:00 to 15:00" in str(found.value)
    second = make_job(access, JobDraft("m1", planned_us=now + 2 * HOUR, **draft))
    make_job(access, JobDraft("m2", planned_us=now + HOUR, **draft))
    assert fields(refused(plan_job, access, second, 1, now + HOUR)) == ["planned_start"]
    plan_job(access, second, 1, None)
    assert one_job(access, second).state == "open"
    start_job(access, first, 1)
    with pytest.raises(Conflict, match="JOB_20260304_001 runs on this machine"):
        start_job(access, second, 2)
    pause_job(access, first, 2)
    clock.forward(minutes=10)
    start_job(access, second, 2)
    with pytest.raises(Conflict, match="runs on this machine"):
        resume_job(access, first, 3)


def test_a_time_of_the_past_is_refused_where_another_job_ran(access, clock, now):
    draft = JobDraft("m1", "x", "pressing", quantity=1, cycle_s=60.0)
    first, second = make_job(access, draft), make_job(access, draft)
    start_job(access, first, 1, at_us=now - 2 * HOUR)
    finish_job(access, first, 2, at_us=now - HOUR)
    with pytest.raises(Conflict, match="ran on this machine then"):
        start_job(access, second, 1, at_us=now - HOUR - 1)
    assert fields(refused(start_job, access, second, 1, at_us=now + 1)) == ["start"]
    start_job(access, second, 1, at_us=now - HOUR)
    assert fields(refused(finish_job, access, second, 2, at_us=now - HOUR - 1)) == ["end"]


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"material": "unobtainium"}, "material", "mild_steel"),
        ({"operation": "milling"}, "operation", "turning, facing"),
        ({"tool": None}, "tool", "needs a tool"),
        ({"tool": 99}, "tool", "tools: 5"),
        ({"cutting": {"speed_m_min": 5_000.0}}, "speed_m_min", "outside 1 to 785.4 m/min"),
        ({"cutting": {"depth_mm": 9.0}}, "depth_mm", "outside 0.05 to 8 mm"),
        ({"cutting": {"rake": 1.0}}, "rake", "speed_m_min"),
        ({"estimated_s": -5.0}, "estimated_s", "-5 s lies outside 0 (not included) to 31,536,000 s"),
        ({"cycle_s": 0.0}, "cycle_s", "86,400 s"),
        ({"quantity": 0.0}, "quantity", "above 0"),
        ({"quantity": None}, "quantity", "above 0"),
        ({"machine": "m9"}, "machine", "machines: m1, m2"),
        ({"product": "p9"}, "product", "no product"),
    ],
)
def test_a_job_that_is_wrong_is_refused_at_the_field_with_what_is_allowed(access, wrong, field, said):
    make_lathe(access)
    add_tool(access, ToolDraft(5, "Insert", cuts_like=5, stock=1))
    right = {"machine": "m2", "material": "mild_steel", "operation": "turning", "tool": 5, "quantity": 10.0}
    found = refused(make_job, access, JobDraft(**{**right, **wrong}))
    assert fields(found) == [field]
    assert said in str(found.value)
    assert jobs(access, JobSearch())[1] == 0


def test_the_twin_gives_the_cycle_and_the_estimate_and_changes_follow(access):
    make_lathe(access)
    add_tool(access, ToolDraft(5, "Insert", cuts_like=5))
    process = standard_process("mild_steel", "turning", 5)
    job = make_job(access, JobDraft("m2", "Mild Steel", "Turning", 5, quantity=10))
    found = one_job(access, job)
    assert (found.draft.material, found.draft.operation, found.cycle_source) == (
        "mild_steel",
        "turning",
        "twin",
    )
    assert found.draft.cycle_s == pytest.approx(cycle(process).length_s, abs=0.01)
    assert found.draft.estimated_s == pytest.approx(10 * found.draft.cycle_s, abs=0.1)
    slower = JobDraft("m2", "mild_steel", "turning", 5, quantity=10, cutting={"feed_mm": 0.1})
    change_job(access, job, 1, slower)
    assert one_job(access, job).draft.cycle_s > found.draft.cycle_s
    with pytest.raises(Conflict, match="meantime"):
        change_job(access, job, 1, slower)
    cancel_job(access, job, 2, "not needed")
    with pytest.raises(Conflict, match="cancelled"):
        change_job(access, job, 3, slower)


def test_the_job_that_runs_gives_the_ideal_cycle_and_its_counts_to_the_oee(access, clock, now):
    """The machine's own ideal cycle is 1 s; the job's 10 s hold only while it runs."""
    start = now - 2 * HOUR
    ingest_states(access.gemba, access.factory, [StateMessage("m1", start, int(State.RUNNING))])
    counts = [
        CountMessage("m1", start + n * 5 * MINUTE, start + (n + 1) * 5 * MINUTE, 25.0) for n in range(24)
    ]
    ingest_counts(access.gemba, access.factory, counts)
    asked = Question(start, now, machines=("m1",))
    assert totals(access, asked)["performance"].iloc[0] == pytest.approx(600 / 7_200)
    job = make_job(access, JobDraft("m1", "x", "pressing", quantity=500, product="p1", cycle_s=10.0))
    start_job(access, job, 1, at_us=now - HOUR)
    assert totals(access, asked)["performance"].iloc[0] == pytest.approx((300 + 3_000) / 7_200)
    by_product = broken_down(access, asked, ["product"]).set_index("product")
    assert by_product.loc["p1", "total"] == 300
    assert by_product.loc["p1", "performance"] == pytest.approx(3_000 / 3_600)
    assert job_figures(access, [one_job(access, job)])[job].parts.good == 300
    with pytest.raises(Conflict, match="counts its parts itself"):
        enter_parts(access, job, 2, 5)
    cancel_job(access, job, 2)
    assert totals(access, asked)["performance"].iloc[0] == pytest.approx((300 + 3_000) / 7_200)


def test_parts_that_people_enter_count_in_the_oee_once(access, clock, now):
    ingest_states(access.gemba, access.factory, [StateMessage("m1", now, int(State.RUNNING))])
    job = make_job(access, JobDraft("m1", "x", "pressing", quantity=100, cycle_s=30.0))
    start_job(access, job, 1)
    clock.forward(minutes=30)
    enter_parts(access, job, 2, 40)
    clock.forward(minutes=30)
    enter_parts(access, job, 3, 50, 10)
    for good, scrap, field in ((-1, 0, "good"), (0, 0, "good"), (1, -1, "scrap")):
        assert fields(refused(enter_parts, access, job, 4, good, scrap)) == [field]
    found = totals(access, Question(now, now + HOUR, machines=("m1",))).iloc[0]
    assert (found["total"], found["good"]) == (100, 90)
    assert found["performance"] == pytest.approx(100 * 30 / 3_600)


def test_the_energy_of_a_job_is_that_of_the_times_it_ran(access, clock, now):
    from data.models import Parameter

    with access.write() as session:
        machine = session.scalars(select(Machine).where(Machine.device_key == "m1")).one()
        session.add(Parameter(machine_id=machine.id, key="power_kw", display_name="Power", unit="kW"))
        bump(session, {CONFIGURATION_DAY})
    times = [now - 3 * HOUR + n * MINUTE for n in range(181)]
    power = [6.0 if at < now - HOUR else 60.0 for at in times]
    batch = Batch.of(["m1"] * 181, ["power_kw"] * 181, times, power, latest_us=now + HOUR)
    access.gemba.telemetry.append(access.factory.slug, batch)
    job = make_job(access, JobDraft("m1", "x", "pressing", quantity=10, cycle_s=30.0))
    start_job(access, job, 1, at_us=now - 3 * HOUR)
    pause_job(access, job, 2, at_us=now - 2 * HOUR)
    assert job_figures(access, [one_job(access, job)])[job].kwh == pytest.approx(6.0, rel=0.02)
    enter_parts(access, job, 3, 12)
    assert job_figures(access, [one_job(access, job)])[job].kwh_per_part == pytest.approx(0.5, rel=0.02)


def test_a_lathe_starts_only_with_its_tool_fitted_and_not_worn(access, clock):
    make_lathe(access)
    add_tool(access, ToolDraft(5, "Insert", cuts_like=5, stock=2))
    draft = JobDraft("m2", "mild_steel", "turning", 5, quantity=10)
    job = make_job(access, draft)
    assert "fit it before" in str(refused(start_job, access, job, 1).value)
    start_job(access, job, 1, fit=True)
    finish_job(access, job, 2)
    with pytest.raises(Conflict, match="already"):
        fit_tool(access, "m2", 5)


def test_another_factorys_jobs_are_not_there_and_a_viewer_changes_none(access, gemba, acting):
    job = make_job(access, JobDraft("m1", "x", "pressing", quantity=1, cycle_s=1.0))
    other = acting("admin", make_factory(gemba, "south"))
    assert jobs(other, JobSearch()) == ([], 0)
    for act in (lambda: one_job(other, job), lambda: start_job(other, job, 1)):
        with pytest.raises(NotFound):
            act()
    viewer = acting("viewer")
    assert one_job(viewer, job).made_by == ""
    for act in (start_job, pause_job, resume_job, finish_job, cancel_job):
        with pytest.raises(Forbidden):
            act(viewer, job, 1)
    for act, given in ((make_job, (JobDraft("m1"),)), (enter_parts, (job, 1, 5.0))):
        with pytest.raises(Forbidden):
            act(viewer, *given)
