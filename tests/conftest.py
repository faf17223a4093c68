"""Real parts on throw-away files, a clock that stands still, and a small plant."""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from streamlit.components.v2 import manifest_scanner
from xdist.scheduler import LoadScopeScheduling

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
    postgresql_server,
    redis_server,
)
from tests.servers.shared import FOR_BROWSERS

__all__ = [
    "influxdb_server",
    "mariadb_server",
    "mongodb_server",
    "mosquitto_server",
    "postgresql_server",
    "redis_server",
]

settings.register_profile("gemba", deadline=None)
settings.load_profile("gemba")


FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Playwright's own list, and the pages of Chromium's window: a second of processor time for each one.
    "--disable-features=PreloadTopChromeWebUI,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
]  # fmt: skip
BROWSER_PATIENCE_MS = 60_000
"""What a test waits for before it says that it does not come: beside other workers pages are slow."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


LONG = ("test_checks", "test_commands", "test_command")
"""Files of few tests that start whole programs."""


KINDS = (SQLiteDialect_pysqlite, MySQLDialect_pymysql)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What must run alone comes first, then what takes longest, so that none of it ends last."""
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: (_room(item.path), item.path.stem not in LONG, -many[item.path]))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last browser test of this process end what they shared."""
    if _room(item.path) == "browser" and (nextitem is None or _room(nextitem.path) != "browser"):
        FOR_BROWSERS.close()


class Rooms(LoadScopeScheduling):
    """With several workers one runs all browser tests and one all kill loops; the rest goes file by file."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        room = _room(Path(path))
        return path if room == ELSEWHERE else room


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Rooms:
    """Called once, in the process that hands out the tests."""
    return Rooms(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What pages cost the server, beside what they may cost."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    told = [value for one in reports for name, value in one.user_properties if name == "page budget"]
    if told:
        terminalreporter.section("server time of each page, and its budget")
        for line in sorted(told):
            terminalreporter.write_line(line)


ELSEWHERE = "elsewhere"


def _room(path: Path) -> str:
    """Tests that start servers, kill them and watch the clock have a worker each: browser, crash."""
    if path.stem.endswith("_in_browser") or path.parent.name == "browser":
        return "browser"
    return "crash" if "crash" in path.parts else ELSEWHERE


@pytest.fixture(scope="session")
def browser() -> Browser:
    """One real Chromium for all browser tests: a process can drive only one at a time."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium on this machine: `make browser` installs it on Debian as root"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=BROWSER_PATIENCE_MS)
    driver = FOR_BROWSERS.enter_context(sync_playwright())
    started = driver.chromium.launch(executable_path=path, args=FLAGS)
    FOR_BROWSERS.callback(started.close)
    return started


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """A page that was run in this process stays its main module, and a process started later would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session", autouse=True)
def _packages_scanned_once() -> Iterator[None]:
    """Each page that is run anew looks through all installed packages for components; they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """A statement is compiled once in a process, as where there is one engine; here each test has its own.

    What compiles is the dialect, and two for the same kind and version of server compile the same.
    """
    kept: LRUCache[Any, Any] = LRUCache(3_000)
    made = Engine.__init__

    def make(self: Engine, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        if isinstance(self.dialect, KINDS):
            self._compiled_cache = kept

    def told(dialect: Any) -> tuple[Any, ...]:
        return type(dialect), dialect.server_version_info, getattr(dialect, "_sql_mode", None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", make)
        for kind in KINDS:
            patch.setattr(
                kind, "__eq__", lambda one, other: isinstance(other, KINDS) and told(one) == told(other)
            )
            patch.setattr(kind, "__hash__", lambda one: hash(type(one)))
        yield


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
    names = [f"`{name}`" for name in Base.metadata.tables]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        for (name,) in connection.exec_driver_sql(filled).all():
            connection.exec_driver_sql(f"DELETE FROM {name}")
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
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
