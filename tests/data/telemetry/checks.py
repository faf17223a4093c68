"""Comparisons of a store's answers with the oracle's."""

import numpy as np
import pytest

from data.telemetry import MEASURES, TelemetryStore, Windows
from tests.data.telemetry.oracle import Oracle


def same_points(store: TelemetryStore, oracle: Oracle, factory: str, start_us: int, end_us: int) -> None:
    frame = store.read(factory, start_us, end_us)
    found = list(zip(frame.machine, frame.parameter, frame.time_us, frame.value.tolist(), strict=True))
    expected = oracle.read(start_us, end_us)
    assert found == expected
    assert [type(row[3]) for row in found] == [type(row[3]) for row in expected]


def same_latest(store: TelemetryStore, oracle: Oracle, factory: str) -> None:
    frame = store.latest(factory)
    values = zip(frame.machine, frame.parameter, frame.time_us, frame.value.tolist(), strict=True)
    assert {(m, p): (t, v) for m, p, t, v in values} == oracle.latest()


def same_aggregate(
    store: TelemetryStore, oracle: Oracle, factory: str, edges: list[int], *, archived: bool = False
) -> None:
    frame = store.aggregate(factory, Windows(np.array(edges)))
    expected = oracle.aggregate(edges, archived=archived)
    assert list(zip(frame.machine, frame.parameter, frame.start_us, strict=True)) == sorted(expected)
    for row in frame.itertuples(index=False):
        right = expected[row.machine, row.parameter, row.start_us]
        for name in MEASURES:
            wanted = right[name]
            if name in {"mean", "sum", "std"}:
                wanted = pytest.approx(wanted, rel=1e-9, abs=1e-12 * right["scale"] + 1e-150, nan_ok=True)
            assert getattr(row, name) == wanted, (name, row)


def same_integral(
    store: TelemetryStore, oracle: Oracle, factory: str, edges: list[int], max_gap_us: int
) -> None:
    frame = store.integral(factory, Windows(np.array(edges)), max_gap_us=max_gap_us)
    expected = oracle.integral(edges, max_gap_us)
    assert list(zip(frame.machine, frame.parameter, frame.start_us, strict=True)) == sorted(expected)
    for row in frame.itertuples(index=False):
        area, seconds, scale = expected[row.machine, row.parameter, row.start_us]
        assert row.integral_h == pytest.approx(area, rel=1e-9, abs=1e-12 * scale + 1e-150)
        assert row.covered_s == pytest.approx(seconds)


def keeps_every_peak(
    store: TelemetryStore, oracle: Oracle, factory: str, start_us: int, end_us: int, points: int
) -> None:
    frame = store.downsample(factory, start_us, end_us, points=points)
    expected = oracle.numbers(start_us, end_us, archived=False)
    assert set(zip(frame.machine, frame.parameter, strict=True)) == set(expected)
    for (machine, parameter), series in expected.items():
        line = frame[(frame.machine == machine) & (frame.parameter == parameter)]
        assert len(line) <= points
        assert line.time_us.is_monotonic_increasing
        drawn = line.dropna(subset="value")
        assert set(zip(drawn.time_us, drawn.value, strict=True)) <= set(series)
        assert drawn.value.max() == max(value for _, value in series)
        assert drawn.value.min() == min(value for _, value in series)
