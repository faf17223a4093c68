"""What each page costs the server on the demo plant: processor time and statements, each within a budget."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from sqlalchemy import event, select
from streamlit.testing.v1 import AppTest

from app import bootstrap
from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile
from app.bootstrap import Gemba, wire
from app.cli.demo import prepare
from app.navigation import PAGES
from app.settings import ROOT, Settings
from data.models import Account, Factory
from tests.pages.conftest import run_again

DAYS = 2
UNITS, STATEMENTS = 100, 30
"""A page may take so many times the processor time of `unit_s`, some milliseconds, and so many statements."""
MORE = {
    "overview": (150, 60), "machine": (250, 60), "oee": (350, 70), "energy": (350, 30), "kpis": (150, 30),
    "spc": (200, 30), "productivity": (250, 60), "operator": (300, 50), "lathes": (400, 100),
    "production_jobs": (200, 40), "tools": (250, 60), "handover": (300, 40), "maintenance": (150, 30),
}  # fmt: skip
"""Pages that compute more when they are drawn again."""
WARM_RUNS = 2
"""The cheaper run counts: what is kept for a minute may run out between two."""


def unit_s() -> float:
    """Processor time of a fixed piece of work, the quickest of five: some milliseconds on any machine."""
    values = np.random.default_rng(1).normal(size=20_000)
    found = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(4):
            np.sort(values).cumsum()
        sum(number * number for number in range(20_000))
        found.append(time.process_time() - begun)
    return min(found)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gemba]:
    """The demo plant, made once."""
    settings = Settings(
        home=tmp_path_factory.mktemp("budget") / "var", database_url="", telemetry_url="", documents_url="",
        demo=True,
    )  # fmt: skip
    prepare(settings, DAYS, 7)
    gemba = wire(settings)
    yield gemba
    gemba.close()


@pytest.fixture
def visit(plant: Gemba, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """Open a page of the demo plant for somebody who may see all."""
    with plant.database.read(None) as session:
        factory, account = session.scalars(select(Factory)).one(), session.scalars(select(Account)).first()
        assert account is not None
        who = Principal(account.id, account.email, account.name, "super_admin", ROLES["super_admin"],
                        profile(factory))  # fmt: skip
    bootstrap.install(plant)
    monkeypatch.setattr("app.ui.entry.gate.principal", lambda: who)
    monkeypatch.setattr("app.ui.frame.shell.principal", lambda: who)
    st.cache_data.clear()

    def opened(key: str) -> AppTest:
        page = AppTest.from_file(str(Path(ROOT) / "app" / "main.py"), default_timeout=120)
        page.run()
        return page if key == "overview" else page.switch_page(f"../pages/{key}.py").run()

    return opened


@pytest.mark.parametrize("key", [page.key for page in PAGES])
def test_a_page_stays_within_its_budget_of_processor_time_and_statements(
    plant: Gemba, visit: Callable[[str], AppTest], record_property: Callable[[str, object], None], key: str
) -> None:
    page = visit(key)
    assert not page.exception
    counted: list[str] = []
    listener = lambda _connection, _cursor, statement, *_more: counted.append(statement)  # noqa: E731
    event.listen(plant.database.engine, "before_cursor_execute", listener)
    took, asked = [], []
    try:
        for _ in range(WARM_RUNS):
            begun = time.process_time()
            counted.clear()
            run_again(page)
            took.append(time.process_time() - begun)
            asked.append(len(counted))
    finally:
        event.remove(plant.database.engine, "before_cursor_execute", listener)
    units, most = MORE.get(key, (UNITS, STATEMENTS))
    allowed, statements = units * unit_s(), min(asked)
    found = f"{1e3 * min(took):.0f} ms of {1e3 * allowed:.0f}, {statements} statements of {most}"
    record_property("page budget", f"{key}: {found}")
    assert not page.exception
    assert min(took) < allowed, found
    assert statements <= most, found
