"""What only the embedded store promises: its files, its one writer, its tiers, and what a crash leaves."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.errors import RejectedPoints, StoreUnavailable
from data.telemetry import Batch, Windows
from data.telemetry.embedded import EmbeddedStore, Retention
from data.telemetry.embedded.reading.question import Question
from data.telemetry.embedded.reading.scan import SegmentGone

SECOND, MINUTE, HOUR, DAY_US = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
T0 = 1_767_225_600_000_000
LATEST_US = T0 + 1_000 * DAY_US
EAGER = Retention(compact_every_us=0)


def points(count: int, step_us: int, start_us: int = T0, machine: str = "saw") -> Batch:
    times = start_us + np.arange(count) * step_us
    return Batch.of([machine] * count, ["kw"] * count, times, np.sin(times / 1e10), latest_us=LATEST_US)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore.open(tmp_path / "telemetry", retention=EAGER)
    yield opened
    opened.close()


def files(folder: Path, tier: str) -> list[Path]:
    return sorted((folder / "telemetry" / "mill" / tier).glob("day=*/*.parquet"))


class TestFiles:
    def test_any_parquet_reader_reads_the_points(self, store: EmbeddedStore, tmp_path: Path) -> None:
        store.bulk_load("mill", points(100, MINUTE, machine="press"))
        store.bulk_load("mill", points(100, MINUTE, machine="anvil"))
        for _ in range(2):
            store.maintain("mill", T0 + 5 * DAY_US)
        (path,) = files(tmp_path, "raw")
        assert path.parent.name == "day=2026-01-01"
        frame = pd.read_parquet(path)
        assert frame.machine.unique().tolist() == ["press", "anvil"]
        assert frame.parameter.unique().tolist() == ["kw"]
        assert frame.time.iloc[0] == pd.Timestamp("2026-01-01T00:00:00Z")
        assert frame.sort_values(["series", "time"], kind="stable").index.equals(frame.index)

    def test_an_hour_file_holds_the_statistics_of_each_hour(
        self, store: EmbeddedStore, tmp_path: Path
    ) -> None:
        batch = points(120, MINUTE)
        store.bulk_load("mill", batch)
        (path,) = files(tmp_path, "hour")
        frame = pd.read_parquet(path)
        first, second = batch.values.number[:60], batch.values.number[60:]
        assert frame["count"].tolist() == [60, 60]
        assert frame["min"].tolist() == [first.min(), second.min()]
        assert frame["sum"].tolist() == pytest.approx([first.sum(), second.sum()])
        assert frame["m2"].tolist() == pytest.approx([first.var() * 60, second.var() * 60])

    @pytest.mark.parametrize(("step_us", "minute_files"), [(SECOND, 1), (MINUTE, 0)])
    def test_only_dense_days_get_minute_files(
        self, store: EmbeddedStore, tmp_path: Path, step_us: int, minute_files: int
    ) -> None:
        store.append("mill", points(600, step_us))
        store.maintain("mill", T0)
        assert len(files(tmp_path, "minute")) == minute_files

    def test_a_day_that_turns_out_dense_gets_its_minutes_when_it_is_over(
        self, store: EmbeddedStore, tmp_path: Path
    ) -> None:
        store.append("mill", points(2, MINUTE))
        store.maintain("mill", T0)
        store.append("mill", points(3_600, SECOND, T0 + HOUR))
        store.maintain("mill", T0)
        assert files(tmp_path, "minute") == []
        store.maintain("mill", T0 + 3 * DAY_US)
        assert len(files(tmp_path, "minute")) == 1
        windows = Windows.every(T0, T0 + 2 * HOUR, MINUTE)
        assert store.aggregate("mill", windows)["count"].tolist() == [1, 1, *[60] * 60]

    def test_files_of_a_window_that_is_over_become_one(self, store: EmbeddedStore, tmp_path: Path) -> None:
        for hour in range(5):
            store.append("mill", points(60, MINUTE, T0 + hour * HOUR))
            store.maintain("mill", T0 + DAY_US)
        assert len(files(tmp_path, "raw")) == 5
        for _ in range(3):
            store.maintain("mill", T0 + 40 * DAY_US)
        assert (len(files(tmp_path, "raw")), len(files(tmp_path, "hour"))) == (1, 1)
        assert store.aggregate("mill", Windows.every(T0, T0 + DAY_US, DAY_US))["count"].tolist() == [300]

    def test_merging_again_changes_nothing(self, store: EmbeddedStore, tmp_path: Path) -> None:
        for hour in range(3):
            store.append("mill", points(60, MINUTE, T0 + hour * HOUR))
            store.maintain("mill", T0)
        for _ in range(3):
            store.maintain("mill", T0 + 40 * DAY_US)
        before = files(tmp_path, "raw")
        assert store.maintain("mill", T0 + 40 * DAY_US).merged_segments == 0
        assert files(tmp_path, "raw") == before

    def test_a_deleted_machine_leaves_the_files(self, store: EmbeddedStore, tmp_path: Path) -> None:
        store.bulk_load("mill", points(600, SECOND))
        store.bulk_load("mill", points(600, SECOND, machine="press"))
        store.delete("mill", "saw")
        for _ in range(3):
            store.maintain("mill", T0)
        for tier in ("raw", "minute", "hour"):
            machines = {name for path in files(tmp_path, tier) for name in pd.read_parquet(path).machine}
            assert machines == {"press"}

    def test_a_long_line_is_drawn_from_the_hours_alone(self, store: EmbeddedStore, tmp_path: Path) -> None:
        store.bulk_load("mill", points(90 * 24 * 6, 10 * MINUTE))
        expected = store.downsample("mill", T0, T0 + 90 * DAY_US)
        for path in files(tmp_path, "raw"):
            path.unlink()
        assert store.downsample("mill", T0, T0 + 90 * DAY_US).equals(expected)
        with pytest.raises(StoreUnavailable):
            store.read("mill", T0, T0 + DAY_US)


class TestRetention:
    def test_points_go_after_their_time_but_minutes_and_hours_stay(self, store: EmbeddedStore) -> None:
        store.bulk_load("mill", points(600, SECOND))
        store.bulk_load("mill", points(600, MINUTE, T0 + DAY_US))
        minutes = Windows.every(T0, T0 + 2 * DAY_US, MINUTE)
        before = store.aggregate("mill", minutes)
        assert store.maintain("mill", T0 + 91 * DAY_US - 1).expired_segments == 0
        assert store.maintain("mill", T0 + 92 * DAY_US).expired_segments == 2
        assert store.read("mill", T0, T0 + 2 * DAY_US).empty
        assert store.aggregate("mill", minutes).equals(before)
        assert len(store.latest("mill")) == 1

    def test_minutes_go_after_two_years_and_hours_stay(self, store: EmbeddedStore) -> None:
        store.bulk_load("mill", points(600, SECOND))
        for _ in range(3):
            store.maintain("mill", T0 + 800 * DAY_US)
        assert store.aggregate("mill", Windows.every(T0, T0 + HOUR, MINUTE))["count"].tolist() == [600]
        assert store.aggregate("mill", Windows.every(T0, T0 + HOUR, HOUR))["count"].tolist() == [600]

    def test_an_expired_day_takes_no_more_points(self, store: EmbeddedStore) -> None:
        store.bulk_load("mill", points(600, MINUTE))
        store.maintain("mill", T0 + 100 * DAY_US)
        with pytest.raises(RejectedPoints, match="2026-01-01"):
            store.append("mill", points(1, SECOND))
        assert store.bulk_load("mill", points(600, MINUTE)).expired == 600
        assert store.append("mill", points(1, SECOND, T0 + DAY_US)) == 1


class TestOneWriter:
    def test_a_second_writer_is_refused_until_the_first_closes(self, tmp_path: Path) -> None:
        first = EmbeddedStore.open(tmp_path)
        with pytest.raises(StoreUnavailable, match="read-only"):
            EmbeddedStore.open(tmp_path)
        first.close()
        EmbeddedStore.open(tmp_path).close()

    def test_a_read_only_store_sees_each_batch_once_it_is_acknowledged(
        self, store: EmbeddedStore, tmp_path: Path
    ) -> None:
        reader = EmbeddedStore.open(tmp_path / "telemetry", read_only=True)
        assert reader.latest("mill").empty
        for hour in range(4):
            store.append("mill", points(60, MINUTE, T0 + hour * HOUR))
            assert len(reader.read("mill", T0, T0 + DAY_US)) == 60 * (hour + 1)
            store.maintain("mill", T0)
            assert len(reader.read("mill", T0, T0 + DAY_US)) == 60 * (hour + 1)
        reader.close()

    def test_a_read_only_store_reads_what_a_closed_writer_left(
        self, store: EmbeddedStore, tmp_path: Path
    ) -> None:
        store.append("mill", points(60, MINUTE))
        store.close()
        reader = EmbeddedStore.open(tmp_path / "telemetry", read_only=True)
        assert len(reader.read("mill", T0, T0 + DAY_US)) == 60
        assert not reader.health("mill").writable
        reader.close()

    @pytest.mark.parametrize(
        "write",
        [
            lambda store: store.append("mill", points(1, SECOND)),
            lambda store: store.bulk_load("mill", points(1, SECOND)),
            lambda store: store.maintain("mill", T0),
            lambda store: store.delete("mill", "saw"),
        ],
    )
    def test_a_read_only_store_refuses_to_write(
        self, store: EmbeddedStore, tmp_path: Path, write: Callable[[EmbeddedStore], object]
    ) -> None:
        store.append("mill", points(60, MINUTE))
        reader = EmbeddedStore.open(tmp_path / "telemetry", read_only=True)
        with pytest.raises(StoreUnavailable, match="read-only"):
            write(reader)
        reader.close()

    def test_a_reader_whose_file_was_merged_away_looks_again(self, store: EmbeddedStore) -> None:
        store.append("mill", points(60, MINUTE))
        store.maintain("mill", T0)
        folder = store._folder("mill")
        old = Question.about(folder.view(), store._scanner, folder.root, folder.view().catalog.ids)
        store.append("mill", points(60, MINUTE, T0 + HOUR))
        for _ in range(4):
            store.maintain("mill", T0 + 40 * DAY_US)
        with pytest.raises(SegmentGone):
            old.points(T0, T0 + DAY_US)
        assert len(store.read("mill", T0, T0 + DAY_US)) == 120

    def test_health_names_the_journal_and_a_broken_file(self, store: EmbeddedStore, tmp_path: Path) -> None:
        assert store.health("mill").journal == "WAL, synchronous FULL, this process writes"
        (tmp_path / "telemetry" / "forge").mkdir()
        (tmp_path / "telemetry" / "forge" / "log.sqlite").write_bytes(b"not a database " * 1_000)
        health = store.health("forge")
        assert not health.reachable
        assert "not a database" in health.problem
        assert store.health("mill").reachable


class CrashError(Exception):
    """The process stops here."""


class TestCrash:
    """A crash is an exception at a step, after which the store is opened anew from a copy of its files."""

    @pytest.fixture
    def crash_at(self, tmp_path: Path) -> Iterator[Callable[[str, int], EmbeddedStore]]:
        opened: list[EmbeddedStore] = []

        def arrange(step: str, nth: int) -> EmbeddedStore:
            def stop(name: str) -> None:
                seen.append(name)
                if armed and seen.count(step) == nth:
                    shutil.copytree(tmp_path / "telemetry", tmp_path / "crashed")
                    raise CrashError

            armed, seen = list[bool](), list[str]()
            store = EmbeddedStore(tmp_path / "telemetry", retention=EAGER, step=stop)
            opened.append(store)
            for hour in range(3):
                store.append("mill", points(600, SECOND, T0 + hour * HOUR))
                store.maintain("mill", T0)
            store.append("mill", points(600, SECOND, T0 + 3 * HOUR))
            seen.clear()
            armed.append(True)
            return store

        yield arrange
        for store in opened:
            store.close()

    @pytest.mark.parametrize("step", ["files_written", "published"])
    @pytest.mark.parametrize(
        ("nth", "now_us"),
        [
            pytest.param(1, T0, id="compaction"),
            pytest.param(2, T0 + 40 * DAY_US, id="merge"),
            pytest.param(3, T0 + 200 * DAY_US, id="retention"),
        ],
    )
    def test_a_crash_in_upkeep_loses_and_doubles_nothing(
        self, crash_at: Callable[[str, int], EmbeddedStore], tmp_path: Path, step: str, nth: int, now_us: int
    ) -> None:
        store = crash_at(step, nth)
        with pytest.raises(CrashError):
            store.maintain("mill", now_us)
        again = EmbeddedStore.open(tmp_path / "crashed", retention=EAGER)
        expired = (nth, step) == (3, "published")
        windows = Windows.every(T0, T0 + 4 * HOUR, HOUR)
        for _ in range(3):
            assert again.aggregate("mill", windows)["count"].tolist() == [600] * 4
            assert len(again.read("mill", T0, T0 + 4 * HOUR)) == (0 if expired else 2_400)
            again.maintain("mill", T0 + 40 * DAY_US)
        again.close()

    @pytest.mark.parametrize(("step", "loaded"), [("files_written", 0), ("published", 600)])
    def test_a_crash_in_a_bulk_load_leaves_all_of_it_or_nothing(
        self, crash_at: Callable[[str, int], EmbeddedStore], tmp_path: Path, step: str, loaded: int
    ) -> None:
        store, history = crash_at(step, 2), points(600, SECOND, T0 + 9 * HOUR)
        with pytest.raises(CrashError):
            store.bulk_load("mill", history)
        again = EmbeddedStore.open(tmp_path / "crashed", retention=EAGER)
        assert len(again.read("mill", T0, T0 + DAY_US)) == 2_400 + loaded
        assert again.bulk_load("mill", history).unchanged == loaded
        assert again.aggregate("mill", Windows.every(T0, T0 + DAY_US, DAY_US))["count"].tolist() == [3_000]
        again.close()

    def test_files_that_were_never_published_are_removed(
        self, crash_at: Callable[[str, int], EmbeddedStore], tmp_path: Path
    ) -> None:
        store = crash_at("files_written", 1)
        with pytest.raises(CrashError):
            store.maintain("mill", T0)
        crashed = tmp_path / "crashed"
        left = len(list(crashed.rglob("*.parquet")))
        again = EmbeddedStore.open(crashed, retention=Retention())
        assert again.health("mill").backlog == 600
        again.maintain("mill", T0)
        assert len(list(crashed.rglob("*.parquet"))) == left - 3
        again.close()

    def test_the_store_goes_on_after_a_failed_compaction(
        self, crash_at: Callable[[str, int], EmbeddedStore], tmp_path: Path
    ) -> None:
        store = crash_at("files_written", 1)
        with pytest.raises(CrashError):
            store.maintain("mill", T0)
        store.append("mill", points(600, SECOND, T0 + 4 * HOUR))
        store.maintain("mill", T0)
        assert store.health("mill").backlog == 0
        assert len(store.read("mill", T0, T0 + DAY_US)) == 3_000
        assert len(files(tmp_path, "raw")) == 4
