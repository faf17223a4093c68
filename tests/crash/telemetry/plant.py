"""The child processes of the crash tests: one that writes until it is killed, and ones that read."""

import os
import struct
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from analytics.errors import StoreUnavailable
from data.telemetry import Batch
from data.telemetry.embedded import EmbeddedStore, Retention

T0 = 1_767_225_600_000_000
SECOND, HOUR, DAY_US = 1_000_000, 3_600_000_000, 86_400_000_000
FACTORY = "mill"
IN_BATCH = 20
EAGER = Retention(compact_points=200, compact_every_us=0, merge_segments=3)
"""Compacts and merges all the time, so that most kills hit it at work."""


def batch_of(number: int) -> Batch:
    """Batch `number`: points 10 s apart, its number as their value, every seventh point a day late."""
    steps = number * IN_BATCH + np.arange(IN_BATCH)
    times = T0 + DAY_US + steps * 10 * SECOND
    times[::7] -= DAY_US - SECOND
    machines = [f"machine-{step % 3}" for step in steps.tolist()]
    values = np.full(IN_BATCH, float(number))
    return Batch.of(machines, ["power_kw"] * IN_BATCH, times, values, latest_us=T0 + 10_000 * DAY_US)


def write_until_killed(folder: Path, first: int, acknowledge: int) -> None:
    """Append batches from `first` on, and write each number to the pipe once the store has returned."""
    store = EmbeddedStore.open(folder, retention=EAGER)

    def keep_up() -> None:
        while True:
            store.maintain(FACTORY, T0)

    threading.Thread(target=keep_up, daemon=True).start()
    number = first
    while True:
        store.append(FACTORY, batch_of(number))
        os.write(acknowledge, struct.pack("<q", number))
        number += 1


def write_some(folder: Path, batches: int, answer: Connection) -> None:
    """Append `batches` batches with upkeep in between, then say how many."""
    store = EmbeddedStore.open(folder, retention=EAGER)
    for number in range(batches):
        store.append(FACTORY, batch_of(number))
        if number % 5 == 0:
            store.maintain(FACTORY, T0)
    store.close()
    answer.send(batches)


def read_until(folder: Path, batches: int, answer: Connection) -> None:
    """Read again and again until all batches are there; send what was wrong, or how often it was read."""
    store = EmbeddedStore.open(folder, read_only=True)
    seen, looks = 0, 0
    while seen < batches:
        values = store.read(FACTORY, 0, T0 + 10_000 * DAY_US).value.to_numpy(float)
        numbers, counts = np.unique(values, return_counts=True)
        whole = np.array_equal(numbers, np.arange(len(numbers))) and bool((counts == IN_BATCH).all())
        if not whole or len(numbers) < seen:
            answer.send(f"after {seen} batches: {len(numbers)} numbers, counts {set(counts.tolist())}")
            return
        seen, looks = len(numbers), looks + 1
    answer.send(looks)


def try_to_write(folder: Path, answer: Connection) -> None:
    """Open the store for writing and send how that went."""
    try:
        EmbeddedStore.open(folder).close()
    except StoreUnavailable as error:
        answer.send(str(error))
    else:
        answer.send("opened")
