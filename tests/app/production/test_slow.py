"""Slow cycles by the hour, from counts against the ideal, by numbers worked by hand."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.timeline import Windows
from analytics.vocabulary import State
from app.ingest.intake import ingest_counts, ingest_states
from app.production.figures import Question, loss_flow
from app.production.slow import HOUR_US, by_hour, slow_hours
from data.contracts.messages import CountMessage, StateMessage
from data.models import to_us

MINUTE = 60_000_000


@pytest.fixture
def asked(acting):
    """From 08:00 UTC m1 (a part a second) makes 3,600 parts, then 1,800, then it is down half an hour."""
    access = acting()
    start = to_us(access.now - timedelta(hours=4))
    states = [
        StateMessage("m1", start, int(State.RUNNING)),
        StateMessage("m1", start + 2 * HOUR_US, int(State.DOWN), "jam"),
        StateMessage("m1", start + 2 * HOUR_US + 30 * MINUTE, int(State.RUNNING)),
        StateMessage("m1", start + 3 * HOUR_US, int(State.DOWN), "jam"),
    ]
    parts = (3_600, 1_800, 1_800, 0)
    counts = [
        CountMessage("m1", start + n * HOUR_US, start + (n + 1) * HOUR_US, made)
        for n, made in enumerate(parts)
        if made
    ]
    assert not ingest_states(access.gemba, access.factory, states).refused
    assert not ingest_counts(access.gemba, access.factory, counts).refused
    return access, Question(start, start + 4 * HOUR_US)


def test_the_slow_hour_is_named_with_what_it_lost(asked):
    access, question = asked
    found = slow_hours(access, question)
    assert found["machine"].tolist() == ["m1"]
    row = found.iloc[0]
    assert row["start_us"] == question.start_us + HOUR_US
    assert (row["run_us"], row["lost_us"], row["parts"]) == (60 * MINUTE, 30 * MINUTE, 1_800)
    assert row["performance"] == pytest.approx(0.5)


def test_the_lost_time_is_the_speed_loss_of_the_page(asked):
    access, question = asked
    assert (
        slow_hours(access, question, 1.01)["lost_us"].sum() == loss_flow(access, question)["speed_us"].sum()
    )


def test_a_plant_without_counts_has_no_slow_hour(acting):
    access = acting()
    now = to_us(access.now)
    assert slow_hours(access, Question(now - 4 * HOUR_US, now)).empty


def test_windows_are_cut_at_full_hours_and_keep_their_time():
    start, end = np.array([30 * MINUTE, 200 * MINUTE]), np.array([130 * MINUTE, 240 * MINUTE])
    one = np.ones(2, np.int32)
    found = by_hour(Windows(start, end, one, np.zeros(2, np.int16), np.ones(2, np.bool_), ("early",)))
    assert (found.start_us // MINUTE).tolist() == [30, 60, 120, 200]
    assert (found.end_us // MINUTE).tolist() == [60, 120, 130, 240]
