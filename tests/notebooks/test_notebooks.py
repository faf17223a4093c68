"""The notebooks: each is run as it stands over a small demo plant; what is kept has no output."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

from app.bootstrap import wire
from app.settings import Settings
from app.simulate.demo import create

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder with nine days of the demo plant, which the notebooks' processes find."""
    folder = tmp_path_factory.mktemp("plant")
    gemba = wire(Settings(home=folder))
    create(gemba, days=9)
    gemba.close()
    before = {name: os.environ.get(name) for name in ("GEMBA_HOME", "PYTHONPATH")}
    os.environ.update(GEMBA_HOME=str(folder), PYTHONPATH=str(ROOT))
    yield folder
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def test_there_are_eight_in_order():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(1, 9)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_runs_from_its_source(path, home):
    book = jupytext.read(path)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(code) >= 3
    assert not any(cell.get("outputs") for cell in code)
    NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    assert any(cell.outputs for cell in code)
    shown = "\n".join(str(one) for cell in code for one in cell.outputs)
    assert not re.search(r"Traceback|Error\b", shown)


def test_an_own_signal_is_known_to_the_whole_app(home):
    from app.notebook import open_plant

    with open_plant(home=home) as plant:
        assert "load_index" in plant.signals("lathe-1", "yesterday", "5 min").columns
    assert (home / "own" / "load_index.py").exists()
