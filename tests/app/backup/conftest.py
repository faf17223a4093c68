"""A small plant on SQLite, and places to restore it into."""

import pytest

from app.bootstrap import wire
from app.settings import Settings


@pytest.fixture
def place(tmp_path):
    """Settings of a new installation by its name."""

    def make(name="new", **given):
        return Settings(**{"home": tmp_path / name, "database_url": "", "telemetry_url": "", **given})

    return make


@pytest.fixture
def opened(clock):
    """Installations that are closed at the end."""
    found = []

    def make(settings):
        found.append(wire(settings, clock))
        return found[-1]

    yield make
    for one in found:
        one.close()
