"""The telemetry store as a plain dict: slow, obvious, and what every engine must agree with."""

import math
import statistics
from itertools import pairwise

DAY_US = 86_400_000_000
Key = tuple[str, str]
Cell = tuple[str, str, int]


class Oracle:
    """Points of one factory by (machine, parameter) and time."""

    def __init__(self) -> None:
        self.points: dict[Key, dict[int, object]] = {}
        self.archived: dict[Key, dict[int, object]] = {}
        self.closed: set[int] = set()

    def write(self, rows: list[tuple[str, str, int, object]]) -> None:
        for machine, parameter, time_us, value in rows:
            self.points.setdefault((machine, parameter), {})[time_us] = value

    def shut(self, time_us: int) -> bool:
        return time_us // DAY_US in self.closed

    def delete(self, machine: str) -> int:
        gone = [key for key in self.known() if key[0] == machine]
        for key in gone:
            self.points.pop(key, None)
            self.archived.pop(key, None)
        return len(gone)

    def known(self) -> list[Key]:
        return sorted(self.points.keys() | self.archived.keys())

    def expire(self, before_us: int) -> None:
        for key, held in self.points.items():
            for time_us in [t for t in held if (t // DAY_US + 1) * DAY_US <= before_us]:
                self.closed.add(time_us // DAY_US)
                self.archived.setdefault(key, {})[time_us] = held.pop(time_us)

    def read(self, start_us: int, end_us: int) -> list[tuple[str, str, int, object]]:
        return [
            (*key, time_us, held[time_us])
            for key, held in sorted(self.points.items())
            for time_us in sorted(held)
            if start_us <= time_us < end_us
        ]

    def latest(self) -> dict[Key, tuple[int, object]]:
        newest = {}
        for key in self.known():
            held = self.archived.get(key, {}) | self.points.get(key, {})
            newest[key] = (max(held), held[max(held)])
        return newest

    def numbers(self, start_us: int, end_us: int, *, archived: bool) -> dict[Key, list[tuple[int, float]]]:
        found = {}
        for key in self.known():
            held = dict(self.archived.get(key, {})) if archived else {}
            held |= self.points.get(key, {})
            inside = [
                (t, float(v))
                for t, v in sorted(held.items())
                if start_us <= t < end_us and not isinstance(v, str)
            ]
            if inside:
                found[key] = inside
        return found

    def aggregate(self, edges: list[int], *, archived: bool) -> dict[Cell, dict[str, float]]:
        found = {}
        for start_us, end_us in pairwise(edges):
            for key, inside in self.numbers(start_us, end_us, archived=archived).items():
                found[(*key, start_us)] = measures([value for _, value in inside])
        return found

    def integral(self, edges: list[int], max_gap_us: int) -> dict[Cell, tuple[float, float, float]]:
        """Area, covered seconds, and the area if all values were positive (the scale of its rounding)."""
        found: dict[Cell, tuple[float, float, float]] = {}
        for key, series in self.numbers(-(2**62), 2**62, archived=False).items():
            for (t0, v0), (t1, v1) in pairwise(series):
                if t1 - t0 > max_gap_us:
                    continue
                for begin, end in pairwise(edges):
                    a, b = max(t0, begin), min(t1, end)
                    if a < b:
                        left, right = (v0 + (v1 - v0) * (t - t0) / (t1 - t0) for t in (a, b))
                        area, seconds, scale = found.get((*key, begin), (0.0, 0.0, 0.0))
                        length = (b - a) / 1e6
                        found[(*key, begin)] = (
                            area + (left + right) / 2 * length / 3600,
                            seconds + length,
                            scale + (abs(left) + abs(right)) / 2 * length / 3600,
                        )
        return found


def measures(values: list[float]) -> dict[str, float]:
    return {
        "scale": math.fsum(map(abs, values)),
        "count": len(values),
        "mean": math.fsum(values) / len(values),
        "min": min(values),
        "max": max(values),
        "sum": math.fsum(values),
        "first": values[0],
        "last": values[-1],
        "std": statistics.stdev(values) if len(values) > 1 else math.nan,
    }
