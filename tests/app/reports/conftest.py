"""A small plant of which there is something to report: states, counts, power, an alert."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.bootstrap import Access, Gemba
from app.jobs.context import Claim, JobContext
from app.jobs.running import endings
from app.jobs.running.claims import claim_next
from app.production.plant import plant
from app.reports.making import make_report
from data.models import Job, Parameter, ProductionCount, StateEvent, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch

HOUR = 3_600_000_000
DAY = 24 * HOUR


@pytest.fixture
def busy(acting: Callable[..., Access], gemba: Gemba) -> Access:
    """The plant after a day in which m1 ran, stopped and ran again, and m2 ran slowly."""
    access = acting("manager")
    start = to_us(access.now - timedelta(days=1))
    with access.write() as session:
        for key in ("m1", "m2"):
            machine = plant(access).machine_by_key[key].id
            session.add(
                Parameter(machine_id=machine, key="power_kw", display_name="Power", unit="kW", is_kpi=True)
            )
            for hour, state in ((0, 1), (8, 5), (10, 1)):
                session.add(
                    StateEvent(machine_id=machine, start_us=start + hour * HOUR, state=state, received_us=0)
                )
            for hour in range(8):
                at = start + hour * HOUR
                session.add(
                    ProductionCount(
                        machine_id=machine, start_us=at, end_us=at + HOUR, good=2_900 + 7 * hour, scrap=31,
                        rework=0, received_us=0,
                    )
                )  # fmt: skip
        bump(session, {CONFIGURATION_DAY, *range(start // DAY, start // DAY + 3)})
    times = [start + minute * 60_000_000 for minute in range(24 * 60)]
    for key, base in (("m1", 20.1), ("m2", 7.7)):
        gemba.telemetry.append(
            access.factory.slug,
            Batch.of([key] * len(times), ["power_kw"] * len(times), times,
                     [base + place % 7 / 3 for place in range(len(times))], latest_us=times[-1] + 60_000_000),
        )  # fmt: skip
    return access


@pytest.fixture
def span(busy: Access) -> tuple[int, int]:
    """The day of which there is something to tell."""
    return to_us(busy.now) - DAY, to_us(busy.now)


@pytest.fixture
def worked(busy: Access, gemba: Gemba) -> Callable[..., Claim]:
    """Do the next job in this process, as a runner's child does."""

    def work(access: Access = busy) -> Claim:
        claim = claim_next(gemba, "test")
        assert claim is not None
        with busy.read() as session:
            row = session.get_one(Job, claim.job_id)
        context = JobContext(access, claim, dict(row.parameters), lambda _share, _stage: None)
        endings.finish(gemba, claim, make_report(context), context.effects)
        return claim

    return work
