"""Messages over HTTP, each with an outcome of its own; an event id that was seen before changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.ingest.formats.refused import Why
from app.ingest.quarantine import keep
from app.ingest.refusals import Refused, note_refusals
from app.ingest.storing import Sent, Storing
from app.production.machines import KEY_PATTERN
from data.models import Machine, SeenEvent

STORED, UNCHANGED, WAITS, REFUSED, AGAIN = 201, 200, 202, 422, 503
STATUS: Final = {Why.OTHER_MACHINE: 403, Why.INACTIVE_MACHINE: 409, Why.QUARANTINE_FULL: 429}
KEPT: Final = timedelta(days=30)
"""How long an event id is remembered."""
EVENT_ID: Final = 120


@dataclass(frozen=True, slots=True)
class Item:
    """A message that could be read, or its refusal; `event_id` is the sender's own, or nothing."""

    sent: Sent | Refused
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: 201 stored, 200 seen before, 202 in quarantine, 4xx refused with its code."""

    status: int
    code: str
    message: str = ""


@dataclass(slots=True)
class _Open:
    """Outcomes so far, and the messages that still have none, by position."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)

    def refuse(self, place: int, refused: Refused) -> None:
        status = STATUS.get(refused.why, REFUSED)
        self.outcomes[place] = Outcome(status, str(refused.why), refused.sentence)
        self.refused.append(refused)
        self.sent.pop(place, None)

    def settle(self, place: int, status: int, code: str, message: str = "") -> None:
        self.outcomes[place] = Outcome(status, code, message)
        self.sent.pop(place, None)


def take_items(access: Access, storing: Storing, items: Sequence[Item]) -> list[Outcome]:
    """Keep messages; what is not refused survives a crash when this returns.

    A machine's key sends for its own machine only. Messages of machines that are not listed wait in
    quarantine. Raises StoreUnavailable; then some may be stored, and sending all again changes nothing.
    """
    access.require(Permission.SEND_DATA)
    state = _sorted(access, items)
    with access.read() as session:
        rows = session.execute(select(Machine.device_key, Machine.id, Machine.is_active))
        machines = {key: (number, is_active) for key, number, is_active in rows}
        _leave_seen(session, items, state)
    _keep_unknown(access, state, set(machines))
    for place, one in list(state.sent.items()):
        if not machines.get(one.message.machine, (0, True))[1]:
            state.refuse(place, one.refused(Why.INACTIVE_MACHINE, "This machine is out of use."))
    active = {key: number for key, (number, is_active) in machines.items() if is_active}
    places = [place for place, one in state.sent.items() if one.message.machine in active]
    stored = storing.store(access.factory, [state.sent[place] for place in places], active)
    for position, refused in stored.refused:
        state.refuse(places[position], refused)
    for place in places:
        if place in state.sent:
            state.settle(place, STORED, "stored")
    _remember(access, items, state)
    note_refusals(access.gemba, access.factory, state.refused)
    return [state.outcomes[place] for place in range(len(items))]


def take_one(access: Access, storing: Storing, machine: str, item: Item) -> Outcome:
    """Keep one message of a machine that is listed; see `take_items`.

    Raises NotFound for a machine that is not, InvalidInput, Forbidden or Conflict for what is refused.
    """
    access.require(Permission.SEND_DATA)
    with access.read() as session:
        found = session.scalar(select(Machine.id).where(Machine.device_key == machine))
    if found is None:
        raise NotFound("There is no such machine in this factory.")
    [outcome] = take_items(access, storing, [item])
    if outcome.status == STATUS[Why.OTHER_MACHINE]:
        raise Forbidden(outcome.message)
    if outcome.status == STATUS[Why.INACTIVE_MACHINE]:
        raise Conflict(outcome.message)
    if outcome.status >= 400:
        raise InvalidInput.at(outcome.code, outcome.message)
    return outcome


def _sorted(access: Access, items: Sequence[Item]) -> _Open:
    own = access.principal.machine_key
    state = _Open()
    for place, item in enumerate(items):
        if isinstance(item.sent, Refused):
            state.refuse(place, item.sent)
        elif own is not None and item.sent.message.machine != own:
            sentence = f"This key speaks for the machine '{own}' only."
            state.refuse(place, item.sent.refused(Why.OTHER_MACHINE, sentence))
        else:
            state.sent[place] = item.sent
    return state


def _leave_seen(session: Session, items: Sequence[Item], state: _Open) -> None:
    """Settle the items whose event id was taken before, or stands earlier among them."""
    keys = {
        place: (one.message.machine, items[place].event_id)
        for place, one in state.sent.items()
        if items[place].event_id
    }
    seen = _seen(session, sorted({event for _, event in keys.values()}))
    for place, key in keys.items():
        if key in seen:
            state.settle(place, UNCHANGED, "unchanged", "An event with this id was taken before.")
        seen.add(key)


def _seen(session: Session, events: Sequence[str]) -> set[tuple[str, str]]:
    row, found = SeenEvent, set[tuple[str, str]]()
    for begin in range(0, len(events), 500):
        some = events[begin : begin + 500]
        found |= {
            (key, event)
            for key, event in session.execute(
                select(row.device_key, row.event_id).where(row.event_id.in_(some))
            )
        }
    return found


def _keep_unknown(access: Access, state: _Open, known: set[str]) -> None:
    unknown = [place for place, one in state.sent.items() if one.message.machine not in known]
    bad = [place for place in unknown if not KEY_PATTERN.fullmatch(state.sent[place].message.machine)]
    for place in bad:
        sentence = "No machine can have this key: letters, digits, dots, dashes and underscores only."
        state.refuse(place, state.sent[place].refused(Why.UNKNOWN_MACHINE, sentence))
    waiting = [place for place in unknown if place in state.sent]
    if not waiting:
        return
    listed, full = keep(access.gemba, access.factory, [state.sent[place] for place in waiting])
    for position in listed:
        state.settle(waiting[position], AGAIN, "again", "The machine was listed a moment ago; send it again.")
    for position in full:
        place = waiting[position]
        sentence = "The machine is not listed, and the quarantine is full."
        state.refuse(place, state.sent[place].refused(Why.QUARANTINE_FULL, sentence))
    for place in waiting:
        if place in state.sent:
            state.settle(place, WAITS, "quarantined", "The machine is not listed; the message is kept.")


def _remember(access: Access, items: Sequence[Item], state: _Open) -> None:
    """Note the event ids of what was taken, and forget those of a month ago."""
    taken = {
        (one.sent.message.machine, one.event_id)
        for place, one in enumerate(items)
        if one.event_id and isinstance(one.sent, Sent) and state.outcomes[place].status in {STORED, WAITS}
    }
    if not taken:
        return
    with access.write() as session:
        new = taken - _seen(session, sorted({event for _, event in taken}))
        session.add_all(
            SeenEvent(device_key=key, event_id=event, seen_at=access.now) for key, event in sorted(new)
        )
        session.execute(
            delete(SeenEvent).where(SeenEvent.seen_at < access.now - KEPT),
            execution_options={"synchronize_session": False},
        )
