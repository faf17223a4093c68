"""Whatever happens to the embedded store, it answers as a plain dict would."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from analytics.errors import RejectedPoints
from data.telemetry import Batch
from data.telemetry.embedded import EmbeddedStore, Retention
from tests.data.telemetry import checks
from tests.data.telemetry.oracle import DAY_US, Oracle

T0 = 1_774_656_000_000_000
"""2026-03-28T00:00:00Z, the eve of a clock change in Europe."""
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
RULES = Retention(
    raw_us=2 * DAY_US, minute_us=4 * DAY_US, compact_every_us=0, merge_segments=3, windows_per_step=1_000
)
FOREVER_US = 2**60

times = st.one_of(
    st.integers(0, 40).map(lambda n: T0 + n * 20 * SECOND),
    st.integers(0, 60).map(lambda n: T0 + 3 * HOUR + n * 7 * SECOND),
    st.integers(0, 5 * 24 * 12).map(lambda n: T0 + n * 5 * MINUTE),
    st.integers(T0, T0 + 5 * DAY_US),
)
values = st.one_of(
    st.floats(-1e6, 1e6),
    st.integers(-(2**63), 2**63 - 1).filter(lambda n: abs(n) < 1_000 or abs(n) > 2**53),
    st.booleans(),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
numbers = st.one_of(st.floats(-1e6, 1e6), st.integers(-100, 100))
rows = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["press", "saw"]), st.just("power_kw"), times, numbers),
        st.tuples(st.just("saw"), st.just("mode"), times, values),
    ),
    min_size=1,
    max_size=40,
)


def batch_of(points: list[tuple[str, str, int, object]]) -> Batch:
    return Batch.of(*map(list, zip(*points, strict=True)), latest_us=T0 + 100 * DAY_US)


class StoreLikeADict(RuleBasedStateMachine):
    """Appends, late and repeated points, bulk loads, upkeep, deletions and restarts in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="telemetry-"))
        self.store = EmbeddedStore.open(self.folder, retention=RULES)
        self.oracle = Oracle()
        self.now_us = T0 + DAY_US

    @rule(points=rows)
    def append(self, points: list[tuple[str, str, int, object]]) -> None:
        if any(self.oracle.shut(time_us) for _, _, time_us, _ in points):
            with pytest.raises(RejectedPoints, match="nothing of the batch was stored"):
                self.store.append("mill", batch_of(points))
        else:
            assert self.store.append("mill", batch_of(points)) == len(points)
            self.oracle.write(points)

    @rule(points=rows)
    def append_in_time_order(self, points: list[tuple[str, str, int, object]]) -> None:
        self.append(sorted(points, key=lambda row: row[2]))

    @rule(points=rows)
    def bulk_load(self, points: list[tuple[str, str, int, object]]) -> None:
        kept = [row for row in points if not self.oracle.shut(row[2])]
        report = self.store.bulk_load("mill", batch_of(points))
        assert report.expired == len(points) - len(kept)
        self.oracle.write(kept)
        assert self.store.bulk_load("mill", batch_of(points)).loaded == 0

    @rule(hours=st.sampled_from([0, 0, 0, 5, 30]))
    def maintain(self, hours: int) -> None:
        self.now_us += hours * HOUR
        self.store.maintain("mill", self.now_us)
        self.oracle.expire(self.now_us - RULES.raw_us)
        assert self.store.health("mill").backlog == 0

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = EmbeddedStore.open(self.folder, retention=RULES)

    @rule(machine=st.sampled_from(["press", "saw"]))
    def delete(self, machine: str) -> None:
        assert self.store.delete("mill", machine) == self.oracle.delete(machine)

    @rule(a=times, b=times)
    def read_a_part(self, a: int, b: int) -> None:
        checks.same_points(self.store, self.oracle, "mill", min(a, b), max(a, b))

    def first_open_us(self) -> int:
        """The start of the days that still hold all their points."""
        return max([T0, *((day + 1) * DAY_US for day in self.oracle.closed)])

    @rule(a=times, b=times, step=st.sampled_from([SECOND * 45, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR]))
    def aggregate_a_part(self, a: int, b: int, step: int) -> None:
        start = max(min(a, b), self.first_open_us())
        edges = [start, *range(start // step * step + step, min(start + 50 * step, max(a, b)), step)]
        edges.append(max(edges[-1] + 1, min(start + 50 * step, max(a, b))))
        checks.same_aggregate(self.store, self.oracle, "mill", edges)

    @rule(a=times, b=times, gap=st.sampled_from([10 * SECOND, 30 * SECOND, 6 * MINUTE, 2 * HOUR]))
    def integrate_a_part(self, a: int, b: int, gap: int) -> None:
        start = max(min(a, b), self.first_open_us() + gap)
        end = max(a, b, start + 2)
        inner = {start + (end - start) // 3, end // HOUR * HOUR}
        edges = sorted({start, end, *(edge for edge in inner if start < edge < end)})
        checks.same_integral(self.store, self.oracle, "mill", edges, gap)

    @rule(a=times, b=times, points=st.integers(4, 60))
    def draw_a_part(self, a: int, b: int, points: int) -> None:
        start = max(min(a, b), self.first_open_us())
        checks.keeps_every_peak(self.store, self.oracle, "mill", start, max(a, b, start + 1), points)

    @invariant()
    def agrees(self) -> None:
        checks.same_points(self.store, self.oracle, "mill", 0, FOREVER_US)
        checks.same_latest(self.store, self.oracle, "mill")

    @invariant()
    def whole_hours_outlive_the_points(self) -> None:
        edges = list(range(T0, T0 + 5 * DAY_US + 1, 6 * HOUR))
        checks.same_aggregate(self.store, self.oracle, "mill", edges, archived=True)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


TestStoreLikeADict = StoreLikeADict.TestCase
TestStoreLikeADict.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
