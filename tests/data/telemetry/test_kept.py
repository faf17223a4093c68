"""Rows of files that were read lately: they spare the second reading, and no more than so many are kept."""

import numpy as np
import pytest

from data.telemetry import Windows
from data.telemetry.batch import Batch
from data.telemetry.embedded import EmbeddedStore, Retention
from data.telemetry.embedded.reading.kept import KeptRows
from data.telemetry.embedded.reading.scan import Scanner
from data.telemetry.embedded.rollup import Rollup

DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
START_US = 20_000 * DAY_US


def rows(count, value=1.0):
    return Rollup(np.zeros(count, np.int32), {"sum": np.full(count, value)})


def key(name):
    return name, ("sum",), None


def test_the_least_recently_used_rows_go_first_and_the_bytes_stay_within_their_bound():
    kept = KeptRows(most_bytes=12 * 100)
    for name in "abcd":
        kept.put(key(name), rows(25))
    assert kept.bytes == 12 * 100
    assert kept.get(key("a")) is not None
    kept.put(key("e"), rows(25))
    assert kept.get(key("b")) is None
    assert kept.get(key("a")) is not None
    kept.put(key("e"), rows(20))
    assert kept.bytes == 12 * 95


def test_what_would_push_out_the_others_is_not_kept_and_what_is_kept_is_a_copy():
    kept = KeptRows(most_bytes=12 * 100)
    kept.put(key("large"), rows(26))
    assert kept.get(key("large")) is None
    given = rows(10)
    kept.put(key("a"), given)
    given["sum"][:] = 7.0
    assert kept.get(key("a"))["sum"].tolist() == [1.0] * 10


@pytest.fixture
def store(tmp_path):
    opened = EmbeddedStore.open(tmp_path, retention=Retention(compact_points=1_000))
    yield opened
    opened.close()


def load(store, days, value):
    times = START_US + np.arange(days * 1_440 * 6, dtype=np.int64) * 10_000_000
    machines, parameters = np.array(["m1"] * len(times), object), np.array(["p"] * len(times), object)
    values = np.full(len(times), value)
    store.bulk_load("north", Batch.of(machines, parameters, times, values, latest_us=START_US + 99 * DAY_US))


def test_the_second_question_reads_no_file_again_and_gives_the_same(store, monkeypatch):
    load(store, 3, 4.0)
    windows = Windows.every(START_US, START_US + 3 * DAY_US, 5 * MINUTE_US)
    first = store.aggregate("north", windows, ["m1"], ["p"])
    monkeypatch.setattr(Scanner, "_rows", lambda *_, **__: pytest.fail("a file was read again"))
    assert store.aggregate("north", windows, ["m1"], ["p"]).equals(first)


def test_what_comes_late_is_seen_at_once_and_after_it_is_compacted(store):
    load(store, 3, 4.0)
    windows = Windows.every(START_US, START_US + 3 * DAY_US, DAY_US)
    assert store.aggregate("north", windows, ["m1"], ["p"])["max"].tolist() == [4.0, 4.0, 4.0]
    late = Batch.of(["m1"], ["p"], [START_US + DAY_US + 5], [9.0], latest_us=START_US + 99 * DAY_US)
    store.append("north", late)
    assert store.aggregate("north", windows, ["m1"], ["p"])["max"].tolist() == [4.0, 9.0, 4.0]
    for _ in range(3):
        store.maintain("north", START_US + 4 * DAY_US)
    assert store.aggregate("north", windows, ["m1"], ["p"])["max"].tolist() == [4.0, 9.0, 4.0]
    store.delete("north", "m1")
    assert store.aggregate("north", windows).empty
