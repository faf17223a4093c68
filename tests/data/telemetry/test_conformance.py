"""What every telemetry engine promises, proven on each of them through the interface alone."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from analytics.errors import InvalidInput, RejectedPoints, StoreUnavailable, TooManyPoints
from data.telemetry import Batch, TelemetryStore, Windows
from tests.data.telemetry import checks
from tests.data.telemetry.oracle import DAY_US, Oracle

SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
T0 = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
LATEST_US = T0 + 400 * DAY_US
Row = tuple[str, str, int, object]
Rest = Callable[..., None]


def batch(*rows: Row) -> Batch:
    return Batch.of(*map(list, zip(*rows, strict=True)), latest_us=LATEST_US)


def every(step_us: int, count: int, start_us: int = T0, machine: str = "saw") -> list[Row]:
    rng = np.random.default_rng(start_us % 1_000 + count)
    return [
        (machine, "power_kw", start_us + n * step_us, value)
        for n, value in enumerate(rng.normal(50, 9, count).tolist())
    ]


def rows_of(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in frame.astype(object).itertuples(index=False)]


def leave(_store: TelemetryStore, _factory: str = "mill") -> None:
    """No upkeep."""


def settle(store: TelemetryStore, factory: str = "mill") -> None:
    """Upkeep until nothing is left to do."""
    for _ in range(20):
        store.maintain(factory, T0 + 30 * DAY_US)


@pytest.fixture(params=["fresh", "settled"])
def rest(request: pytest.FixtureRequest) -> "Rest":
    """What happens between writing and reading, nothing or all upkeep: no answer may depend on it."""
    return settle if request.param == "settled" else leave


class TestEveryEngine:
    def test_gives_back_what_was_appended(self, store: TelemetryStore, rest: Rest) -> None:
        rows: list[Row] = [
            ("saw", "rpm", T0 + 5, 900),
            ("press", "power_kw", T0, 7.5),
            ("saw", "rpm", T0, 880),
        ]
        assert store.append("mill", batch(*rows)) == 3
        rest(store)
        assert rows_of(store.read("mill", T0, T0 + 10)) == sorted(rows)

    def test_keeps_the_type_of_every_value(self, store: TelemetryStore, rest: Rest) -> None:
        values: list[object] = [
            1,
            1.0,
            True,
            False,
            "1",
            "",
            "läuft\u2028\x00",
            2**63 - 1,
            -(2**63),
            2**53 + 1,
            -0.0,
            5e-324,
            1.7e308,
        ]
        rows: list[Row] = [("saw", "mixed", T0 + n, value) for n, value in enumerate(values)]
        store.append("mill", batch(*rows))
        rest(store)
        found = store.read("mill", T0, T0 + 100).value.tolist()
        assert found == values
        assert [type(value) for value in found] == [type(value) for value in values]

    @pytest.mark.parametrize(
        ("values", "dtype"),
        [([1, 2], "int64"), ([1.0, 2.0], "float64"), ([True, False], "bool"), (["a", "b"], "str")],
    )
    def test_values_of_one_type_come_as_a_column_of_that_type(
        self, store: TelemetryStore, values: list[object], dtype: str, rest: Rest
    ) -> None:
        store.append("mill", batch(("saw", "p", T0, values[0]), ("saw", "p", T0 + 1, values[1])))
        rest(store)
        frame = store.read("mill", T0, T0 + 2)
        assert frame.value.dtype == dtype
        assert frame.value.tolist() == values
        assert store.latest("mill").value.dtype == dtype

    def test_the_end_of_a_range_is_not_in_it(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(*every(SECOND, 10)))
        rest(store)
        assert store.read("mill", T0 + SECOND, T0 + 3 * SECOND).time_us.tolist() == [
            T0 + SECOND,
            T0 + 2 * SECOND,
        ]
        assert store.read("mill", T0 + SECOND, T0 + SECOND).empty

    def test_the_same_batch_twice_changes_nothing(self, store: TelemetryStore, rest: Rest) -> None:
        rows = every(SECOND, 200)
        for _ in range(2):
            store.append("mill", batch(*rows))
            rest(store)
        assert rows_of(store.read("mill", T0, T0 + HOUR)) == rows
        assert store.aggregate("mill", Windows.every(T0, T0 + HOUR, HOUR))["count"].tolist() == [200]

    def test_the_last_write_of_a_time_wins(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0), ("saw", "p", T0, 2.0)))
        rest(store)
        store.append("mill", batch(("saw", "p", T0, 3.0)))
        assert store.read("mill", T0, T0 + 1).value.tolist() == [3.0]
        assert store.aggregate("mill", Windows.every(T0, T0 + HOUR, HOUR))["max"].tolist() == [3.0]
        assert store.latest("mill").value.tolist() == [3.0]

    def test_a_text_in_place_of_a_number_leaves_the_aggregates(
        self, store: TelemetryStore, rest: Rest
    ) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0), ("saw", "p", T0 + SECOND, 5.0)))
        rest(store)
        store.append("mill", batch(("saw", "p", T0 + SECOND, "broken"), ("saw", "p", T0, "broken")))
        windows = Windows.every(T0, T0 + DAY_US, HOUR)
        assert store.aggregate("mill", windows).empty
        settle(store)
        assert store.aggregate("mill", windows).empty
        assert store.downsample("mill", T0, T0 + DAY_US).empty

    def test_a_text_beside_newer_numbers_counts_none_of_them_twice(self, store: TelemetryStore) -> None:
        store.append("mill", batch(("saw", "p", T0, 7.0)))
        settle(store)
        store.append("mill", batch(("saw", "p", T0 + SECOND, 1.0), ("saw", "p", T0 + 2 * SECOND, "on")))
        frame = store.aggregate("mill", Windows.every(T0, T0 + HOUR, HOUR))
        assert (frame["count"].tolist(), frame["sum"].tolist()) == ([2], [8.0])

    def test_a_late_point_joins_its_own_window(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(*every(MINUTE, 300)))
        rest(store)
        late = ("saw", "power_kw", T0 + 90 * MINUTE + 1, 1_000.0)
        store.append("mill", batch(late))
        rest(store)
        frame = store.aggregate("mill", Windows.every(T0, T0 + 5 * HOUR, HOUR))
        assert frame["count"].tolist() == [60, 61, 60, 60, 60]
        assert frame["max"].tolist()[1] == 1_000.0
        assert store.latest("mill").time_us.tolist() == [T0 + 299 * MINUTE]

    def test_one_factory_sees_nothing_of_another(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0)))
        store.append("forge", batch(("saw", "p", T0, 2.0), ("saw", "q", T0, 3.0)))
        rest(store)
        rest(store, "forge")
        assert store.read("mill", T0, T0 + 1).value.tolist() == [1.0]
        assert store.parameters("mill").parameter.tolist() == ["p"]
        store.delete("forge", "saw")
        assert store.latest("mill").value.tolist() == [1.0]
        assert store.latest("forge").empty
        assert store.factories() == ("forge", "mill")

    @pytest.mark.parametrize("slug", ["", "../mill", "Mill", "mill/forge", ".", "m" * 80, "mill\n"])
    def test_a_word_that_is_no_slug_is_refused(self, store: TelemetryStore, slug: str) -> None:
        with pytest.raises(InvalidInput):
            store.latest(slug)

    def test_a_factory_without_points_answers_with_empty_frames(self, store: TelemetryStore) -> None:
        windows = Windows.every(T0, T0 + HOUR, MINUTE)
        answers = [
            store.latest("mill"),
            store.read("mill", T0, T0 + HOUR),
            store.aggregate("mill", windows),
            store.downsample("mill", T0, T0 + HOUR),
            store.integral("mill", windows),
            store.parameters("mill"),
        ]
        assert all(answer.empty for answer in answers)
        assert answers[1].columns.tolist() == ["machine", "parameter", "time_us", "value"]
        assert store.matrix("mill", windows).shape == (60, 0)
        assert store.health("mill").newest_us is None

    def test_keys_that_do_not_exist_are_not_in_the_answer(self, store: TelemetryStore) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0)))
        assert store.read("mill", T0, T0 + 1, ["saw", "ghost"], ["p", "q"]).machine.tolist() == ["saw"]
        assert store.read("mill", T0, T0 + 1, ["ghost"]).empty
        assert store.read("mill", T0, T0 + 1, []).empty

    def test_new_parameters_need_no_schema(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0)))
        rest(store)
        store.append(
            "mill", batch(("saw", "näue größe %/_'", T0 + SECOND, "x"), ("saw", "p", T0 + SECOND, 2))
        )
        frame = store.parameters("mill")
        assert rows_of(frame) == [
            ("saw", "näue größe %/_'", "string", T0 + SECOND, T0 + SECOND),
            ("saw", "p", "int", T0, T0 + SECOND),
        ]

    def test_deleting_a_machine_forgets_its_points_only(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(*every(SECOND, 100), *every(SECOND, 100, machine="press")))
        rest(store)
        assert store.delete("mill", "saw") == 1
        assert store.delete("mill", "saw") == 0
        assert set(store.read("mill", T0, T0 + HOUR).machine) == {"press"}
        settle(store)
        assert store.parameters("mill").machine.tolist() == ["press"]
        store.append("mill", batch(("saw", "power_kw", T0 + HOUR, 1.0)))
        assert store.read("mill", T0, T0 + DAY_US, ["saw"]).time_us.tolist() == [T0 + HOUR]
        assert store.aggregate("mill", Windows.every(T0, T0 + DAY_US, DAY_US), ["saw"])["count"].tolist() == [
            1
        ]

    def test_aggregates_agree_with_the_points_at_any_step(self, store: TelemetryStore, rest: Rest) -> None:
        oracle = Oracle()
        rows = every(7 * SECOND, 2_000) + every(11 * SECOND, 700, machine="press")
        oracle.write(rows)
        store.append("mill", batch(*rows))
        rest(store)
        for edges in (
            range(T0, T0 + 4 * HOUR + 1, HOUR),
            range(T0, T0 + HOUR + 1, MINUTE),
            range(T0 + 17, T0 + HOUR, 333 * SECOND + 1),
            [T0 + 30 * SECOND, T0 + HOUR, T0 + 2 * HOUR, T0 + 3 * HOUR + 1],
        ):
            checks.same_aggregate(store, oracle, "mill", list(edges))

    @pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
    def test_a_local_day_on_a_clock_change_has_its_true_length(
        self, store: TelemetryStore, day: date, hours: int, rest: Rest
    ) -> None:
        days = Windows.local_days(day, 3, ZoneInfo("Europe/Berlin"))
        minutes = range(days.start_us, days.end_us, MINUTE)
        store.append("mill", batch(*[("saw", "power_kw", time_us, 10.0) for time_us in minutes]))
        rest(store)
        assert store.aggregate("mill", days)["count"].tolist() == [hours * 60, 1_440, 1_440]
        assert store.integral("mill", days).integral_h[0] == pytest.approx(hours * 10.0)

    def test_the_integral_of_kilowatts_is_kilowatt_hours(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(*[("saw", "kw", T0 + n * MINUTE, float(n)) for n in range(121)]))
        rest(store)
        frame = store.integral("mill", Windows.every(T0, T0 + 2 * HOUR, HOUR))
        assert frame.integral_h.tolist() == pytest.approx([30.0, 90.0])
        assert frame.covered_s.tolist() == [3_600.0, 3_600.0]

    def test_a_gap_adds_nothing_to_the_integral(self, store: TelemetryStore, rest: Rest) -> None:
        times = [T0, T0 + MINUTE, T0 + 11 * MINUTE, T0 + 12 * MINUTE]
        store.append("mill", batch(*[("saw", "kw", time_us, 60.0) for time_us in times]))
        rest(store)
        windows = Windows.every(T0, T0 + HOUR, HOUR)
        narrow = store.integral("mill", windows, max_gap_us=10 * MINUTE - 1)
        assert (narrow.integral_h[0], narrow.covered_s[0]) == (pytest.approx(2.0), 120.0)
        wide = store.integral("mill", windows, max_gap_us=10 * MINUTE)
        assert (wide.integral_h[0], wide.covered_s[0]) == (pytest.approx(12.0), 720.0)

    def test_integrals_of_adjoining_windows_add_up(self, store: TelemetryStore, rest: Rest) -> None:
        oracle = Oracle()
        rows = every(13 * SECOND, 1_500)
        oracle.write(rows)
        store.append("mill", batch(*rows))
        rest(store)
        edges = [T0 + 1, T0 + 61 * SECOND, T0 + HOUR, T0 + 2 * HOUR + 5, T0 + 4 * HOUR]
        checks.same_integral(store, oracle, "mill", edges, 30 * SECOND)
        whole = store.integral("mill", Windows(np.array([edges[0], edges[-1]])), max_gap_us=30 * SECOND)
        parts = store.integral("mill", Windows(np.array(edges)), max_gap_us=30 * SECOND)
        assert parts.integral_h.sum() == pytest.approx(whole.integral_h[0])

    @pytest.mark.parametrize("points", [4, 50, 999, 5_000])
    def test_a_drawn_line_keeps_every_peak(self, store: TelemetryStore, points: int, rest: Rest) -> None:
        oracle = Oracle()
        rows = every(3 * SECOND, 3_000)
        oracle.write(rows)
        store.append("mill", batch(*rows))
        rest(store)
        for start, end in (
            (T0, T0 + 3 * HOUR),
            (T0 + 12_345_678, T0 + 2 * HOUR + 1),
            (T0 - DAY_US, T0 + DAY_US),
        ):
            checks.keeps_every_peak(store, oracle, "mill", start, end, points)

    def test_a_short_line_is_drawn_point_by_point(self, store: TelemetryStore, rest: Rest) -> None:
        rows = every(MINUTE, 1_440)
        store.append("mill", batch(*rows))
        rest(store)
        line = store.downsample("mill", T0, T0 + DAY_US)
        assert rows_of(line) == rows

    def test_a_gap_breaks_the_line(self, store: TelemetryStore, rest: Rest) -> None:
        rows = every(SECOND, 1_800) + every(SECOND, 1_800, T0 + 3 * HOUR)
        store.append("mill", batch(*rows))
        rest(store)
        for points in (100, 5_000):
            line = store.downsample("mill", T0, T0 + 4 * HOUR, points=points)
            breaks = line[line.value.isna()]
            assert len(breaks) == 1
            assert T0 + 1_800 * SECOND <= breaks.time_us.iloc[0] < T0 + 3 * HOUR
        assert not store.downsample("mill", T0, T0 + 4 * HOUR, max_gap_us=4 * HOUR).value.isna().any()

    def test_a_matrix_is_windows_by_series(self, store: TelemetryStore, rest: Rest) -> None:
        rows: list[Row] = [
            ("saw", "p", T0, 1.0),
            ("saw", "p", T0 + 30 * SECOND, 3.0),
            ("saw", "q", T0 + MINUTE, 5),
        ]
        store.append("mill", batch(*rows, ("press", "p", T0 + 2 * MINUTE, True)))
        rest(store)
        table = store.matrix("mill", Windows.every(T0, T0 + 3 * MINUTE, MINUTE))
        assert table.columns.tolist() == [("press", "p"), ("saw", "p"), ("saw", "q")]
        assert table.index.tolist() == [T0, T0 + MINUTE, T0 + 2 * MINUTE]
        nan = float("nan")
        expected = np.array([[nan, 2.0, nan], [nan, nan, 5.0], [1.0, nan, nan]])
        np.testing.assert_array_equal(table.to_numpy(), expected)
        largest = store.matrix("mill", Windows.every(T0, T0 + MINUTE, MINUTE), ["saw"], ["p"], measure="max")
        assert largest.iloc[0, 0] == 3.0
        with pytest.raises(InvalidInput, match="median"):
            store.matrix("mill", Windows.every(T0, T0 + MINUTE, MINUTE), measure="median")

    def test_more_points_than_the_limit_are_refused(self, store: TelemetryStore, rest: Rest) -> None:
        store.append("mill", batch(*every(SECOND, 100)))
        rest(store)
        with pytest.raises(TooManyPoints, match="shorter range"):
            store.read("mill", T0, T0 + HOUR, limit=99)
        assert len(store.read("mill", T0, T0 + HOUR, limit=100)) == 100

    def test_a_bulk_load_equals_an_append(self, store: TelemetryStore, rest: Rest) -> None:
        rows = every(7 * SECOND, 3_000)
        frame = pd.DataFrame(rows, columns=["machine", "parameter", "time_us", "value"])
        report = store.bulk_load("mill", frame)
        assert (report.loaded, report.unchanged, report.expired) == (3_000, 0, 0)
        rest(store)
        assert rows_of(store.read("mill", T0, T0 + DAY_US)) == rows
        oracle = Oracle()
        oracle.write(rows)
        checks.same_aggregate(store, oracle, "mill", list(range(T0, T0 + 6 * HOUR + 1, HOUR)))
        checks.same_latest(store, oracle, "mill")

    def test_loading_the_same_file_twice_changes_nothing(self, store: TelemetryStore) -> None:
        frame = pd.DataFrame(every(MINUTE, 3_000), columns=["machine", "parameter", "time_us", "value"])
        store.bulk_load("mill", frame)
        before = store.health("mill").points
        report = store.bulk_load("mill", frame)
        assert (report.loaded, report.unchanged) == (0, 3_000)
        assert store.health("mill").points == before

    def test_a_bulk_load_corrects_what_an_append_wrote_before(self, store: TelemetryStore) -> None:
        store.append("mill", batch(*every(MINUTE, 100)))
        frame = pd.DataFrame(
            {"machine": "saw", "parameter": "power_kw", "time_us": [T0 + MINUTE], "value": [-1.0]}
        )
        assert store.bulk_load("mill", frame).loaded == 1
        assert store.read("mill", T0 + MINUTE, T0 + 2 * MINUTE).value.tolist() == [-1.0]
        assert store.aggregate("mill", Windows.every(T0, T0 + HOUR, HOUR))["min"].tolist() == [-1.0]

    def test_health_says_how_much_there_is_and_how_new(self, store: TelemetryStore) -> None:
        store.append("mill", batch(*every(SECOND, 100)))
        health = store.health("mill")
        assert health.reachable
        assert (health.points, health.newest_us) == (100, T0 + 99 * SECOND)
        assert health.size_bytes > 0
        assert health.version
        settle(store)
        assert store.health("mill").backlog == 0

    def test_a_closed_store_neither_reads_nor_writes(self, store: TelemetryStore) -> None:
        store.append("mill", batch(("saw", "p", T0, 1.0)))
        store.close()
        with pytest.raises(StoreUnavailable):
            store.latest("mill")
        with pytest.raises(StoreUnavailable):
            store.append("mill", batch(("saw", "p", T0, 1.0)))
        assert not store.health("mill").reachable

    def test_many_threads_read_while_one_appends(self, store: TelemetryStore) -> None:
        batches = [every(SECOND, 50, T0 + n * 50 * SECOND) for n in range(40)]
        done, wrong = threading.Event(), list[str]()

        def read() -> None:
            seen = 0
            while not done.is_set():
                times = store.read("mill", T0, T0 + DAY_US).time_us.to_numpy()
                whole = np.array_equal(times, T0 + np.arange(len(times)) * SECOND) and len(times) % 50 == 0
                if not whole or len(times) < seen:
                    wrong.append(f"{len(times)} points after {seen}")
                seen = len(times)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number, rows in enumerate(batches):
            store.append("mill", batch(*rows))
            if number % 3 == 0:
                store.maintain("mill", T0 + DAY_US)
        done.set()
        for reader in readers:
            reader.join()
        assert wrong == []
        assert len(store.read("mill", T0, T0 + DAY_US)) == 2_000


def test_local_days_begin_at_local_midnight() -> None:
    days = Windows.local_days(date(2026, 7, 1), 1, ZoneInfo("Asia/Kolkata"))
    assert datetime.fromtimestamp(days.start_us / 1e6, UTC).isoformat() == "2026-06-30T18:30:00+00:00"


class TestRejectedPoints:
    @pytest.mark.parametrize(
        "value",
        [
            float("nan"),
            float("inf"),
            float("-inf"),
            None,
            2**63,
            -(2**63) - 1,
            b"x",
            [1],
            1j,
            "x" * 5_000,
            "\ud800",
        ],
    )
    @pytest.mark.parametrize("mixed", [False, True])
    def test_a_value_that_cannot_be_kept_is_refused(self, value: object, mixed: bool) -> None:
        rows: list[Row] = [("saw", "p", T0, "on" if mixed else 1.0), ("saw", "p", T0 + 1, value)]
        with pytest.raises(RejectedPoints, match="Point 2 of the batch"):
            batch(*rows)

    @pytest.mark.parametrize("column", [[1.0, np.nan], [1.0, np.inf]])
    def test_a_number_array_with_a_hole_is_refused(self, column: list[float]) -> None:
        with pytest.raises(RejectedPoints, match="Point 2"):
            Batch.of(["a", "a"], ["p", "p"], [T0, T0 + 1], np.array(column), latest_us=LATEST_US)

    @pytest.mark.parametrize("time_us", [0, T0 - 40 * 365 * DAY_US, LATEST_US])
    def test_a_time_out_of_range_is_refused(self, time_us: int) -> None:
        with pytest.raises(RejectedPoints, match="sender's clock"):
            batch(("saw", "p", time_us, 1.0))

    @pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", None, 7])
    @pytest.mark.parametrize("column", ["machine", "parameter"])
    def test_a_key_that_is_no_short_text_is_refused(self, key: object, column: str) -> None:
        keys = {"machine": ["saw", "saw"], "parameter": ["p", "p"], column: ["ok", key]}
        with pytest.raises(RejectedPoints, match=f"Point 2 of the batch: the {column} key"):
            Batch.of(keys["machine"], keys["parameter"], [T0, T0], [1.0, 1.0], latest_us=LATEST_US)

    def test_times_as_text_or_fractions_are_refused(self) -> None:
        with pytest.raises(RejectedPoints, match="whole microseconds"):
            Batch.of(["a"], ["p"], [1.5e15], [1.0], latest_us=LATEST_US)

    def test_a_frame_without_a_column_is_refused_by_name(self) -> None:
        with pytest.raises(RejectedPoints, match="time_us, value"):
            Batch.of_frame(pd.DataFrame({"machine": [], "parameter": []}), latest_us=LATEST_US)

    def test_columns_of_different_length_are_refused(self) -> None:
        with pytest.raises(RejectedPoints, match="length"):
            Batch.of(["a"], ["p"], [T0, T0 + 1], [1.0, 2.0], latest_us=LATEST_US)

    def test_an_empty_batch_is_no_error(self, store: TelemetryStore) -> None:
        assert store.append("mill", Batch.of([], [], [], [], latest_us=LATEST_US)) == 0
        assert store.latest("mill").empty
