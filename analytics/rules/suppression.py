"""Suppressed by design (ISA-18.2, state H): while a rule's other condition holds, its alerts tell nobody."""

from collections.abc import Sequence
from typing import Final

from analytics.rules.life import CLEARED, RAISED, Event, Life
from analytics.rules.truth import TRUE, Pieces

HUSHED: Final = "suppressed"
SHOWN: Final = "unsuppressed"


def suppressed(events: Sequence[Event], was_active: bool, life: Life, hushed: Pieces) -> list[Event]:
    """The events with those between at which an active alert becomes suppressed, or is so no more.

    `life` is that after the stretch and takes up whether the alert is suppressed at its end; `was_active`
    tells whether an alert was there at its beginning. An unknown truth suppresses nothing.
    """
    found: list[Event] = []
    begin, is_active = hushed.start_us, was_active
    for event in events:
        if is_active:
            found += _moves(life, hushed, begin, event.at_us)
        found.append(event)
        begin = event.at_us
        if event.kind == RAISED:
            is_active, life.is_hushed = True, False
        elif event.kind == CLEARED:
            is_active, life.is_hushed = False, False
    if is_active:
        found += _moves(life, hushed, begin, hushed.end_us)
    return found


def _moves(life: Life, hushed: Pieces, begin_us: int, end_us: int) -> list[Event]:
    """The changes in [begin_us, end_us), the first one at its beginning."""
    found = []
    inner = hushed.times[(hushed.times > begin_us) & (hushed.times < end_us)]
    moments = [begin_us, *inner.tolist()] if begin_us < end_us else []
    for moment in moments:
        is_now = hushed.at(moment) == TRUE
        if is_now != life.is_hushed:
            found.append(Event(moment, HUSHED if is_now else SHOWN))
            life.is_hushed = is_now
    return found
