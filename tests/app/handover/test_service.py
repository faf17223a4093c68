"""A shift is handed over by one person and taken by another; promises go on until they are kept."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.bootstrap import Access
from app.handover.service import (
    HandoverDraft,
    Promise,
    found_now,
    give,
    handovers,
    keep_promise,
    still_promised,
    take,
)
from data.models import AuditEntry, to_us
from tests.app.stops.test_judging import access, shift_us, worked

__all__ = ["access", "shift_us", "worked"]
HOUR = 3_600_000_000


@pytest.fixture
def draft(access: Access, shift_us: int) -> HandoverDraft:
    promises = (Promise("Change the filter"), Promise("Call the supplier"), Promise("  "))
    return HandoverDraft("early", shift_us, to_us(access.now), " Watch m1 ", promises)


def test_the_state_of_the_plant_is_kept_with_the_hand_over(
    access: Access, worked: None, draft: HandoverDraft
) -> None:
    give(access, draft)
    [one] = handovers(access)
    assert (one.shift, one.note, one.given_by, one.taken_by) == (
        "early",
        "Watch m1",
        "admin@example.test",
        "",
    )
    assert [promise.text for promise in one.promises] == ["Change the filter", "Call the supplier"]
    assert one.found == found_now(access, draft.start_us, draft.end_us)
    assert len(one.found.stops) == 3
    assert "m1, Wed 08:00, 120 min" in one.found.stops


def test_another_person_takes_it_and_both_are_in_the_log(
    access: Access, acting: Callable[..., Access], draft: HandoverDraft
) -> None:
    number = give(access, draft)
    with pytest.raises(Conflict, match="another person"):
        take(access, number)
    take(acting("operator"), number, "read")
    [one] = handovers(access)
    assert (one.taken_by, one.taken_note) == ("operator@example.test", "read")
    with pytest.raises(Conflict, match="already"):
        take(acting("manager"), number)
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("handover.%"))))
    assert actions == ["handover.give", "handover.take"]


def test_what_was_promised_goes_on_until_it_is_done(access: Access, draft: HandoverDraft) -> None:
    number = give(access, draft)
    keep_promise(access, number, 0)
    assert still_promised(handovers(access)) == (Promise("Call the supplier"),)
    keep_promise(access, number, 0, is_done=False)
    assert len(still_promised(handovers(access))) == 2
    with pytest.raises(NotFound):
        keep_promise(access, number, 9)


def test_a_shift_is_handed_over_once(access: Access, draft: HandoverDraft) -> None:
    give(access, draft)
    with pytest.raises(Conflict):
        give(access, draft)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"end_us": 0}, "start"),
        ({"note": "x" * 4_001}, "note"),
        ({"promises": (Promise("x"),) * 31}, "promises"),
    ],
)
def test_a_mistake_is_named_by_its_field(
    access: Access, draft: HandoverDraft, more: dict[str, object], field: str
) -> None:
    from dataclasses import replace

    with pytest.raises(InvalidInput) as refused:
        give(access, replace(draft, **more))
    assert refused.value.problems[0].field == field


def test_a_viewer_signs_nothing_and_another_factory_sees_nothing(
    access: Access, acting: Callable[..., Access], gemba: object, draft: HandoverDraft
) -> None:
    from tests.conftest import make_factory

    number = give(access, draft)
    with pytest.raises(Forbidden):
        take(acting("viewer"), number)
    south = acting("admin", make_factory(gemba, "south"))  # type: ignore[arg-type]
    assert handovers(south) == []
    with pytest.raises(NotFound):
        take(south, number)
