"""Pages run in this process over real stores; who is logged in is set by the test."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app import bootstrap
from app.bootstrap import Access, Gemba
from data.models import Account

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_page(
    gemba: Gemba, acting: Callable[..., Access], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Open a page as a role; returns the page after its first run."""

    def opened(key: str, role: str = "admin", **params: str | list[str]) -> AppTest:
        bootstrap.install(gemba)
        who = replace(acting(role).principal, account_id=_person(gemba, role))
        monkeypatch.setattr("app.ui.gate.principal", lambda: who)
        monkeypatch.setattr("app.ui.shell.principal", lambda: who)
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=30)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        if key != "overview":
            app.switch_page(f"../pages/{key}.py").run()
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


def texts(app: AppTest) -> str:
    """All words on the page."""
    kinds = (app.markdown, app.caption, app.header, app.error, app.warning, app.metric, app.toast)
    return "\n".join(str(getattr(e, "label", "")) + " " + str(e.value) for kind in kinds for e in kind)
