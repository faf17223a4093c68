"""Camera events from whichever way they come: kept once, answered by hour, shift, day and site."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from analytics.errors import Forbidden, InvalidInput
from app.production.camera import directory, figures
from app.production.camera.figures import ActivityQuestion
from app.production.camera.intake import ingest_activities, keep
from data.contracts.messages import ActivityMessage
from data.models import AuditEntry, Shift, to_us
from data.queries import activity as queries
from data.queries.plant import CONFIGURATION_DAY, bump

HOUR = 3_600_000_000


@pytest.fixture
def access(acting):
    return acting("admin")


@pytest.fixture
def access_as(acting):
    return acting


START = to_us(datetime(2026, 3, 4, 6, 0, tzinfo=UTC))


def said(hours, kind, worker="W1", station="m1", **more):
    return ActivityMessage(station, START + round(hours * HOUR), kind, worker=worker, **more)


def ingest(access, *messages):
    return ingest_activities(access.gemba, access.factory, messages)


def asked(start=0, end=8, **more):
    return ActivityQuestion(START + start * HOUR, START + end * HOUR, **more)


def test_an_event_that_comes_again_changes_nothing_whatever_the_order(access):
    first = said(0, "working", event_id="a")
    kept = ingest(access, said(1, "idle", event_id="b"), first, first)
    assert (kept.stored, kept.unchanged) == (2, 1)
    kept = ingest(access, first, said(1, "idle", worker="W2"), said(1, "idle", worker="W2"))
    assert (kept.stored, kept.unchanged) == (1, 2)


def test_a_station_stands_at_the_machine_of_its_key_and_workers_get_pseudonyms(access):
    ingest(access, said(0, "working"), said(0, "working", worker="W2", station="bench"))
    stations = {row.key: row for row in directory.stations(access)}
    assert stations["m1"].machine_id is not None
    assert stations["bench"].machine_id is None
    assert [(row.key, row.pseudonym) for row in directory.workers(access)] == [
        ("W1", "Worker 01"), ("W2", "Worker 02"),
    ]  # fmt: skip


def test_figures_of_workers_stations_and_the_factory_agree_and_late_events_move_them(access):
    ingest(access, said(0, "working"), said(0.75, "idle"), said(0.5, "product_count", count=6))
    [one] = figures.people(access, asked()).to_dict("records")
    assert (one["active_h"], one["idle_h"], one["units"], one["utilisation"]) == (0.75, 1.0, 6.0, 0.75 / 1.75)
    [place] = figures.places(access, asked()).to_dict("records")
    assert (place["station"], place["occupied_h"], place["busy_h"], place["units_per_h"]) == (
        "m1", 1.75, 0.75, 6 / 1.75,
    )  # fmt: skip
    [whole] = figures.factory(access, asked()).to_dict("records")
    assert (whole["productive_h"], whole["units"], whole["workers"]) == (0.75, 6.0, 1)
    ingest(access, said(0.25, "absent"))
    assert figures.factory(access, asked())["productive_h"].tolist() == [0.25]


def test_hours_days_shifts_and_the_site_hold_the_same_time(access):
    ingest(access, *(said(hour / 2, "working") for hour in range(8)))
    for by in ("hour", "day", "shift", "site"):
        table = figures.factory(access, asked(), (by,))
        assert table["productive_h"].sum() == pytest.approx(4.5), by
    assert len(figures.factory(access, asked(), ("hour",))) == 5
    assert figures.people(access, asked(shifts=("nobody",))).empty


def test_a_shift_end_ends_what_a_worker_did(access):
    zone_hour = to_us(datetime(2026, 3, 3, 13, 30, tzinfo=access.factory.zone).astimezone(UTC))
    ingest(access, ActivityMessage("m1", zone_hour, "working", worker="W1"))
    [one] = figures.people(access, ActivityQuestion(zone_hour - 2 * HOUR, zone_hour + 5 * HOUR)).to_dict(
        "records"
    )
    assert one["active_h"] == 0.5


def test_the_threshold_and_the_filters_choose(access):
    ingest(access, said(0, "working", confidence=0.4), said(0, "idle", worker="W2", station="s2"))
    assert figures.people(access, asked(least_confidence=0.5))["worker"].tolist() == ["W2"]
    assert figures.people(access, asked(stations=("m1",)))["worker"].tolist() == ["W1"]
    assert figures.people(access, asked(workers=("W2",)))["worker"].tolist() == ["W2"]
    with pytest.raises(InvalidInput, match="confidence"):
        figures.people(access, asked(least_confidence=1.5))


def test_work_in_a_break_or_outside_the_shifts_is_no_utilisation_of_a_station(access, clock):
    with access.write() as session:
        session.execute(delete(Shift).where(Shift.key != "early"))
        session.execute(update(Shift).values(breaks="09:30-10:00"))
        bump(session, {CONFIGURATION_DAY})
    clock.forward(hours=12)
    five = to_us(datetime(2026, 3, 4, 5, 0, tzinfo=access.factory.zone))
    minutes = [
        m for m in range(11 * 60) if not 6 * 60 <= m < 7 * 60
    ]  # at work 05:00 to 11:00, 12:00 to 16:00
    ingest(
        access,
        *(ActivityMessage("m1", five + m * HOUR // 60, "working", worker="W1") for m in minutes),
        *(ActivityMessage("m1", five + m * HOUR // 60, "absent", worker="W1") for m in (360, 660)),
    )
    day = ActivityQuestion(five - HOUR, five + 19 * HOUR)
    [place] = figures.places(access, day).to_dict("records")
    assert place["busy_h"] == 10.0
    assert place["utilisation"] == pytest.approx(6.5 / 7.5)
    for by in ("hour", "day", "shift"):
        shares = figures.places(access, day, (by,))["utilisation"].dropna()
        assert (shares <= 1).all()


def test_no_events_are_empty_figures(access):
    assert figures.people(access, asked()).empty
    assert figures.places(access, asked()).empty
    assert figures.factory(access, asked())["units"].tolist() == [0.0]
    assert figures.factory(access, ActivityQuestion(START, START))["units"].tolist() == [0.0]


def test_without_discovery_an_unknown_worker_or_station_is_refused(access):
    ingest(access, said(0, "working"))
    with access.write() as session:
        kept = keep(
            session, [said(1, "idle"), said(1, "idle", worker="X"), said(1, "idle", station="Y")],
            to_us(access.now), discover=False,
        )  # fmt: skip
    assert kept.stored == 1
    assert [place for place, _ in kept.refused] == [1, 2]


def test_real_names_need_the_permission_and_a_reason_and_each_look_is_audited(access, access_as):
    with access.write() as session:
        directory.name_workers(session, access.now, {"W1": "Ana Diaz"})
    with pytest.raises(InvalidInput, match="why"):
        directory.real_names(access, "  why ")
    assert directory.real_names(access, "Accident report of 4 March") == {"W1": "Ana Diaz"}
    with pytest.raises(Forbidden):
        directory.real_names(access_as("engineer"), "Just curious about it")
    with access.read() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "people.names")))
    assert len(entries) == 1
    assert "Accident report" in str(entries[0].body)


def test_late_events_are_counted(access):
    ingest(access, said(0, "working"))
    with access.read() as session:
        events, late, first, last = queries.totals(session)
    assert (events, first, last) == (1, START // (24 * HOUR), START // (24 * HOUR))
    assert late in {0, 1}
