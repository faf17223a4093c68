"""Give a shift over, take it over, and read what was handed over before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from analytics.errors import Conflict, InvalidInput, NotFound
from analytics.vocabulary import TimeClass
from app.alerts.listing import Filter, list_alerts
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, totals
from app.stops.listing import stops
from data.models import ShiftHandover, from_us, to_us

MOST_PROMISES: Final = 30
MOST_TEXT: Final = 4_000
LONGEST_US: Final = 24 * 3_600_000_000
OPEN_STATES: Final = ("active", "acknowledged", "returned", "shelved")
MOST_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that somebody said would be done."""

    text: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the plant looked like over a shift: its figures (None: not evaluable), what is open, in words."""

    oee: float | None
    good: float
    lost_us: int
    alerts: tuple[str, ...]
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over as people see it; without `taken_by` it waits for the next shift."""

    id: int
    shift: str
    start_us: int
    end_us: int
    note: str
    promises: tuple[Promise, ...]
    found: Found
    given_by: str
    given_at: datetime
    taken_by: str
    taken_at: datetime | None
    taken_note: str
    version: int


@dataclass(frozen=True, slots=True)
class HandoverDraft:
    """What somebody hands over: the shift (key) and its range, a note, and what was promised."""

    shift: str
    start_us: int
    end_us: int
    note: str = ""
    promises: tuple[Promise, ...] = field(default=())


def found_now(access: Access, start_us: int, end_us: int) -> Found:
    """What is to be handed over of a range: figures, open alerts, stops without a reason."""
    access.require(Permission.SEE_PLANT)
    question = Question(start_us, end_us)
    row = totals(access, question).iloc[0]
    oee = float(row["oee"])
    planned = sum(float(row[f"{name}_us"]) for name in ("producing", "minor_stop", "unplanned_stop", "setup"))
    listed = stops(access, question)
    nameless = listed[
        (listed["reason"] < 0) & (listed["time_class"] != int(TimeClass.MINOR_STOP)) & (listed["lost_us"] > 0)
    ]
    alerts = list_alerts(access, Filter(states=OPEN_STATES), limit=MOST_LISTED)
    return Found(
        None if oee != oee else oee,  # noqa: PLR0124 - NaN
        float(row["good"]),
        int(planned * (1.0 - (0.0 if oee != oee else oee))),  # noqa: PLR0124 - NaN
        tuple(f"{one.severity}: {one.machine_name}, {one.rule_name} ({one.state})" for one in alerts),
        tuple(_stop_words(access, one) for one in nameless.head(MOST_LISTED).to_dict("records")),
    )


def _stop_words(access: Access, one: dict[Any, Any]) -> str:
    when = from_us(one["start_us"]).astimezone(access.factory.zone)
    return f"{one['machine']}, {when:%a %H:%M}, {round(one['lost_us'] / 60e6)} min"


