"""One world per module: its tests share what they make."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.world import World, made_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[World]:
    home = tmp_path_factory.mktemp("world")
    shutil.copy(migrated, home / "gemba.db")
    with made_world(home) as made:
        yield made
