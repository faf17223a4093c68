"""Where a plant's messages come in: each is checked, the good ones are stored once, the others reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.vocabulary import MICROSECONDS
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.ingest.checks import KnownKeys, Refusal, checked_counts, checked_states, checked_values
from app.ingest.late import look_at, note_stored
from app.ingest.merging import Merge, merged_counts, merged_states
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import to_us
from data.queries.loading import count_reach, state_reach
from data.queries.plant import bump
from data.telemetry.batch import Batch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of some messages: each is stored, a change to a stored one, unchanged or refused."""

    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()


def ingest_production(
    gemba: Gemba,
    factory: FactoryProfile,
    states: Sequence[StateMessage] = (),
    counts: Sequence[CountMessage] = (),
) -> tuple[Receipt, Receipt]:
    """Keep states and counts, in one transaction; returns a receipt for each.

    A state is known by machine, start and state, a count by machine, product and start: a message that
    comes again changes nothing. Again with other numbers, a count is corrected; a state takes an end, and a
    reason where it has none yet, since a person may have given the one that stands. The revision of each
    UTC day that a change touches moves in the same transaction: an open state, one that cuts an open state,
    and a count, whose product has the time behind it, reach to the machine's next one, or to today. Raises
    StoreUnavailable; then nothing is stored.
    """
    now_us = to_us(gemba.clock())
    if not states and not counts:
        return Receipt(), Receipt()
    with gemba.database.write(factory.id) as session:
        known = KnownKeys.read(session)
        good_states, refused_states = checked_states(states, known, now_us)
        good_counts, refused_counts = checked_counts(counts, known, now_us)
        of_states = merged_states(session, known, good_states, now_us)
        of_counts = merged_counts(session, known, good_counts, now_us)
        session.flush()
        days = set[int]()
        if of_states.touched:
            minor_us = factory.minor_stop_s * MICROSECONDS
            days |= state_reach(session, of_states.rows(), now_us, minor_us)
        if of_counts.touched:
            days |= count_reach(session, of_counts.rows(), now_us)
        bump(session, days)
    return _receipt(of_states, refused_states), _receipt(of_counts, refused_counts)


def ingest_states(gemba: Gemba, factory: FactoryProfile, messages: Sequence[StateMessage]) -> Receipt:
    """Keep state events; see `ingest_production`."""
    return ingest_production(gemba, factory, states=messages)[0]


def ingest_counts(gemba: Gemba, factory: FactoryProfile, messages: Sequence[CountMessage]) -> Receipt:
    """Keep production counts; see `ingest_production`."""
    return ingest_production(gemba, factory, counts=messages)[1]


def ingest_telemetry(gemba: Gemba, factory: FactoryProfile, messages: Sequence[TelemetryMessage]) -> Receipt:
    """Keep measured values: when this returns, they survive a crash.

    Of two values of one machine, parameter and time the last counts. Parameters need not be listed, machines
    must be. Raises StoreUnavailable; then nothing is stored.
    """
    if not messages:
        return Receipt()
    now_us = to_us(gemba.clock())
    with gemba.database.read(factory.id) as session:
        known = KnownKeys.read_machines(session)
    good, refused = checked_values(messages, known, now_us)
    if good:
        batch = Batch.of(
            [one.machine for one in good],
            [one.parameter for one in good],
            [one.time_us for one in good],
            [one.value for one in good],
            latest_us=now_us + known.ahead_us,
        )
        ingest_points(gemba, factory, batch)
    return Receipt(stored=len(good), refused=refused)


def ingest_points(gemba: Gemba, factory: FactoryProfile, batch: Batch) -> int:
    """Keep points whose machines, keys and times were checked; when this returns, they survive a crash.

    All telemetry that arrives passes here, whichever way it came. A batch may come twice: that changes
    nothing. What is too late for rules is stored too, counted and listed. Raises StoreUnavailable; then
    nothing is stored.
    """
    look = look_at(gemba, factory, batch)
    done = gemba.telemetry.append(factory.slug, batch)
    note_stored(gemba, factory, look)
    return done


def _receipt(merge: Merge, refused: tuple[Refusal, ...]) -> Receipt:
    return Receipt(merge.stored, merge.changed, merge.unchanged, refused)
