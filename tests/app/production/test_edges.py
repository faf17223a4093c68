"""The figures of some time do not depend on how much else was asked with it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete

from analytics.vocabulary import State
from app.ingest.intake import ingest_counts, ingest_states
from app.production import cells as cells_module
from app.production.figures import Question, selected, totals
from app.shop.jobs import JobDraft
from app.shop.parts import parts_of
from app.shop.planning import make_job
from app.shop.working import start_job
from app.stops.judging import Judgement, judge
from app.stops.listing import stops
from data.contracts.messages import CountMessage, StateMessage
from data.models import Shift, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAY = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # 06:00 in Berlin: the production day begins
START = to_us(DAY)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
RUN, IDLE, DOWN = int(State.RUNNING), int(State.IDLE), int(State.DOWN)
TIMES = ["producing_us", "minor_stop_us", "unplanned_stop_us", "not_scheduled_us", "unknown_us"]


@pytest.fixture
def access(acting, clock):
    clock.now = DAY + timedelta(days=6)
    return acting("admin")


def told(access, *rows):
    """States by minutes from the start of the day; a third number is the end."""
    messages = [
        StateMessage(
            "m1", START + row[0] * MINUTE, row[1], None, START + row[2] * MINUTE if row[2:] else None
        )
        for row in rows
    ]
    assert not ingest_states(access.gemba, access.factory, messages).refused


def fresh():
    cells_module._kept._days.clear()
    cells_module._cut._days.clear()


def cold(access, begin_h, end_h):
    fresh()
    asked = Question(START + round(begin_h * HOUR), START + round(end_h * HOUR), machines=("m1",))
    return totals(access, asked).iloc[0]


def adds_up(access, *edges):
    """The times and parts between the edges, asked one by one, are those of the whole."""
    names = [*TIMES, "total"]
    parts = sum(cold(access, *pair)[names] for pair in pairwise(edges))
    assert parts.to_dict() == cold(access, edges[0], edges[-1])[names].to_dict()
    return parts


CASES = {
    "a stop told twice": [(0, RUN), (470, DOWN), (478, DOWN), (481, RUN)],
    "a stop told twice behind the edge": [(0, RUN), (478, DOWN), (480, DOWN), (482, DOWN), (484, RUN)],
    "a short stop over the edge": [(0, RUN), (478, DOWN), (481, RUN)],
    "a short stop that ends at the edge": [(0, RUN), (478, DOWN), (480, RUN)],
    "closed stops that touch at the edge": [(0, RUN, 470), (470, DOWN, 480), (480, DOWN, 482), (482, RUN)],
    "a closed stop and a longer one inside it": [(0, RUN), (470, DOWN, 481), (475, IDLE, 479), (481, RUN)],
    "a stop of many messages": [(0, RUN), *((60 + n, DOWN) for n in range(0, 600, 3)), (700, RUN)],
    "two kinds of stops": [(0, RUN), (476, DOWN), (479, IDLE), (482, DOWN), (484, RUN)],
}


@pytest.mark.parametrize("case", CASES)
def test_a_stop_over_an_edge_has_one_class(access, case):
    told(access, *CASES[case])
    adds_up(access, 0, 8, 24)
    adds_up(access, -24, 7.5, 8, 8.02, 8.1, 24, 48)


@pytest.mark.parametrize("edges", [(470, 485), (470, 482), (476, 484)])
def test_a_judgement_over_an_edge_makes_one_stop_of_all_under_it(access, edges):
    told(access, (0, RUN), (470, DOWN), (474, RUN), (482, DOWN), (485, RUN))
    judge(access, Judgement("m1", START + edges[0] * MINUTE, START + edges[1] * MINUTE, "jam"))
    adds_up(access, 0, 8, 24)
    adds_up(access, 0, 7.95, 8, 8.05, 24)


def test_judgements_side_by_side_over_an_edge_stay_apart(access):
    told(access, (0, RUN), (1380, DOWN), (1500, RUN))
    judge(access, Judgement("m1", START + 1380 * MINUTE, START + 1400 * MINUTE, "jam"))
    judge(access, Judgement("m1", START + 1400 * MINUTE, START + 1450 * MINUTE, "jam", "second"))
    found = stops(access, Question(START + 24 * HOUR, START + 48 * HOUR, machines=("m1",)))
    assert [(row.start_us - START) // MINUTE for row in found.itertuples()] == [1450, 1400]
    assert [row.note for row in found.itertuples()] == ["", "second"]


def test_a_stop_of_the_past_that_went_on_is_listed_whole_and_closed(access):
    told(access, (0, RUN), (23 * 60, DOWN), (24 * 60 + 30, DOWN), (25 * 60, RUN))
    for first, last in ((0, 24), (24, 48), (0, 48)):
        asked = Question(START + first * HOUR, START + last * HOUR, machines=("m1",))
        [row] = stops(access, asked).itertuples()
        assert (row.start_us, row.end_us, row.is_open) == (START + 23 * HOUR, START + 25 * HOUR, False)


def test_without_a_calendar_a_day_without_states_is_unknown_whatever_is_asked(access):
    with access.write() as session:
        session.execute(delete(Shift))
        bump(session, {CONFIGURATION_DAY})
    assert cold(access, 24, 48)["not_scheduled_us"] == 24 * HOUR
    asked = Question(START + 24 * HOUR, START + 48 * HOUR, machines=("m1",))
    selected(access, asked)
    told(access, (0, RUN, 720))
    assert totals(access, asked).iloc[0]["unknown_us"] == 24 * HOUR
    adds_up(access, -24, 0, 24, 48)
    everything = Question(START - 24 * HOUR, START + 48 * HOUR, machines=("m2",))
    assert totals(access, everything).iloc[0]["unknown_us"] == 0


def test_a_count_of_one_moment_is_in_the_range_that_begins_with_it(access, clock):
    told(access, (0, RUN))
    clock.now = DAY
    job = make_job(access, JobDraft("m1", quantity=100.0, product="p1", cycle_s=5.0))
    start_job(access, job, 1, at_us=START)
    clock.now = DAY + timedelta(days=6)
    for hour in (0, 8):
        at_us = START + hour * HOUR
        assert not ingest_counts(access.gemba, access.factory, [CountMessage("m1", at_us, at_us, 50)]).refused
    assert adds_up(access, 0, 8, 24)["total"] == 100
    assert adds_up(access, -24, 0, 8, 8.5, 24)["total"] == 100
    assert parts_of(access, [(job, START, None)])[job].total == 100
