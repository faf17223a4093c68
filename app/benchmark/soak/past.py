"""The days before the soak, stored in one go: a page reads as much at its beginning as at its end."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from analytics.vocabulary import State
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.ingest.intake import ingest_production
from data.contracts.messages import CountMessage, StateMessage
from data.telemetry.batch import Batch, Kind, Values

SIGNALS: Final = ("power_kw", "temperature", "vibration", "pressure", "speed")
EVERY_US: Final = 12_000_000
COUNT_US: Final = 600_000_000
STATE_CHANCE: Final = 0.01
"""How likely it is that a machine says its state at a step."""
STATES: Final = (State.RUNNING, State.RUNNING, State.DOWN, State.IDLE)
STRIDE_US: Final = 7_200_000_000
"""So much of the past is stored at once."""


def key(number: int) -> str:
    """The device key of a machine of the soak."""
    return f"m{number:03}"


def lay_down(gemba: Gemba, factory: FactoryProfile, machines: int, start_us: int, end_us: int) -> None:
    """Store what the machines would have sent in [start_us, end_us), with the same share of each kind."""
    random = np.random.default_rng(3)
    for begin in range(start_us, end_us, STRIDE_US):
        until = min(begin + STRIDE_US, end_us)
        gemba.telemetry.bulk_load(factory.slug, _readings(random, machines, begin, until))
        states = list(_states(random, machines, begin, until))
        for receipt in ingest_production(gemba, factory, states, list(_counts(machines, begin, until))):
            if receipt.refused:
                raise InvalidInput.at("past", receipt.refused[0].reason)


def _readings(random: np.random.Generator, machines: int, start_us: int, end_us: int) -> Batch:
    times = np.arange(start_us, end_us, EVERY_US, dtype=np.int64)
    keys = tuple((key(number), signal) for number in range(machines) for signal in SIGNALS)
    many = len(times) * len(keys)
    return Batch(
        keys,
        np.tile(np.arange(len(keys), dtype=np.int32), len(times)),
        np.repeat(times, len(keys)),
        Values(np.full(many, Kind.FLOAT, np.uint8), random.normal(50.0, 5.0, many).round(2)),
    )


def _states(random: np.random.Generator, machines: int, start_us: int, end_us: int) -> Iterator[StateMessage]:
    times = np.arange(start_us, end_us, EVERY_US, dtype=np.int64)
    for number in range(machines):
        before = -1
        for at_us in times[random.random(len(times)) < STATE_CHANCE].tolist():
            state = int(random.choice(STATES))
            if state != before:
                before = state
                yield StateMessage(key(number), at_us, state)


def _counts(machines: int, start_us: int, end_us: int) -> Iterator[CountMessage]:
    for begin in range(start_us, end_us, COUNT_US):
        until = min(begin + COUNT_US, end_us)
        for number in range(machines):
            yield CountMessage(key(number), begin, until, float(60 + number % 7), float(number % 3))
