"""The intake: good messages are stored once, bad ones named, and every touched day's revision moves."""

import math

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from analytics.vocabulary import State
from app.ingest.intake import ingest_counts, ingest_production, ingest_states, ingest_telemetry
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, ProductionCount, StateEvent, to_us
from data.queries.plant import revisions
from tests.conftest import make_factory

HOUR = 3_600_000_000
DAY = 24 * HOUR


@pytest.fixture
def access(acting):
    return acting()


@pytest.fixture
def factory(access):
    return access.factory


@pytest.fixture
def now(clock):
    return to_us(clock())


def rows(access, table):
    with access.read() as session:
        return session.scalars(select(table).order_by(table.start_us)).all()


def changed_days(access, before, now):
    with access.read() as session:
        after = revisions(session, now // DAY - 5, now // DAY + 1)
    return {day - now // DAY for day, number in after.items() if day and number != before.get(day, 0)}


def test_a_state_that_comes_twice_is_stored_once(gemba, access, factory, now):
    sent = [
        StateMessage("m1", now - HOUR, State.RUNNING),
        StateMessage("m1", now - HOUR // 2, State.DOWN, "jam"),
    ]
    first, again = ingest_states(gemba, factory, sent), ingest_states(gemba, factory, sent)
    assert (first.stored, first.unchanged) == (2, 0)
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)
    assert [row.state for row in rows(access, StateEvent)] == [State.RUNNING, State.DOWN]


def test_a_state_that_comes_twice_in_one_batch_is_stored_once(gemba, access, factory, now):
    one = StateMessage("m1", now - HOUR, State.RUNNING)
    assert ingest_states(gemba, factory, [one, one]).stored == 1
    assert len(rows(access, StateEvent)) == 1


def test_a_later_message_ends_a_state_and_keeps_the_reason_that_a_person_gave(gemba, access, factory, now):
    ingest_states(gemba, factory, [StateMessage("m1", now - HOUR, State.DOWN)])
    ingest_states(gemba, factory, [StateMessage("m1", now - HOUR, State.DOWN, "jam", now - HOUR // 2)])
    with access.read() as session:
        jam = session.scalars(select(StateEvent.reason_id)).one()
    assert jam is not None
    repeated = ingest_states(gemba, factory, [StateMessage("m1", now - HOUR, State.DOWN)])
    assert repeated.unchanged == 1
    row = rows(access, StateEvent)[0]
    assert (row.reason_id, row.end_us) == (jam, now - HOUR // 2)


def test_a_count_that_comes_again_with_other_numbers_corrects_the_first(gemba, access, factory, now):
    def count(good):
        return CountMessage("m1", now - HOUR, now, good, scrap=2, product="p1")

    assert ingest_counts(gemba, factory, [count(10)]).stored == 1
    assert ingest_counts(gemba, factory, [count(10)]).unchanged == 1
    assert ingest_counts(gemba, factory, [count(12)]).changed == 1
    assert [(row.good, row.scrap) for row in rows(access, ProductionCount)] == [(12.0, 2.0)]


def test_counts_without_a_product_are_known_again_too(gemba, access, factory, now):
    one = CountMessage("m1", now - HOUR, now, 5.0)
    assert [ingest_counts(gemba, factory, [one]).stored for _ in range(2)] == [1, 0]
    assert len(rows(access, ProductionCount)) == 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (StateMessage("nobody", -HOUR, 1), "machine 'nobody'"),
        (StateMessage("m1", -HOUR, 9), "no state 9"),
        (StateMessage("m1", -HOUR, 5, "ghosts"), "reason 'ghosts'"),
        (StateMessage("m1", -HOUR, 1, end_us=-2 * HOUR), "end must lie after"),
        (StateMessage("m1", HOUR, 1), "future"),
        (StateMessage("m1", -40 * 365 * DAY, 1), "before the year 2000"),
        (CountMessage("m1", -HOUR, 0, -1.0), "0 or more"),
        (CountMessage("m1", -HOUR, 0, math.nan), "0 or more"),
        (CountMessage("m1", -HOUR, 0, 5.0, scrap=1.0, startup_scrap=2.0), "cannot exceed"),
        (CountMessage("m1", -HOUR, -2 * HOUR, 5.0), "before the start"),
        (CountMessage("m1", -9 * DAY, 0, 5.0), "seven days"),
        (CountMessage("m1", -HOUR, 0, 5.0, product="gold"), "product 'gold'"),
        (CountMessage("m1", -HOUR, HOUR, 5.0), "future"),
    ],
)
def test_a_bad_message_is_named_and_the_good_ones_beside_it_are_stored(
    gemba, access, factory, now, message, words
):
    shifted = {"start_us": now + message.start_us}
    if message.end_us is not None:
        shifted["end_us"] = now + message.end_us
    bad = replace(message, **shifted)
    if isinstance(message, StateMessage):
        good = StateMessage("m2", now - HOUR, State.RUNNING)
        receipt, table = ingest_states(gemba, factory, [good, bad]), StateEvent
    else:
        good = CountMessage("m2", now - HOUR, now, 1.0)
        receipt, table = ingest_counts(gemba, factory, [good, bad]), ProductionCount
    assert receipt.stored == 1
    assert [one.position for one in receipt.refused] == [1]
    assert words in receipt.refused[0].reason
    assert len(rows(access, table)) == 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (TelemetryMessage("nobody", "power_kw", 0, 1.0), "machine 'nobody'"),
        (TelemetryMessage("m1", "power_kw", 0, math.nan), "finite"),
        (TelemetryMessage("m1", "power_kw", 0, math.inf), "finite"),
        (TelemetryMessage("m1", "power_kw", 0, 2**63), "64 bits"),
        (TelemetryMessage("m1", "", 0, 1.0), "key"),
        (TelemetryMessage("m1", "power_kw", HOUR, 1.0), "future"),
    ],
)
def test_a_bad_value_is_named_and_the_good_ones_beside_it_are_stored(gemba, factory, now, message, words):
    sent = [
        replace(message, time_us=now + message.time_us),
        TelemetryMessage("m1", "power_kw", now - 1, 7.5),
        TelemetryMessage("m1", "mode", now - 1, "auto"),
    ]
    receipt = ingest_telemetry(gemba, factory, sent)
    assert (receipt.stored, [one.position for one in receipt.refused]) == (2, [0])
    assert words in receipt.refused[0].reason
    kept = gemba.telemetry.latest(factory.slug)
    assert dict(zip(kept["parameter"], kept["value"], strict=True)) == {"power_kw": 7.5, "mode": "auto"}


def test_an_inactive_machine_is_refused(gemba, access, factory, now):
    with access.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == "m2")).one().is_active = False
    assert ingest_states(gemba, factory, [StateMessage("m2", now - HOUR, 1)]).refused[0].position == 0
    assert ingest_telemetry(gemba, factory, [TelemetryMessage("m2", "x", now, 1.0)]).stored == 0


