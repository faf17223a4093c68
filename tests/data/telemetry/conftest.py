"""A fresh store of every engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.telemetry import TelemetryStore
from data.telemetry.embedded import EmbeddedStore, Retention

ENGINES: dict[str, Callable[[Path], TelemetryStore]] = {
    "embedded": lambda folder: EmbeddedStore.open(folder, retention=Retention(compact_every_us=0)),
}


@pytest.fixture(params=sorted(ENGINES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelemetryStore]:
    opened = ENGINES[request.param](tmp_path / "telemetry")
    yield opened
    opened.close()
