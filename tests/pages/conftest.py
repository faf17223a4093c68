"""Pages run in this process over real stores; who is logged in is set by the test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import bootstrap
from app.bootstrap import Access, Gemba

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_page(
    gemba: Gemba, acting: Callable[..., Access], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Open a page as a role; returns the page after its first run."""

    def opened(key: str, role: str = "admin", **params: str | list[str]) -> AppTest:
        bootstrap.install(gemba)
        who = acting(role).principal
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


def texts(app: AppTest) -> str:
    """All words on the page."""
    kinds = (app.markdown, app.caption, app.header, app.error, app.warning, app.metric, app.toast)
    return "\n".join(str(getattr(e, "label", "")) + " " + str(e.value) for kind in kinds for e in kind)
