"""kill -9 at any moment: what was acknowledged is there, once."""

import multiprocessing
import os
import random
import struct
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
import pytest

from data.telemetry import Windows
from data.telemetry.embedded import EmbeddedStore
from tests.crash.telemetry.plant import (
    DAY_US,
    FACTORY,
    HOUR,
    IN_BATCH,
    T0,
    read_until,
    try_to_write,
    write_some,
    write_until_killed,
)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.telemetry.plant"])
    return context


def kill_one_writer(processes: ForkServerContext, folder: Path, first: int, delay_s: float) -> list[int]:
    """Start a writer, kill it `delay_s` after its first acknowledgement; returns what it acknowledged."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    child = processes.Process(target=_relay, args=(folder, first, multiprocessing.reduction.DupFd(writing)))
    child.start()
    os.close(writing)
    received = os.read(reading, 8)
    time.sleep(delay_s)
    child.kill()
    child.join()
    while chunk := os.read(reading, 65_536):
        received += chunk
    os.close(reading)
    whole = len(received) // 8 * 8
    return [number for (number,) in struct.iter_unpack("<q", received[:whole])]


def _relay(folder: Path, first: int, pipe: "multiprocessing.reduction._DupFd") -> None:
    write_until_killed(folder, first, pipe.detach())


def check(folder: Path, acknowledged: int) -> int:
    """All up to `acknowledged` is there once, and at most one whole batch more; returns the next number."""
    store = EmbeddedStore.open(folder)
    values = store.read(FACTORY, 0, T0 + 10_000 * DAY_US).value.to_numpy()
    numbers, counts = np.unique(values, return_counts=True)
    assert numbers.tolist() == list(range(len(numbers)))
    assert set(counts.tolist()) == {IN_BATCH}
    assert acknowledged + 1 <= len(numbers) <= acknowledged + 2
    days = 2 + len(values) * 10 * 1_000_000 // DAY_US
    hours = store.aggregate(FACTORY, Windows.every(T0, T0 + days * DAY_US, HOUR))
    assert hours["count"].sum() == len(values)
    assert hours["sum"].sum() == values.sum()
    assert store.latest(FACTORY).value.max() == numbers[-1]
    store.close()
    return len(numbers)


def survive(processes: ForkServerContext, folder: Path, kills: int, seed: int) -> None:
    chance, following = random.Random(seed), 0
    for _ in range(kills):
        acknowledged = kill_one_writer(processes, folder, following, chance.uniform(0, 0.3))
        assert acknowledged == list(range(following, following + len(acknowledged)))
        following = check(folder, acknowledged[-1])


def test_no_acknowledged_point_is_lost_or_doubled_over_20_kills(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    survive(processes, tmp_path / "telemetry", 20, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(2, 6))
def test_no_acknowledged_point_is_lost_or_doubled_over_60_kills(
    processes: ForkServerContext, tmp_path: Path, seed: int
) -> None:
    survive(processes, tmp_path / "telemetry", 60, seed)


def test_reading_processes_see_whole_batches_in_order_while_one_writes(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    folder, batches = tmp_path / "telemetry", 80
    ends = [processes.Pipe() for _ in range(4)]
    work = [processes.Process(target=read_until, args=(folder, batches, far)) for _, far in ends[1:]] + [
        processes.Process(target=write_some, args=(folder, batches, ends[0][1]))
    ]
    for process in work:
        process.start()
    for _, far in ends:
        far.close()
    written, *looks = [near.recv() for near, _ in ends]
    for process in work:
        process.join()
    assert written == batches
    assert all(isinstance(count, int) for count in looks), looks


def test_a_second_writing_process_is_told_who_writes(processes: ForkServerContext, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path)
    assert _tried(processes, tmp_path).startswith(f"Process {os.getpid()} writes the telemetry")
    store.close()
    assert _tried(processes, tmp_path) == "opened"


def test_a_killed_writer_leaves_no_lock_behind(processes: ForkServerContext, tmp_path: Path) -> None:
    kill_one_writer(processes, tmp_path, 0, 0.05)
    assert _tried(processes, tmp_path) == "opened"


def _tried(processes: ForkServerContext, folder: Path) -> str:
    near, far = processes.Pipe()
    child = processes.Process(target=try_to_write, args=(folder, far))
    child.start()
    answer = str(near.recv())
    child.join()
    return answer
