"""Whether a message makes sense in a factory, with a sentence for each that does not."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.vocabulary import MICROSECONDS, State
from app.ingest.formats.refused import Why
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, Product, Reason
from data.queries.production import LONGEST_COUNT_US
from data.telemetry.batch import EARLIEST_US, LONGEST_KEY, LONGEST_TEXT

AHEAD_US: Final = 300 * MICROSECONDS
"""How far a sender's clock may be ahead of ours."""
STATES: Final = frozenset(int(state) for state in State)
AMOUNTS: Final = ("good", "scrap", "rework", "startup_scrap")
Problem = tuple[Why, str]
M = TypeVar("M", StateMessage, CountMessage, TelemetryMessage)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was not taken: its position among those sent, and why."""

    position: int
    reason: str
    why: Why = Why.BROKEN


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """The factory's active machines, its products and its reasons: ids by key."""

    machines: Mapping[str, int]
    products: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    ahead_us: int = AHEAD_US

    @classmethod
    def read_machines(cls, session: Session) -> Self:
        """Machines only."""
        machine = Machine
        rows = session.execute(select(machine.device_key, machine.id).where(machine.is_active))
        return cls({row[0]: row[1] for row in rows})

    @classmethod
    def read(cls, session: Session) -> Self:
        """All of them."""
        products = session.execute(select(Product.key, Product.id))
        reasons = session.execute(select(Reason.code, Reason.id))
        return cls(
            cls.read_machines(session).machines,
            {row[0]: row[1] for row in products},
            {row[0]: row[1] for row in reasons},
        )


def checked_states(
    messages: Sequence[StateMessage], known: KnownKeys, now_us: int
) -> tuple[list[StateMessage], tuple[Refusal, ...]]:
    """The states that can be stored, and a refusal for each of the others."""

    def problem(one: StateMessage) -> Problem | None:
        if one.state not in STATES:
            return (
                Why.UNKNOWN_STATE,
                f"There is no state {one.state}; states are the numbers 0 to {max(STATES)}.",
            )
        if one.reason is not None and one.reason not in known.reasons:
            return (
                Why.UNKNOWN_REASON,
                f"There is no reason '{one.reason}' in this factory; add it or leave it out.",
            )
        if one.end_us is not None and one.end_us <= one.start_us:
            return Why.BAD_INTERVAL, "The end must lie after the start."
        return _place(one.machine, (one.start_us, one.end_us), known, now_us)

    return _sorted_out(messages, problem)


def checked_counts(
    messages: Sequence[CountMessage], known: KnownKeys, now_us: int
) -> tuple[list[CountMessage], tuple[Refusal, ...]]:
    """The counts that can be stored, and a refusal for each of the others."""

    def problem(one: CountMessage) -> Problem | None:
        amounts = [getattr(one, name) for name in AMOUNTS]
        if not all(math.isfinite(amount) and amount >= 0 for amount in amounts):
            return Why.BAD_AMOUNT, "Units must be numbers of 0 or more."
        if one.startup_scrap > one.scrap:
            return Why.BAD_AMOUNT, "Start-up scrap is part of the scrap and cannot exceed it."
        if one.product is not None and one.product not in known.products:
            return (
                Why.UNKNOWN_PRODUCT,
                f"There is no product '{one.product}' in this factory; add it or leave it out.",
            )
        if not 0 <= one.end_us - one.start_us <= LONGEST_COUNT_US:
            return (
                Why.BAD_INTERVAL,
                "The end must not lie before the start, and one count covers at most seven days.",
            )
        return _place(one.machine, (one.start_us, one.end_us), known, now_us)

    return _sorted_out(messages, problem)


def checked_values(
    messages: Sequence[TelemetryMessage], known: KnownKeys, now_us: int
) -> tuple[list[TelemetryMessage], tuple[Refusal, ...]]:
    """The measured values that can be stored, and a refusal for each of the others."""

    def problem(one: TelemetryMessage) -> Problem | None:
        key = one.parameter
        if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
            return (
                Why.BAD_PARAMETER,
                f"A parameter's key is a text of 1 to {LONGEST_KEY} printable characters.",
            )
        return _value_problem(one.value) or _place(one.machine, (one.time_us, None), known, now_us)

    return _sorted_out(messages, problem)


def _value_problem(value: object) -> Problem | None:
    if isinstance(value, float) and not math.isfinite(value):
        return Why.NOT_FINITE, "The value is not a finite number."
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return Why.OUT_OF_RANGE, "The value is beyond 64 bits."
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return Why.OUT_OF_RANGE, f"The text is longer than {LONGEST_TEXT} characters."
    return None


def _place(machine: str, times_us: tuple[int, int | None], known: KnownKeys, now_us: int) -> Problem | None:
    if machine not in known.machines:
        return Why.UNKNOWN_MACHINE, f"There is no active machine '{machine}' in this factory."
    given = [moment for moment in times_us if moment is not None]
    if min(given) < EARLIEST_US:
        return Why.PAST_TIME, "The time lies before the year 2000: the sender's clock was never set."
    if max(given) > now_us + known.ahead_us:
        return Why.FUTURE_TIME, "The time lies in the future: check the sender's clock."
    return None


def _sorted_out(
    messages: Sequence[M], problem: Callable[[M], Problem | None]
) -> tuple[list[M], tuple[Refusal, ...]]:
    good: list[M] = []
    refused = []
    for position, message in enumerate(messages):
        found = problem(message)
        if found is None:
            good.append(message)
        else:
            refused.append(Refusal(position, found[1], found[0]))
    return good, tuple(refused)