def test_an_open_state_touches_every_day_up_to_today_and_a_count_those_up_to_the_next(
    gemba, access, factory, now
):
    ingest_counts(gemba, factory, [CountMessage("m1", now - 2 * DAY - HOUR, now - 2 * DAY, 1.0)])
    with access.read() as session:
        before = revisions(session, now // DAY - 5, now // DAY + 1)
    ingest_counts(gemba, factory, [CountMessage("m1", now - 3 * DAY, now - 3 * DAY + HOUR, 1.0)])
    assert changed_days(access, before, now) == {-3, -2}
    ingest_states(gemba, factory, [StateMessage("m1", now - 1 * DAY, State.RUNNING)])
    assert changed_days(access, before, now) == {-3, -2, -1, 0}


def test_a_message_that_changes_nothing_moves_no_revision(gemba, access, factory, now):
    sent = [StateMessage("m1", now - 2 * DAY, State.RUNNING)]
    ingest_states(gemba, factory, sent)
    with access.read() as session:
        before = revisions(session, now // DAY - 5, now // DAY + 1)
    ingest_states(gemba, factory, sent)
    assert changed_days(access, before, now) == set()


def test_an_end_that_moves_touches_the_days_that_the_state_held_before(gemba, access, factory, now):
    ingest_states(gemba, factory, [StateMessage("m1", now - 3 * DAY, State.DOWN)])
    with access.read() as session:
        before = revisions(session, now // DAY - 5, now // DAY + 1)
    ended = StateMessage("m1", now - 3 * DAY, State.DOWN, end_us=now - 3 * DAY + HOUR)
    ingest_states(gemba, factory, [ended])
    assert changed_days(access, before, now) == {-3, -2, -1, 0}


def test_states_and_counts_are_stored_together_or_not_at_all(gemba, access, factory, now, monkeypatch):
    from app.ingest import intake

    def broken(*_):
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(intake, "merged_counts", broken)
    with pytest.raises(StoreUnavailable):
        ingest_production(
            gemba, factory, [StateMessage("m1", now, 1)], [CountMessage("m1", now - HOUR, now, 1.0)]
        )
    assert rows(access, StateEvent) == []


def test_a_message_of_one_factory_never_reaches_another(gemba, access, factory, acting, now):
    other = acting(in_factory=make_factory(gemba, "south"))
    ingest_states(gemba, other.factory, [StateMessage("m1", now - HOUR, State.RUNNING)])
    ingest_telemetry(gemba, other.factory, [TelemetryMessage("m1", "x", now - 1, 1.0)])
    assert rows(access, StateEvent) == []
    assert len(rows(other, StateEvent)) == 1
    assert len(gemba.telemetry.latest(factory.slug)) == 0
