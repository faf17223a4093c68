"""Jobs run in this process, over a plant whose signals the tests write."""

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask
from app.jobs.context import JobContext
from app.jobs.listing import result_of
from app.jobs.registry import kind
from app.jobs.running import endings
from app.jobs.running.claims import claim_next
from app.production.measured.parameters import listed
from app.production.plant import plant
from data.models import Job, Parameter, to_us
from data.telemetry import Batch
from tests.conftest import StillClock

HOUR = 3_600_000_000
Run = Callable[..., dict[str, object]]


@pytest.fixture
def north(acting: Callable[..., Access]) -> Access:
    return acting()


@pytest.fixture
def run(gemba: Gemba, north: Access) -> Run:
    """Ask for a job and do what a child does; returns its result."""

    def done(name: str, **parameters: object) -> dict[str, object]:
        key = ask(north, Asked(name, parameters))
        claim = claim_next(gemba, "one")
        assert claim is not None
        with north.read() as session:
            kept = session.get_one(Job, claim.job_id).parameters
        context = JobContext(north, claim, kept, lambda share, stage: None, threading.Event())
        result = kind(claim.kind).run(context)
        endings.finish(gemba, claim, result, context.effects, next(iter(context.documents), ""))
        return result_of(north, key)

    return done


def send(
    gemba: Gemba, clock: StillClock, machine: str, parameter: str, times: Sequence[int], values: np.ndarray
) -> None:
    """Put readings of one signal into the store."""
    n = len(times)
    batch = Batch.of(
        [machine] * n, [parameter] * n, list(times), values.tolist(), latest_us=to_us(clock.now) + 1
    )
    gemba.telemetry.append("north", batch)


def list_parameter(access: Access, machine: str, key: str, unit: str) -> None:
    """A machine's signal gets its unit."""
    number = plant(access).machine_by_key[machine].id
    listed(access, number)
    from data.queries.plant import CONFIGURATION_DAY, bump

    with access.write() as session:
        session.add(Parameter(machine_id=number, key=key, display_name=key, unit=unit))
        bump(session, {CONFIGURATION_DAY})
