"""Points that were acknowledged while the store was away reach it when it is back: all, once, in order."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.errors import RejectedPoints, StoreUnavailable
from data.telemetry.batch import EARLIEST_US, Batch
from data.telemetry.buffered import BufferedStore
from data.telemetry.embedded import EmbeddedStore
from data.telemetry.protocol import TelemetryStore
from data.telemetry.waiting import WaitingRoom, packed, unpacked

T = EARLIEST_US
ROOT = Path(__file__).resolve().parents[3]


class Line:
    """The way to a store, which a test can cut."""

    def __init__(self, store: TelemetryStore) -> None:
        self.store = store
        self.is_cut = False
        self.refuses = ""

    def append(self, factory: str, batch: Batch) -> int:
        if self.is_cut:
            raise StoreUnavailable("cut")
        if self.refuses and any(parameter == self.refuses for _, parameter in batch.keys):
            raise RejectedPoints("not this one")
        return self.store.append(factory, batch)

    def health(self, factory: str):
        return replace(self.store.health(factory), reachable=not self.is_cut)

    def __getattr__(self, name: str):
        return getattr(self.store, name)


def batch(*points: tuple[str, int, object]) -> Batch:
    parameters, times, values = zip(*points, strict=True)
    return Batch.of(["saw"] * len(points), parameters, [T + t for t in times], values, latest_us=T + 10**9)


@pytest.fixture
def line(tmp_path):
    store = EmbeddedStore.open(tmp_path / "telemetry")
    yield Line(store)
    store.close()


@pytest.fixture
def store(line, tmp_path):
    waiting = WaitingRoom(tmp_path / "waiting.db", 100)
    yield BufferedStore(line, waiting)
    waiting.close()


def values(store):
    found = store.read("north", T, T + 10**9)
    return dict(zip(zip(found["parameter"], found["time_us"] - T, strict=True), found["value"], strict=True))


def test_points_of_an_outage_arrive_afterwards_with_their_types(line, store):
    line.is_cut = True
    odd = [("f", 1, 0.1), ("i", 2, 2**60 + 1), ("b", 3, True), ("s", 4, "läuft")]
    assert store.append("north", batch(*odd)) == 4
    assert store.health("north").backlog == 4
    assert store.forward() == 0
    line.is_cut = False
    assert store.forward() == 4
    assert values(store) == {(name, time): value for name, time, value in odd}
    assert type(values(store)["b", 3]) is bool


def test_of_two_writes_of_one_point_the_later_wins_also_across_an_outage(line, store):
    line.is_cut = True
    store.append("north", batch(("p", 1, 1.0)))
    line.is_cut = False
    store.append("north", batch(("p", 1, 2.0)))
    assert store.health("north").backlog == 2
    store.forward()
    assert values(store) == {("p", 1): 2.0}
    store.append("north", batch(("p", 1, 3.0)))
    assert values(store) == {("p", 1): 3.0}


def test_a_full_buffer_refuses_instead_of_acknowledging(line, store):
    line.is_cut = True
    for i in range(10):
        store.append("north", batch(*[("p", 10 * i + j, 1.0) for j in range(10)]))
    with pytest.raises(StoreUnavailable, match="full"):
        store.append("north", batch(("p", 999, 1.0)))
    line.is_cut = False
    assert store.forward() == 100
    assert len(values(store)) == 100
    store.append("north", batch(("p", 999, 1.0)))


def test_a_batch_that_the_store_refuses_does_not_hold_up_the_others(line, store):
    line.is_cut, line.refuses = True, "bad"
    store.append("north", batch(("bad", 1, 1.0)))
    store.append("north", batch(("good", 1, 1.0)))
    line.is_cut = False
    assert store.forward() == 1
    assert values(store) == {("good", 1): 1.0}
    assert store.health("north").problem == "1 points were refused by the store"


def test_a_machine_is_not_deleted_while_points_of_it_may_come_back(line, store):
    store.append("north", batch(("p", 1, 1.0)))
    line.is_cut = True
    store.append("north", batch(("p", 2, 1.0)))
    with pytest.raises(StoreUnavailable):
        store.delete("north", "saw")
    line.is_cut = False
    assert store.delete("north", "saw") == 1
    store.forward()
    assert values(store) == {}


def test_a_packed_batch_is_the_same_batch():
    before = batch(("f", 1, 0.1), ("s", 2, "x"), ("i", 3, -(2**62)))
    after = unpacked(packed(before))
    assert after.keys == before.keys
    assert np.array_equal(after.times_us, before.times_us)
    assert after.values.whole.tolist() == before.values.whole.tolist()
    assert after.values.text.tolist() == before.values.text.tolist()


WRITER = """
import sys
from pathlib import Path
from data.telemetry.batch import EARLIEST_US, Batch
from data.telemetry.waiting import WaitingRoom
room = WaitingRoom(Path(sys.argv[1]), 10**9)
n = room.points()
while True:
    room.put("north", Batch.of(["saw"], ["p"], [EARLIEST_US + n], [float(n)], latest_us=EARLIEST_US + 10**9))
    n += 1
    print(n, flush=True)
"""


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path):
    path = tmp_path / "waiting.db"
    acknowledged = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as writer:  # fmt: skip
            for _ in range(20):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            last = [int(line) for line in writer.stdout.read().split("\n") if line]
        acknowledged = max([acknowledged, *last])
        room = WaitingRoom(path, 10**9)
        assert room.points() >= acknowledged
        room.close()
