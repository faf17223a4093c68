"""Production jobs, tools, the operator's machine, the lathes. The dialogs are tried in a browser."""

import pytest
import streamlit as st
from sqlalchemy import select

from analytics.errors import Conflict
from analytics.vocabulary import State
from app.alerts.actions import resolve
from app.alerts.listing import Filter, list_alerts
from app.ingest.intake import ingest_states
from app.shop.calls import call_for_help
from app.shop.fittings import fit_tool, measure_wear
from app.shop.jobs import JobDraft, one_job
from app.shop.planning import make_job
from app.shop.tools import ToolDraft, add_tool, tools
from app.shop.working import finish_job, start_job
from data.contracts.messages import StateMessage
from data.models import Machine, NotifyNotice, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from tests.pages.conftest import texts

MINUTE = 60_000_000


@pytest.fixture(autouse=True)
def nothing_kept():
    """Answers are kept by factory and stamp, which another test's plant may share."""
    st.cache_data.clear()


@pytest.fixture
def access(acting):
    return acting("manager")


@pytest.fixture
def job(access):
    add_tool(access, ToolDraft(5, "Insert", cuts_like=5, stock=3, reorder_level=5))
    return make_job(access, JobDraft("m1", "mild_steel", "turning", 5, 40))


def frame(page):
    return page.dataframe[0].value


def test_the_dialog_offers_what_the_twin_and_the_store_know(open_page, access, job):
    page = open_page("production_jobs", "operator")
    page.button(key="pjob-make").click().run()
    assert not page.exception
    assert "turning" in page.selectbox(key="pjob-operation").options
    assert "Mild steel" in page.selectbox(key="pjob-material").options
    assert page.selectbox(key="pjob-tool").options == ["5 · Insert (3 in store)"]


def test_jobs_stand_in_the_table_with_their_figures_and_filters_in_the_address(open_page, access, job):
    start_job(access, job, 1, fit=True)
    make_job(access, JobDraft("m2", "billet", "pressing", quantity=5, cycle_s=60.0))
    page = open_page("production_jobs", p_state="running")
    assert frame(page)["Machine"].tolist() == ["M1"]
    assert frame(page)["Ideal from"].tolist() == ["from the lathe's twin"]
    shown = {metric.label: metric.value for metric in page.metric}
    assert (shown["Running"], shown["Waiting"]) == ("1", "1")
    assert not any(one.label == "Make a job" for one in open_page("production_jobs", "viewer").button)


def test_tools_say_what_is_worn_and_what_to_reorder(open_page, access, job):
    measure_wear(access, fit_tool(access, "m1", 5), 1, 0.31)
    page = open_page("tools", "operator")
    row = frame(page).iloc[0]
    assert (row["Standing"], row["Life left"], row["Next change"]) == ("Worn out", 0.0, "now")
    shown = {metric.label: metric.value for metric in page.metric}
    assert (shown["Worn out"], shown["To reorder"]) == ("1", "1")
    page = open_page("tools", "operator", t_view="Store")
    assert frame(page)["In store"].tolist() == [2]
    assert not any(one.label == "Add a tool" for one in page.button)
    page = open_page("tools", "manager", t_view="Changes")
    assert frame(page)["By"].tolist() == ["manager@example.test"]
    assert "By" not in frame(open_page("tools", "viewer", t_view="Changes")).columns


def test_an_empty_store_takes_the_twins_tools(open_page, access):
    page = open_page("tools", "engineer", t_view="Store")
    assert "The store is empty" in texts(page)
    page.button(key="tool-magazine").click().run()
    assert len(tools(access)) == 12
    assert len(frame(page)) == 12


def test_the_operator_starts_the_next_job_on_the_page_of_the_machine(open_page, access, job):
    page = open_page("operator", "operator", o_machine="M1")
    assert "Next: JOB" in texts(page)
    page.button(key="op-job-start").click().run()
    assert one_job(access, job).state == "running"
    assert "Runs: JOB" in texts(page)
    page.button(key="op-job-pause").click().run()
    assert one_job(access, job).state == "paused"


def test_a_call_for_help_is_an_alert_that_is_seen_and_ends_when_it_is_resolved(open_page, access, job):
    page = open_page("operator", "operator", o_machine="M1")
    page.text_input(key="op-help-words").set_value("chuck *stuck*")
    page.button(key="op-help-call").click().run()
    [alert] = list_alerts(access, Filter())
    assert (alert.state, alert.severity, alert.message) == (
        "active",
        "high",
        "Help is needed at M1: chuck *stuck*",
    )
    with access.read() as session:
        [notice] = session.scalars(select(NotifyNotice))
    assert (notice.kind, notice.machine_key, notice.alert_id) == ("alert_raised", "m1", alert.id)
    assert "Help was called" in texts(page)
    with pytest.raises(Conflict, match="already"):
        call_for_help(access, "m1")
    page.button(key=f"op-seen-{alert.id}").click().run()
    assert list_alerts(access, Filter())[0].state == "acknowledged"
    resolve(access, [alert.id])
    assert any(one.key == "op-help-call" for one in open_page("operator", "operator", o_machine="M1").button)


def test_a_stop_takes_one_tap_on_the_machines_page_and_one_on_the_reason(open_page, access, job):
    now = to_us(access.now)
    states = [
        StateMessage("m1", now - 90 * MINUTE, int(State.RUNNING)),
        StateMessage("m1", now - 60 * MINUTE, int(State.DOWN)),
        StateMessage("m1", now - 30 * MINUTE, int(State.RUNNING)),
    ]
    ingest_states(access.gemba, access.factory, states)
    page = open_page("operator", "operator", o_machine="M1")
    [stop] = [one for one in page.button if one.key and one.key.startswith("op-stop-")]
    assert "12:00 to 12:30" in stop.label
    stop.click().run()
    page.button(key="reason-unplanned-jam").click().run()
    assert not page.exception


def test_a_viewer_sees_the_machine_and_can_change_nothing(open_page, access, job):
    labels = {one.label for one in open_page("operator", "viewer", o_machine="M1").button}
    assert not labels & {"Start", "Fit tool 5 and start", "Call for help", "Seen"}


def test_the_lathes_are_compared_and_the_report_names_each(open_page, access, job):
    with access.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == "m1")).one().type = "CNC lathe"
        bump(session, {CONFIGURATION_DAY})
    start_job(access, job, 1, fit=True, at_us=to_us(access.now) - 60 * MINUTE)
    finish_job(access, job, 2, good=40, at_us=to_us(access.now) - MINUTE)
    page = open_page("lathes")
    assert not page.exception
    row = frame(page).iloc[0]
    assert (row["Lathe"], row["Jobs done"], row["Good parts"]) == ("M1", 1, 40)
    assert len(frame(page)) == 1
