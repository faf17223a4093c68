"""Expired points go, their minutes stay, on every engine; and others read while one process writes."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

from analytics.errors import RejectedPoints
from data.telemetry import TelemetryStore, Windows
from data.telemetry.opening import open_store
from tests.data.telemetry.oracle import DAY_US
from tests.data.telemetry.test_conformance import HOUR, MINUTE, SECOND, T0, batch, every

ROUNDS, ROWS = 12, 500
ENGINES = ("embedded", "sqlite", "influxdb", "mariadb", "mongodb")


def upkeep(store: TelemetryStore, now_us: int) -> None:
    for _ in range(20):
        store.maintain("mill", now_us)


def test_points_go_after_ninety_days_and_their_minutes_stay(store: TelemetryStore) -> None:
    store.append("mill", batch(*every(SECOND, 600), *every(MINUTE, 60, T0 + DAY_US)))
    upkeep(store, T0 + 3 * DAY_US)
    minutes = Windows.every(T0, T0 + DAY_US, MINUTE)
    before = store.aggregate("mill", minutes)
    assert int(before["count"].sum()) == 600
    upkeep(store, T0 + 93 * DAY_US)
    assert store.read("mill", T0, T0 + 2 * DAY_US).empty
    after = store.aggregate("mill", minutes)
    assert after[["count", "min", "max"]].equals(before[["count", "min", "max"]])
    assert len(store.latest("mill")) == 1


def test_a_day_that_has_expired_takes_no_more_points(store: TelemetryStore) -> None:
    store.append("mill", batch(*every(MINUTE, 60)))
    upkeep(store, T0 + 100 * DAY_US)
    with pytest.raises(RejectedPoints, match="2026-01-01"):
        store.append("mill", batch(("saw", "power_kw", T0 + 30, 1.0)))
    assert store.bulk_load("mill", _frame(60)).expired == 60
    assert store.append("mill", batch(("saw", "power_kw", T0 + 30 * DAY_US, 1.0))) == 1


def test_points_inside_their_time_stay(store: TelemetryStore) -> None:
    store.append("mill", batch(*every(MINUTE, 60)))
    upkeep(store, T0 + 89 * DAY_US)
    assert len(store.read("mill", T0, T0 + DAY_US)) == 60


def _frame(count: int) -> pd.DataFrame:
    rows = every(MINUTE, count)
    return pd.DataFrame(rows, columns=["machine", "parameter", "time_us", "value"])


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and an address under which several processes find one store."""
    folder, name = tmp_path / "state", f"shared_{uuid4().hex[:8]}"
    folder.mkdir()
    if request.param == "embedded":
        yield folder, ""
    elif request.param == "sqlite":
        yield folder, f"sqlite:///{folder / 'telemetry-sql.db'}"
    else:
        server = request.getfixturevalue(f"{request.param}_server")
        yield folder, server.url(name)
        server.drop(name)


def test_the_days_that_are_set_are_what_a_store_keeps(place: tuple[Path, str]) -> None:
    folder, address = place
    with closing(open_store(folder, address, keep_days=(2, 5))) as store:
        store.append("mill", batch(*every(HOUR, 240)))
        for _ in range(60):
            store.maintain("mill", T0 + 10 * DAY_US)
        assert store.read("mill", T0, T0 + 7 * DAY_US).empty
        assert len(store.read("mill", T0 + 9 * DAY_US, T0 + 10 * DAY_US)) == 24
        windows = Windows.every(T0 + 5 * DAY_US, T0 + 10 * DAY_US, DAY_US)
        assert store.aggregate("mill", windows)["count"].tolist() == [24] * 5


def test_processes_read_whole_batches_while_one_writes(place: tuple[Path, str]) -> None:
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    folder, address = place
    with closing(open_store(folder, address)) as writer:
        writer.append("mill", batch(*every(SECOND, ROWS)))
        answers = context.Queue()
        readers = [context.Process(target=read_until_all, args=(folder, address, answers)) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(1, ROUNDS):
            writer.append("mill", batch(*every(SECOND, ROWS, T0 + number * HOUR)))
            writer.maintain("mill", T0 + number * HOUR)
            time.sleep(0.05)
        found = [answers.get(timeout=240) for _ in readers]
        for reader in readers:
            reader.join(20)
    for counts in found:
        assert counts == sorted(counts)
        assert counts[-1] == ROUNDS * ROWS
        assert all(count % ROWS == 0 for count in counts)


def read_until_all(folder: Path, address: str, answers: "multiprocessing.Queue[list[int]]") -> None:
    """What a reader sees, again and again until everything is there."""
    store = open_store(folder, address, read_only=True)
    counts: list[int] = []
    until = time.monotonic() + 230
    while time.monotonic() < until:
        windows = Windows.every(T0, T0 + DAY_US, HOUR)
        counts.append(int(store.aggregate("mill", windows)["count"].sum()))
        if counts[-1] == ROUNDS * ROWS:
            break
        time.sleep(0.01)
    answers.put(counts)
    store.close()
