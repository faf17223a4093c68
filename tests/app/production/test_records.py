"""Shift records: what is refused, at which field, and that nothing is stored or lost then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.production.plant import plant
from app.production.records import entry as records
from data.models import AuditEntry, DayRevision, PerformanceRecord, Reason
from tests.conftest import make_factory

START = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


@pytest.fixture
def draft(acting):
    return records.RecordDraft(
        machine_id=plant(acting()).machine_by_key["m1"].id,
        start=START, end=START + timedelta(hours=8),
        planned_s=420 * 60, operating_s=373 * 60, downtime_s=47 * 60, output=19_271, good=18_848,
    )  # fmt: skip


def stored(access):
    with access.read() as session:
        return session.scalars(select(PerformanceRecord)).all()


def test_a_sound_record_is_stored_with_its_audit_entry_and_moves_its_days(acting, draft):
    access = acting("operator")
    record_id = records.enter(access, draft)
    with access.read() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.object_id) == ("record.enter", str(record_id))
        day = (START - datetime(1970, 1, 1, tzinfo=UTC)).days
        assert session.scalars(select(DayRevision.revision).where(DayRevision.day == day)).one() == 1
    assert records.listed(access, *_range())[0].draft == draft


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"downtime_s": 430 * 60}, "downtime_s"),
        ({"operating_s": 400 * 60}, "operating_s"),
        ({"good": 19_272}, "good"),
        ({"output": -1.0, "good": -1.0}, "output"),
        ({"end": START}, "end"),
        ({"end": START - timedelta(hours=1)}, "end"),
        ({"end": START + timedelta(days=8)}, "end"),
        ({"planned_s": 481 * 60}, "planned_s"),
        ({"start": START.replace(tzinfo=None)}, "start"),
        ({"planned_s": float("nan")}, "planned_s"),
        ({"machine_id": 999}, "machine_id"),
        ({"start": START + timedelta(days=2), "end": START + timedelta(days=2, hours=8)}, "start"),
    ],
)
def test_a_wrong_record_is_refused_at_its_field_and_nothing_is_stored(acting, draft, change, field):
    access = acting("operator")
    with pytest.raises(InvalidInput) as refused:
        records.enter(access, replace(draft, **change))
    assert field in [problem.field for problem in refused.value.problems]
    assert stored(access) == []


def test_a_second_record_over_the_same_time_is_refused(acting, draft):
    access = acting()
    records.enter(access, draft)
    with pytest.raises(InvalidInput, match="already"):
        records.enter(
            access,
            replace(draft, start=START + timedelta(hours=1), planned_s=60, operating_s=0, downtime_s=0),
        )
    records.enter(access, replace(draft, start=START + timedelta(hours=8), end=START + timedelta(hours=16)))
    assert len(stored(access)) == 2


def test_of_two_people_who_change_one_record_the_second_sees_the_conflict(acting, draft):
    access = acting()
    record_id = records.enter(access, draft)
    records.change(access, record_id, 1, replace(draft, good=18_000))
    with pytest.raises(Conflict, match="Somebody else"):
        records.change(access, record_id, 1, replace(draft, good=17_000))
    assert stored(access)[0].good == 18_000


def test_a_record_that_was_taken_back_can_be_entered_again(acting, draft):
    access = acting()
    with access.read() as session:
        reason = session.scalars(select(Reason.id)).one()
    record_id = records.enter(access, replace(draft, stops=((reason, 600.0),)))
    gone = records.take_back(access, record_id, 1)
    assert stored(access) == []
    records.enter(access, gone)
    assert records.listed(access, *_range())[0].draft.stops == ((reason, 600.0),)


def test_a_viewer_may_read_but_not_enter(acting, draft):
    with pytest.raises(Forbidden, match="enter_production"):
        records.enter(acting("viewer"), draft)
    assert records.listed(acting("viewer"), *_range()) == []


def test_another_factory_neither_sees_nor_changes_the_record(acting, draft, gemba):
    record_id = records.enter(acting(), draft)
    neighbour = acting("admin", make_factory(gemba, "south"))
    assert records.listed(neighbour, *_range()) == []
    with pytest.raises(NotFound):
        records.change(neighbour, record_id, 1, draft)
    with pytest.raises(NotFound):
        records.take_back(neighbour, record_id, 1)
    with pytest.raises(InvalidInput, match="no such machine"):
        records.enter(neighbour, draft)


def _range():
    day = int(START.timestamp()) * 1_000_000
    return day - 86_400_000_000, day + 86_400_000_000
