"""Every page of one factory, asked for the other's objects: what it sends and what it offers for download."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from app import bootstrap
from app.navigation import PAGES
from tests.api.world import World, acting, made_world
from tests.pages.conftest import ROOT

IN_ADDRESSES = sorted(
    set(
        re.findall(
            r'(?:key=|PARAM\w*(?:: Final)? = |query_params(?:\.get\(|\[))"([a-z]+_[a-z_]+)"',
            "\n".join(path.read_text() for path in (ROOT / "app" / "ui").rglob("*.py")),
        )
    )
    - {"invitation", "reset"}
)
"""The names that pages read from their address, with a few that are keys of widgets only."""
KINDS = ("rule", "alert", "order", "plan", "job", "schedule", "production_job", "tool", "fitting", "report")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[World]:
    home = tmp_path_factory.mktemp("pages")
    shutil.copy(migrated, home / "gemba.db")
    with made_world(home) as made:
        yield made


@pytest.fixture
def sent(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bytes]:
    """Open a page of a plant; all that goes to the browser and all that a click would download."""
    found: list[bytes] = []
    collect, offer = LocalScriptRunner.forward_msgs, st.download_button

    def collected(runner: LocalScriptRunner) -> list[object]:
        messages = collect(runner)
        found.extend(message.SerializeToString() for message in messages)
        return messages

    def offered(label: str, data: object, *given: object, **named: object) -> bool:
        made = data() if callable(data) else data
        found.append(unpacked(made.encode() if isinstance(made, str) else bytes(made or b"")))
        return offer(label, b"collected", *given, **named)

    monkeypatch.setattr(LocalScriptRunner, "forward_msgs", collected)
    monkeypatch.setattr(st, "download_button", offered)

    def opened(plant: str, key: str, **params: str) -> bytes:
        found.clear()
        bootstrap.install(world.gemba)
        role = "super_admin" if key == "factories" else "admin"
        who = acting(world.gemba, plant, role).principal
        monkeypatch.setattr("app.ui.entry.gate.principal", lambda: who)
        monkeypatch.setattr("app.ui.frame.shell.principal", lambda: who)
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
        for name, value in params.items():
            app.query_params[name] = value
        if key != "overview":
            app.switch_page(f"../pages/{key}.py")
        app.run()
        assert not app.exception
        return b"\n".join(found)

    return opened


def unpacked(made: bytes) -> bytes:
    """A download with the files of an archive unpacked."""
    if not zipfile.is_zipfile(io.BytesIO(made)):
        return made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def leaks(page: bytes, world: World, plant: str) -> list[str]:
    return [word for word in world.plants[plant].secrets if word.encode() in page]


@pytest.mark.parametrize("key", [page.key for page in PAGES])
def test_a_page_tells_nothing_of_the_other_factory_not_even_from_its_caches(world, sent, key):
    seen = sent("south", key)
    own = sent("north", key)
    assert leaks(seen, world, "north") == []
    assert leaks(own, world, "south") == []


@pytest.mark.parametrize("key", [page.key for page in PAGES])
def test_an_address_with_ids_of_the_other_factory_opens_nothing_of_it(world, sent, key):
    ids = [str(world.plants["south"].ids[kind]) for kind in KINDS]
    asked = {name: ids[place % len(ids)] for place, name in enumerate(IN_ADDRESSES)}
    assert leaks(sent("north", key, **asked), world, "south") == []


def test_the_search_finds_what_a_plant_calls_its_own(world, sent):
    """Without this the tests above could pass because nothing is ever found."""
    found = {
        key: leaks(sent("north", key), world, "north") for key in ("machines", "rules", "records", "users")
    }
    assert all(found.values()), found


def test_names_of_widgets_in_the_address_are_found_in_the_code():
    assert {"f_machine", "t_range", "al_rule", "r_report", "i_question"} <= set(IN_ADDRESSES)
