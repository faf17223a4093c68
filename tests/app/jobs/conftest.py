"""A plant with a runner whose children run trial kinds, on the clock of the system and on real files."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile
from app.bootstrap import Access, Gemba, wire
from app.jobs.asking import Asked, ask
from app.jobs.listing import JobShown, get_job
from app.jobs.running.supervisor import Runner
from app.settings import Settings
from data.models import Factory, Job
from tests.app.jobs.trial_kinds import MODULES
from tests.conftest import make_factory, relational


def entered(gemba: Gemba, factory_id: int, role: str = "admin") -> Access:
    with gemba.database.read(None) as session:
        row = session.get_one(Factory, factory_id)
    return Access(gemba, Principal(0, f"{role}@example.test", role, role, ROLES[role], profile(row)))


def expire(gemba: Gemba, factory_id: int) -> None:
    """What a minute would do: the leases of dead runners have ended."""
    with gemba.database.write(factory_id) as session:
        session.execute(
            update(Job).values(lease_until_us=0), execution_options={"synchronize_session": False}
        )


@pytest.fixture
def real(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Gemba]:
    """Wired parts on SQLite with the system's clock, since children have no other."""
    with relational("sqlite", request, tmp_path):
        gemba = wire(
            Settings(
                home=tmp_path / "var", database_url="", telemetry_url="", documents_url="",
                jobs_retry_s=0.05, jobs_crashes=3,
            )
        )  # fmt: skip
        yield gemba
        gemba.close()


@pytest.fixture
def north(real: Gemba) -> Access:
    return entered(real, make_factory(real, "north"))


@pytest.fixture
def runner(real: Gemba) -> Iterator[Runner]:
    made = Runner(real, MODULES)
    yield made
    made.stop()


Until = Callable[[str, Callable[[JobShown], bool]], JobShown]


@pytest.fixture
def until(north: Access, runner: Runner) -> Until:
    """Run until a job is as a test wants it."""

    def wait(key: str, is_so: Callable[[JobShown], bool]) -> JobShown:
        deadline = time.monotonic() + 60
        while not is_so(job := get_job(north, key)):
            assert time.monotonic() < deadline, job
            runner.round()
            time.sleep(0.01)
        return job

    return wait


@pytest.fixture
def ended(north: Access, until: Until) -> Callable[..., JobShown]:
    """Ask for a job and run it to its end."""

    def run(kind: str, **parameters: object) -> JobShown:
        key = ask(north, Asked(kind, parameters))
        return until(key, lambda job: job.state not in ("waiting", "running"))

    return run
