"""Kept cells follow every change: what is shown is what a computation from nothing gives."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from analytics.vocabulary import State
from app.ingest.intake import ingest_counts, ingest_states
from app.production import cells as cells_module
from app.production.figures import Question, selected
from app.shop.jobs import JobDraft, one_job
from app.shop.planning import make_job
from app.shop.working import finish_job, start_job
from data.contracts.messages import CountMessage, StateMessage
from data.models import Factory, Product, Shift, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAY = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # 06:00 in Berlin: the production day begins
START = to_us(DAY)
HOUR = 3_600_000_000
MINUTE = 60_000_000
RUN, DOWN = int(State.RUNNING), int(State.DOWN)


@pytest.fixture
def access(acting, clock):
    clock.now = DAY + timedelta(days=6)
    found = acting("admin")
    with found.write() as session:
        session.add(Product(key="p2", name="Rod"))
        bump(session, {CONFIGURATION_DAY})
    return found


@pytest.fixture
def week(access):
    return Question(START, START + 5 * 24 * HOUR, machines=("m1",))


def states(access, *rows):
    messages = [
        StateMessage("m1", round(START + begin * HOUR), state, None, end and round(START + end * HOUR))
        for begin, state, end in rows
    ]
    assert not ingest_states(access.gemba, access.factory, messages).refused


def counts(access, *rows):
    messages = [
        CountMessage("m1", START + begin * HOUR, START + (begin + 2) * HOUR, good=10, product=product)
        for begin, product in rows
    ]
    assert not ingest_counts(access.gemba, access.factory, messages).refused


def moved(access, question, before):
    """What is shown now: another table than before, and the one that is computed from nothing."""
    shown = selected(access, question).drop(columns="window")
    cells_module._kept._days.clear()
    cells_module._cut._days.clear()
    cold = selected(access, question).drop(columns="window")
    assert shown.equals(cold)
    assert not shown.equals(before.drop(columns="window"))
    return shown


def test_a_closed_state_that_cuts_an_open_one_moves_every_day_of_the_open_one(access, week):
    states(access, (0, RUN, None))
    before = selected(access, week)
    states(access, (14, DOWN, 14.5))
    shown = moved(access, week, before)
    assert shown["unknown_us"].sum() == (5 * 24 - 14.5) * HOUR


def test_an_end_that_is_told_late_moves_the_days_behind_it(access, week):
    states(access, (0, RUN, None), (10, DOWN, None))
    before = selected(access, week)
    states(access, (10, DOWN, 11))
    moved(access, week, before)


def test_a_state_that_makes_the_stop_before_it_minor_moves_the_day_of_that_stop(gemba, acting, access, week):
    with access.write() as session:
        session.execute(delete(Shift))
        bump(session, {CONFIGURATION_DAY})
    with gemba.database.write(None) as session:
        session.get_one(Factory, access.factory.id).day_start_min = 60  # 00:00 UTC
    access = acting("admin")
    states(access, (0, RUN, None), (19 - 1 / 60, DOWN, None))
    before = selected(access, week)
    assert before["minor_stop_us"].sum() == 0
    states(access, (19 + 1 / 60, RUN, None))
    assert moved(access, week, before)["minor_stop_us"].sum() == 2 * MINUTE


def test_a_stop_at_the_end_of_a_day_is_no_minor_one_when_it_goes_on(access, clock):
    states(access, (0, RUN, None), (24 - 1 / 60, DOWN, None))
    clock.now = DAY + timedelta(days=1, minutes=1)
    day = Question(START, START + 24 * HOUR, machines=("m1",))
    before = selected(access, day)
    assert before["minor_stop_us"].sum() == MINUTE
    clock.forward(minutes=10)
    assert moved(access, day, before)["unplanned_stop_us"].sum() == MINUTE


def test_a_late_count_of_another_product_moves_the_days_up_to_the_next_count(access, week):
    states(access, (0, RUN, None))
    counts(access, (0, "p1"), (80, "p1"))
    before = selected(access, week)
    counts(access, (6, "p2"))
    shown = moved(access, week, before).groupby("product")["producing_us"].sum()
    assert shown["p2"] == (80 - 6) * HOUR
    before = selected(access, week)
    counts(access, (100, "p2"))
    shown = moved(access, week, before).groupby("product")["producing_us"].sum()
    assert shown["p2"] == (80 - 6 + 5 * 24 - 100) * HOUR


def test_a_job_that_ended_earlier_than_thought_gives_its_later_days_back(access, week, clock):
    clock.now = DAY + timedelta(hours=3)
    job = make_job(access, JobDraft("m1", quantity=1_000.0, product="p1", cycle_s=5.0))
    start_job(access, job, 1)
    clock.now = DAY + timedelta(days=6)
    states(access, (0, RUN, None))
    counts(access, (5, "p1"), (30, "p1"), (54, "p1"))
    before = selected(access, week)
    finish_job(access, job, one_job(access, job).version, at_us=START + 12 * HOUR)
    assert moved(access, week, before)["ideal_us"].sum() == (10 * 5 + 20 * 1) * 1_000_000
