"""Real parts on throw-away files, a clock that stands still, and a small plant."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import text

from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile
from app.bootstrap import Access, Gemba, wire
from app.settings import Settings
from data.models import Base, Factory, Line, Machine, Product, Reason, Shift
from data.queries.plant import CONFIGURATION_DAY, bump
from data.relational.engine import open_engine
from data.relational.migrate import upgrade
from tests.servers.fixtures import (
    Running,
    influxdb_server,
    mariadb_server,
    mongodb_server,
    mosquitto_server,
    redis_server,
)

__all__ = ["influxdb_server", "mariadb_server", "mongodb_server", "mosquitto_server", "redis_server"]

settings.register_profile("gemba", deadline=None)
settings.load_profile("gemba")


FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real Chromium for all browser tests: a process can drive only one at a time."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium on this machine: `make browser` installs it on Debian as root"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@dataclass
class StillClock:
    """A clock that moves only when a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty relational store with the whole schema, made once and copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "gemba.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb_server: Running) -> str:
    """The same schema on a MariaDB; tests empty it after use."""
    url = mariadb_server.url("gemba_tests")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


@contextmanager
def relational(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty relational store of that kind, with the whole schema."""
    if kind == "sqlite":
        (tmp_path / "var").mkdir()
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "var" / "gemba.db")
        yield f"sqlite:///{tmp_path / 'var' / 'gemba.db'}"
        return
    url = request.getfixturevalue("migrated_mariadb")
    yield url
    empty(url)


@pytest.fixture(params=["sqlite", "mariadb"])
def relational_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty relational store, on each engine in turn."""
    with relational(request.param, request, tmp_path) as url:
        yield url


def empty(url: str) -> None:
    """Delete every row of every table."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
        for table in Base.metadata.sorted_tables:
            connection.execute(table.delete())
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
    engine.dispose()


@pytest.fixture
def gemba(tmp_path: Path, clock: StillClock, relational_url: str) -> Iterator[Gemba]:
    wired = wire(Settings(home=tmp_path / "var", database_url=relational_url, telemetry_url=""), clock)
    yield wired
    wired.close()


def make_factory(gemba: Gemba, slug: str, timezone: str = "Europe/Berlin") -> int:
    with gemba.database.write(None) as session:
        factory = Factory(
            slug=slug, name=slug.title(), timezone=timezone, day_start_min=360, created_at=gemba.clock()
        )
        session.add(factory)
        session.flush()
        factory_id = factory.id
    with gemba.database.write(factory_id) as session:
        line = Line(key="a", name="Line A")
        session.add(line)
        session.flush()
        for key in ("m1", "m2"):
            session.add(
                Machine(
                    device_key=key, name=key.upper(), line_id=line.id, ideal_cycle_s=1.0,
                    created_at=gemba.clock(), updated_at=gemba.clock(),
                )
            )  # fmt: skip
        session.add(Product(key="p1", name="Bar"))
        session.add(Reason(code="jam", name="Jam", category="unplanned"))
        for key, start in (("early", 360), ("late", 840), ("night", 1320)):
            session.add(Shift(key=key, name=key.title(), start_min=start, end_min=(start + 480) % 1440))
        bump(session, {CONFIGURATION_DAY})
    return factory_id


@pytest.fixture
def factory_id(gemba: Gemba) -> int:
    return make_factory(gemba, "north")


@pytest.fixture
def acting(gemba: Gemba, factory_id: int) -> Callable[..., Access]:
    """An access with a role's permissions, in the small plant or in another factory."""

    def make(role: str = "admin", in_factory: int | None = None) -> Access:
        with gemba.database.read(None) as session:
            row = session.get_one(Factory, in_factory or factory_id)
        principal = Principal(0, f"{role}@example.test", role, role, ROLES[role], profile(row))
        return Access(replace(gemba), principal)

    return make
