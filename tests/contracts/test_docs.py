"""What exists is documented."""

import re
from pathlib import Path

from app.auth.permissions import ROLES, Permission
from app.jobs.registry import KIND_MODULES, kinds
from app.navigation import PAGES
from app.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_setting_is_documented_with_its_variable():
    text = (DOCS / "settings.md").read_text()
    missing = [name for name in Settings.model_fields if f"`GEMBA_{name.upper()}`" not in text]
    assert missing == []
    assert "`GEMBA_CONFIG`" in text


def test_every_page_is_documented():
    text = (DOCS / "pages.md").read_text()
    assert [page.title for page in PAGES if f"## {page.title}" not in text] == []


def test_every_role_and_permission_is_documented():
    text = (DOCS / "roles.md").read_text()
    assert [role for role in ROLES if f"`{role}`" not in text] == []
    assert [permission.value for permission in Permission if f"`{permission.value}`" not in text] == []


def test_every_test_that_the_security_page_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "security.md").read_text("utf-8"))
    assert len(named) >= 20
    for path, name in named:
        assert f"def {name}(" in (DOCS.parent / path).read_text("utf-8"), f"{path}::{name}"


def test_every_kind_of_job_is_documented():
    text = (DOCS / "jobs.md").read_text()
    ours = [one.name for one in kinds() if one.run.__module__ in KIND_MODULES]
    assert len(ours) >= 2
    assert [name for name in ours if f"| `{name}` |" not in text] == []
