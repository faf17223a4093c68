"""What is documented exists, links lead somewhere, and what people are told to press is there."""

import re
from pathlib import Path

import pytest

from app.auth.permissions import ROLES, Permission
from app.cli import cli
from app.cli.reference import reference
from app.jobs.registry import kinds
from app.navigation import PAGES
from app.settings import ROOT, Settings
from tests.api.test_tenancy import OPERATIONS

DOCS = ROOT / "docs"
FILES = sorted((*DOCS.rglob("*.md"), ROOT / "README.md"))
DRAWN = [path for folder in ("app/ui", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
SEEN = "\n".join(path.read_text("utf-8") for path in DRAWN)


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def test_the_reference_of_the_command_line_is_that_of_the_commands() -> None:
    assert text_of("cli.md") == reference(cli()), "write it again: python -m app docs > docs/cli.md"


def test_every_documented_setting_exists() -> None:
    known = {f"GEMBA_{name.upper()}" for name in Settings.model_fields} | {"GEMBA_CONFIG"}
    named = {
        name
        for path in FILES
        for name in re.findall(r"\bGEMBA_[A-Z0-9_]+[A-Z0-9]\b", path.read_text("utf-8"))
        if not name.startswith(("GEMBA_TEST_", "GEMBA_PUBLIC_DATA", "GEMBA_API_KEY"))
    }
    assert sorted(named - known) == []


def test_every_documented_page_role_permission_and_job_exists() -> None:
    titles = {page.title for page in PAGES}
    assert [one for one in re.findall(r"^## (.+)$", text_of("pages.md"), re.M) if one not in titles] == []
    words = {one.value for one in Permission} | set(ROLES)
    rows = re.findall(r"^\| `(\w+)` \|", text_of("roles.md"), re.M)
    assert [one for one in rows if one not in words] == []
    jobs, states = {one.name for one in kinds()}, {"waiting", "running", "done"}
    rows = re.findall(r"^\| `(\w+)`", text_of("jobs.md"), re.M)
    assert [one for one in rows if one not in jobs | states] == []


def test_every_documented_route_exists() -> None:
    known = {(one.method.upper(), f"/api{one.path}") for one in OPERATIONS}
    named = re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `(/api[^`]*)` \|", text_of("api.md"), re.M)
    assert len(named) > 100
    assert [one for one in named if one not in known] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_that_is_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    inside = [one for one in links if not one.startswith(("http://", "https://", "mailto:"))]
    assert [one for one in inside if not (path.parent / one).exists()] == []


def test_every_file_that_the_architecture_names_exists() -> None:
    named = re.findall(r"`((?:app|data|analytics|pages|tests)/[\w./]*)`", text_of("architecture.md"))
    assert len(named) > 20
    assert [one for one in named if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("path", sorted((DOCS / "how-to").glob("*.md")), ids=lambda path: path.stem)
def test_every_page_and_button_that_a_how_to_names_is_there(path: Path) -> None:
    titles = {page.title for page in PAGES}
    named = set(re.findall(r"(?<![*\w])\*([^*\n]+)\*(?!\*)", path.read_text("utf-8")))
    assert named
    assert sorted(one for one in named if one not in titles and one not in SEEN) == []


def test_there_is_a_how_to_for_each_role_and_it_is_linked() -> None:
    names = {path.name for path in (DOCS / "how-to").glob("*.md")}
    readme = (ROOT / "README.md").read_text("utf-8")
    assert names == {"administrator.md", "data-scientist.md", "engineer.md", "manager.md", "operator.md"}
    assert [name for name in names if f"(docs/how-to/{name})" not in readme] == []
