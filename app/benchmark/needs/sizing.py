"""What many plants need: disk, cores and processes from measured rates, and where each part stops growing."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

DAY_S: Final = 86_400.0
GB: Final = 1e9
BUSY: Final = 0.6
"""How much of a core one process is given: above it, answers begin to queue."""
REFRESH_S: Final = 0.030
REQUESTS_PER_S: Final = 371.0
MESSAGES_PER_S: Final = 2_323.0
MONGODB_POINTS_PER_S: Final = 22_400.0
MONGODB_BYTES: Final = 24.2
"""From `docs/benchmarks.md`: a refresh of the overview, lists a second of the API, messages of 20 values a
second of one ingest process, points a second of one MongoDB and the bytes that each takes."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one process does, measured: see `app.benchmark.needs.cost`."""

    bytes_per_point: float
    points_per_s: float
    checks_per_s: float
    commits_per_s: float
    job_s: float


@dataclass(frozen=True, slots=True)
class PlantLoad:
    """One plant, an assumption: 50 machines with 20 signals every 10 s, watched on a dozen open pages."""

    machines: int = 50
    signals: int = 20
    every_s: float = 10.0
    rules_per_machine: int = 3
    open_pages: int = 12
    refresh_every_s: float = 5.0
    requests_per_s: float = 2.0
    commits_per_s: float = 2.0
    jobs_per_day: float = 50.0
    job_s: float = 20.0
    raw_days: float = 90.0

    @property
    def messages_per_s(self) -> float:
        """Messages with one value of each signal."""
        return self.machines / self.every_s

    @property
    def points_per_s(self) -> float:
        """Values."""
        return self.messages_per_s * self.signals


@dataclass(frozen=True, slots=True)
class Part:
    """What one part needs; `load` 1.0 keeps one process busy all the time, `processes` is what carries it."""

    name: str
    load: float
    processes: int
    limit: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What so many plants need together."""

    plants: int
    points_per_s: float
    disk_gb: float
    engine: str
    parts: tuple[Part, ...]

    @property
    def load(self) -> float:
        """Of all parts."""
        return sum(one.load for one in self.parts)

    @property
    def processes(self) -> int:
        """Of all parts."""
        return sum(one.processes for one in self.parts)


def needs(plants: int, rates: Rates, load: PlantLoad | None = None) -> Needs:
    """What do so many plants of that load need?

    Disk holds the raw values of `raw_days`. The embedded store is taken while one process can read all
    messages (`BUSY` of a core) and write all points; beyond that telemetry is in MongoDB.
    """
    one = load or PlantLoad()
    points = plants * one.points_per_s
    ingest = plants * one.messages_per_s / MESSAGES_PER_S
    is_embedded = ingest <= BUSY and points <= BUSY * rates.points_per_s
    size = rates.bytes_per_point if is_embedded else MONGODB_BYTES
    servers = 0 if is_embedded else ceil(points / (BUSY * MONGODB_POINTS_PER_S))
    engine = (
        "embedded" if is_embedded else f"MongoDB, {servers} server{'s' if servers > 1 else ''} of 2 cores"
    )
    return Needs(
        plants, points, points * size * DAY_S * one.raw_days / GB, engine, tuple(_parts(plants, one, rates))
    )


def _parts(plants: int, one: PlantLoad, rates: Rates) -> Iterator[Part]:
    messages, checks = plants * one.messages_per_s, BUSY * rates.checks_per_s
    pages = plants * one.open_pages / one.refresh_every_s * REFRESH_S
    a_day = plants * one.jobs_per_day * (one.job_s + rates.job_s)
    commits = plants * one.commits_per_s / rates.commits_per_s
    shown = BUSY / REFRESH_S * one.refresh_every_s
    yield _part("ingest", messages / MESSAGES_PER_S, f"{BUSY * MESSAGES_PER_S:,.0f} messages/s a process")
    yield _part(
        "rules",
        messages * one.rules_per_machine / rates.checks_per_s,
        f"{checks:,.0f} checks/s a process, and one process at a time per factory",
    )
    yield _part("pages", pages, f"{shown:,.0f} open pages a process")
    api = plants * one.requests_per_s / REQUESTS_PER_S
    yield _part("api", api, f"{BUSY * REQUESTS_PER_S:,.0f} requests/s a process")
    yield _part("jobs", a_day / DAY_S, "a job takes one core; two run in a process at a time")
    said = f"{BUSY * rates.commits_per_s:,.0f} commits/s a server; then one per group of plants"
    yield _part("relational servers", commits, said)


def _part(name: str, load: float, limit: str) -> Part:
    return Part(name, load, max(1, ceil(load / BUSY)), limit)


def table(found: list[Needs]) -> Iterator[str]:
    """The needs side by side, a column per number of plants, and below each part where it stops."""
    yield _row("plants", [f"{one.plants:,}" for one in found])
    yield _row("points a second", [f"{one.points_per_s:,.0f}" for one in found])
    yield _row("disk for raw values, GB", [f"{one.disk_gb:,.0f}" for one in found])
    yield _row("telemetry", [one.engine.split(",")[0] for one in found])
    for place, part in enumerate(found[0].parts):
        cells = [f"{one.parts[place].load:.2f} / {one.parts[place].processes}" for one in found]
        yield _row(f"{part.name}: load / processes", cells)
    yield _row("together: load / processes", [f"{one.load:.1f} / {one.processes}" for one in found])
    yield "where each part stops:"
    for part in found[0].parts:
        yield f"  {part.name}: {part.limit}"
    for one in found:
        if one.engine != "embedded":
            yield f"  telemetry of {one.plants:,} plants: {one.engine}"


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<34}" + "".join(f"{cell:>16}" for cell in cells)
