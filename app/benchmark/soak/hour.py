"""A day of factory time in an hour: what does the server hold at the end that it did not hold before?"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx

from analytics.errors import StoreUnavailable
from app.benchmark.pages.overview import Visitor, visit
from app.benchmark.soak.plant import FastClock, Floor, cookies, make, served
from app.benchmark.watched import Held, held, processor_s
from data.models import to_us

FACTOR: Final = 24.0
PAGES: Final = 5
QUERY: Final = "t_range=24+hours"
"""What a page shows is as long at the end as at the beginning; "today" would grow."""
WARM_SHARE: Final = 0.25
END_SHARE: Final = 0.25
SAMPLE_S: Final = 5.0
JOB_S: Final = 60.0
MOST_TRIES: Final = 20
AGAIN_S: Final = 1.0
MOST_GROWTH: Final = 0.05


@dataclass
class Seen:
    """What was watched, each with the seconds since the beginning."""

    held: list[tuple[float, Held]] = field(default_factory=list)
    pages_s: list[tuple[float, float]] = field(default_factory=list)
    asks_s: list[tuple[float, float]] = field(default_factory=list)
    sent: int = 0
    refused: int = 0
    sent_again: int = 0
    """How often the intake asked to send again."""
    jobs: int = 0
    busy: float = 0.0


def run(machines: int, minutes: float = 60.0) -> Iterator[str]:
    """Yields one line per figure; so many machines for so many minutes, at 24 times the clock."""
    length_s = minutes * 60.0
    with tempfile.TemporaryDirectory(prefix="gemba-soak-") as folder:
        home, start = Path(folder), datetime.now(UTC) - timedelta(seconds=(length_s + 300.0) * FACTOR)
        entry = make(home, start, machines)
        clock = FastClock(time.time(), start, FACTOR)
        with served(home, clock) as (address, process):
            yield f"{machines} machines, {length_s * FACTOR / 3_600:.1f} h of factory time in {minutes:g} min"
            tokens = cookies(home, clock, address, entry, PAGES + 1)
            floor = Floor(machines, to_us(clock()))
            seen = asyncio.run(_soaked(address, process, clock, floor, (entry.key, tokens), length_s))
    yield from told(seen, length_s)


async def _soaked(
    address: str, process: int, clock: FastClock, floor: Floor, entry: tuple[str, list[str]], length_s: float
) -> Seen:
    key, tokens = entry
    seen, begun, used = Seen(), time.monotonic(), processor_s(process)
    until = begun + length_s
    async with httpx.AsyncClient(headers={"X-API-Key": key}, timeout=60, base_url=address) as client:
        visitors = [await visit(address, token, QUERY) for token in tokens]
        for one in visitors:
            await one.run()
        work = [
            _feed(client, clock, floor, seen, until),
            _ask_for_jobs(client, seen, until),
            _watch(process, visitors[0], client, seen, (begun, until)),
            *(one.stay(until, place) for place, one in enumerate(visitors[1:])),
        ]
        await asyncio.gather(*work)
        for one in visitors:
            await one.socket.close()
    seen.busy = (processor_s(process) - used) / (time.monotonic() - begun)
    return seen


async def _feed(client: httpx.AsyncClient, clock: FastClock, floor: Floor, seen: Seen, until: float) -> None:
    """What the machines say, once a second."""
    while time.monotonic() < until:
        begun = time.monotonic()
        waiting = floor.items(to_us(clock()))
        for first in range(0, len(waiting), 5_000):
            outcomes = await sent(client, waiting[first : first + 5_000], seen)
            seen.sent += len(outcomes)
            seen.refused += sum(one["status"] >= 400 for one in outcomes)
        await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - begun)))


async def sent(client: httpx.AsyncClient, items: list[dict[str, Any]], seen: Seen) -> list[dict[str, Any]]:
    """The outcome of each message; while the store is busy they are sent again, as machines do."""
    for _ in range(MOST_TRIES):
        answer = await client.post("/api/v1/ingest/batch", json={"items": items})
        if answer.status_code == httpx.codes.MULTI_STATUS:
            found: list[dict[str, Any]] = answer.json()["items"]
            return found
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        seen.sent_again += 1
        await asyncio.sleep(AGAIN_S)
    raise StoreUnavailable(f"The intake answered {answer.status_code}: {answer.text[:200]}")


async def _ask_for_jobs(client: httpx.AsyncClient, seen: Seen, until: float) -> None:
    while time.monotonic() < until:
        answer = await client.post("/api/v1/analytics/jobs", json={"job_type": "identity_check"})
        seen.jobs += answer.status_code == 201
        await asyncio.sleep(min(JOB_S, max(0.0, until - time.monotonic())))


async def _watch(
    process: int, visitor: Visitor, client: httpx.AsyncClient, seen: Seen, span: tuple[float, float]
) -> None:
    begun, until = span
    while time.monotonic() < until:
        at = time.monotonic() - begun
        seen.held.append((at, held(process)))
        await visitor.run()
        seen.pages_s.append((at, visitor.runs_s[-1]))
        asked = time.perf_counter()
        (await client.get("/api/v1/dashboard/summary")).raise_for_status()
        seen.asks_s.append((at, time.perf_counter() - asked))
        await asyncio.sleep(SAMPLE_S)


def told(seen: Seen, length_s: float) -> Iterator[str]:
    """What was held after warm-up and at the end, each a median, and the verdict."""
    warm_s, end_s = length_s * WARM_SHARE, length_s * (1.0 - END_SHARE)
    middle_s = warm_s + (length_s - warm_s) * END_SHARE
    first = [one for at, one in seen.held if warm_s <= at < middle_s]
    last = [one for at, one in seen.held if at >= end_s]
    yield (
        f"{seen.sent:,} messages ({seen.refused:,} refused, {seen.sent_again} batches sent again), "
        f"{seen.jobs} jobs, {seen.busy:.0%} of one core"
    )
    yield f"{'':<28} {'after warm-up':>14} {'at the end':>12} {'change':>10}"
    for name, pick in (
        ("memory, MB", lambda one: one.memory_mb),
        ("descriptors", lambda one: float(one.descriptors)),
        ("threads", lambda one: float(one.threads)),
    ):
        yield _line(name, [pick(one) for one in first], [pick(one) for one in last])
    for name, found in (("overview, ms", seen.pages_s), ("dashboard summary, ms", seen.asks_s)):
        early = [1e3 * took for at, took in found if warm_s <= at < middle_s]
        yield _line(name, early, [1e3 * took for at, took in found if at >= end_s])
    grown = median(one.memory_mb for one in last) / median(one.memory_mb for one in first) - 1.0
    word = "held" if grown < MOST_GROWTH else "missed"
    yield f"memory grows by less than {MOST_GROWTH:.0%} after warm-up: {word} ({grown:+.1%})"


def _line(name: str, early: list[float], late: list[float]) -> str:
    before, after = median(early), median(late)
    return f"{name:<28} {before:>14,.0f} {after:>12,.0f} {after / before - 1.0:>+10.1%}"
