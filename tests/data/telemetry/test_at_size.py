"""The embedded store at the size of a large plant: 100 million points."""

from pathlib import Path

import numpy as np
import pytest

from data.telemetry import Batch, Windows
from data.telemetry.embedded import EmbeddedStore, Retention

T0 = 1_767_225_600_000_000
SECOND, HOUR, DAY_US = 1_000_000, 3_600_000_000, 86_400_000_000
MACHINES, PARAMETERS, SECONDS = 50, 20, 10_000
CHUNKS = 10
KEYS = tuple((f"machine-{m:02}", f"parameter-{p:02}") for m in range(MACHINES) for p in range(PARAMETERS))


def chunk(number: int) -> Batch:
    """A tenth of the seconds of 1,000 series at 10 Hz, readings with two decimals."""
    steps = np.arange(number * SECONDS, (number + 1) * SECONDS)
    times = np.tile(T0 + steps * (SECOND // 10), len(KEYS))
    codes = np.repeat(np.arange(len(KEYS), dtype=np.int32), len(steps))
    values = np.round(50 + codes % 7 + 20 * np.sin(times / 1e9 + codes), 2)
    checked = Batch.of(["m"], ["p"], [T0], [1.0], latest_us=T0 + 1).values
    kind = np.repeat(checked.kind, len(values))
    return Batch(KEYS, codes, times, type(checked)(kind, values))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_hundred_million_points_are_all_there_in_few_bytes(tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path, retention=Retention(compact_every_us=0))
    highest = -np.inf
    for number in range(CHUNKS):
        batch = chunk(number)
        highest = max(highest, batch.values.number[batch.codes == 3].max())
        assert store.bulk_load("mill", batch).loaded == len(batch)
        store.maintain("mill", T0)
    seconds = CHUNKS * SECONDS // 10
    windows = Windows.every(T0, T0 + seconds * SECOND, HOUR)
    counts = store.aggregate("mill", windows).groupby(["machine", "parameter"])["count"].sum()
    assert len(counts) == len(KEYS)
    assert set(counts) == {CHUNKS * SECONDS}
    line = store.downsample("mill", T0, T0 + DAY_US, [KEYS[3][0]], [KEYS[3][1]])
    assert line.value.max() == highest
    assert set(store.latest("mill").time_us) == {T0 + seconds * SECOND - SECOND // 10}
    health = store.health("mill")
    assert health.points == CHUNKS * SECONDS * len(KEYS)
    assert health.size_bytes / health.points <= 3.5
    store.close()
