"""Pages run in this process over real stores; who is logged in is set by the test."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app import bootstrap
from app.bootstrap import Access, Gemba
from app.production.plant import plant
from app.production.records import entry as records
from data.models import Account
from tests.conftest import relational

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Answers are kept per factory and stamp, and each test has a plant whose numbers begin anew."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def relational_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What pages do is tried on the embedded store; `test_pages` opens each of them on both engines."""
    with relational("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def open_page(
    gemba: Gemba, acting: Callable[..., Access], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Open a page as a role; returns the page after its first run."""

    def opened(key: str, role: str = "admin", **params: str | list[str]) -> AppTest:
        bootstrap.install(gemba)
        who = replace(acting(role).principal, account_id=_person(gemba, role))
        monkeypatch.setattr("app.ui.entry.gate.principal", lambda: who)
        monkeypatch.setattr("app.ui.frame.shell.principal", lambda: who)
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
        for name, value in params.items():
            app.query_params[name] = value
        if key != "overview":
            app.switch_page(f"../pages/{key}.py")
        app.run()
        if key not in {known["url_pathname"] or "overview" for known in app._registered_pages.values()}:
            raise ValueError(f"the navigation of this role has no page {key}")
        return app

    return opened


def _person(gemba: Gemba, role: str) -> int:
    """The account behind the role, made at its first page."""
    email = f"{role}@example.test"
    with gemba.database.write(None) as session:
        found = session.scalar(select(Account.id).where(Account.email == email))
        if found is not None:
            return found
        made = Account(email=email, name=role, password_hash="", created_at=gemba.clock())
        session.add(made)
        session.flush()
        return made.id


@pytest.fixture
def with_record(acting):
    access = acting()
    records.enter(
        access,
        records.RecordDraft(
            plant(access).machine_by_key["m1"].id, NOW - timedelta(hours=6), NOW - timedelta(hours=1),
            5 * 3600, 4 * 3600, 3600, 12_000, 11_400,
        ),
    )  # fmt: skip


def texts(app: AppTest) -> str:
    """All words on the page."""
    kinds = (app.markdown, app.caption, app.header, app.error, app.warning, app.metric, app.toast)
    return "\n".join(str(getattr(e, "label", "")) + " " + str(e.value) for kind in kinds for e in kind)


def run_again(app: AppTest) -> None:
    """The same session once more; AppTest cannot send a list, as which an address holds a choice."""
    for box in app.selectbox:
        if isinstance(box.value, list):
            box.set_value(next(iter(box.value), None))
    app.run()