def give(access: Access, draft: HandoverDraft) -> int:
    """Hand a shift over; its id. The state of the plant at this moment is kept with it.

    InvalidInput names what is wrong; Conflict where this shift was handed over already.
    """
    access.require(Permission.ENTER_PRODUCTION)
    _refuse_wrong(access, draft)
    found = found_now(access, draft.start_us, draft.end_us)
    with access.write() as session:
        there = session.scalar(
            select(ShiftHandover.id).where(
                ShiftHandover.start_us == draft.start_us, ShiftHandover.shift == draft.shift
            )
        )
        if there is not None:
            raise Conflict("This shift was handed over already.")
        row = ShiftHandover(
            shift=draft.shift, start_us=draft.start_us, end_us=draft.end_us, note=draft.note.strip(),
            promises=_stored(draft.promises), found=_as_json(found), open_alerts=len(found.alerts),
            open_stops=len(found.stops), given_by=access.principal.email, given_at=access.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        after = {"shift": row.shift, "start_us": row.start_us, "note": row.note, "promises": row.promises}
        access.audit(session, "handover.give", ("shift_handover", row.id), after=after)
        return row.id


def take(access: Access, handover_id: int, note: str = "") -> None:
    """Take a shift over: signed by another person than who gave it. NotFound, Conflict."""
    access.require(Permission.ENTER_PRODUCTION)
    if len(note) > MOST_TEXT:
        raise InvalidInput.at("note", f"A note has at most {MOST_TEXT} characters.")
    with access.write() as session:
        row = session.get(ShiftHandover, handover_id)
        if row is None:
            raise NotFound("There is no such hand-over in this factory.")
        if row.taken_by:
            raise Conflict(f"It was taken over already, by {row.taken_by}.")
        if row.given_by == access.principal.email:
            raise Conflict("Who gave a shift over cannot take it over: another person signs.")
        row.taken_by, row.taken_at, row.taken_note = access.principal.email, access.now, note.strip()
        access.audit(
            session, "handover.take", ("shift_handover", row.id), after={"note": row.taken_note}
        )  # fmt: skip


def keep_promise(access: Access, handover_id: int, position: int, *, is_done: bool = True) -> None:
    """Tick a promise off, or take the tick back. NotFound."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = session.get(ShiftHandover, handover_id)
        if row is None or not 0 <= position < len(row.promises):
            raise NotFound("There is no such promise in this factory.")
        before = row.promises[position]
        after = {**before, "done": is_done}
        row.promises = [*row.promises[:position], after, *row.promises[position + 1 :]]
        access.audit(session, "handover.promise", ("shift_handover", row.id), before, after)


def handovers(access: Access, *, limit: int = 50) -> list[Handover]:
    """The last hand-overs, the newest first."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.scalars(
            select(ShiftHandover)
            .order_by(ShiftHandover.given_at.desc(), ShiftHandover.id.desc())
            .limit(limit)
        )
        return [_shown(row) for row in rows]


def still_promised(known: Sequence[Handover]) -> tuple[Promise, ...]:
    """What the newest hand-over promised and nobody has ticked off: it goes on to the next one."""
    return tuple(one for one in known[0].promises if not one.is_done) if known else ()


def _refuse_wrong(access: Access, draft: HandoverDraft) -> None:
    if draft.end_us <= draft.start_us or draft.start_us > to_us(access.now):
        raise InvalidInput.at("start", "The shift must have begun, and end after it starts.")
    if draft.end_us - draft.start_us > LONGEST_US:
        raise InvalidInput.at("end", "A shift lasts at most a day.")
    if len(draft.note) > MOST_TEXT:
        raise InvalidInput.at("note", f"A note has at most {MOST_TEXT} characters.")
    if len(draft.promises) > MOST_PROMISES or any(len(one.text) > MOST_TEXT for one in draft.promises):
        raise InvalidInput.at(
            "promises", f"At most {MOST_PROMISES} promises, each up to {MOST_TEXT} characters."
        )


def _stored(promises: Sequence[Promise]) -> list[Any]:
    return [{"text": one.text.strip(), "done": one.is_done} for one in promises if one.text.strip()]


def _as_json(found: Found) -> dict[str, Any]:
    return {
        "oee": found.oee, "good": found.good, "lost_us": found.lost_us, "alerts": list(found.alerts),
        "stops": list(found.stops),
    }  # fmt: skip


def _shown(row: ShiftHandover) -> Handover:
    kept = row.found
    found = Found(
        kept.get("oee"), kept.get("good", 0.0), kept.get("lost_us", 0), tuple(kept.get("alerts", ())),
        tuple(kept.get("stops", ())),
    )  # fmt: skip
    promises = tuple(Promise(one["text"], bool(one["done"])) for one in row.promises)
    return Handover(
        row.id, row.shift, row.start_us, row.end_us, row.note, promises, found, row.given_by, row.given_at,
        row.taken_by, row.taken_at, row.taken_note, row.version,
    )  # fmt: skip
