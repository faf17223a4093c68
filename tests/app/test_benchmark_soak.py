"""The soak's clock, its machines, and what it says of a server that grows."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import httpx
import pytest

from analytics.errors import StoreUnavailable
from app.benchmark.soak import hour as soak
from app.benchmark.soak import plant as soak_plant
from app.benchmark.soak.hour import Seen, told
from app.benchmark.soak.plant import COUNT_S, EVERY_S, FastClock, Floor
from app.benchmark.watched import Held, end_with_parent, held
from app.bootstrap import wire
from data.models import to_us
from data.queries.production import production_counts, state_events

START = datetime(2026, 3, 4, tzinfo=UTC)
LENGTH_S = 400.0


def test_a_day_passes_in_an_hour():
    clock = FastClock(time.time() - 3_600.0, START, 24.0)
    assert (clock() - START).total_seconds() == pytest.approx(86_400.0, abs=60.0)


def test_the_machines_say_each_thing_once_whenever_they_are_asked():
    begin = round(START.timestamp()) * 1_000_000
    often, seldom = Floor(3, begin), Floor(3, begin)
    hour = [one for minute in range(1, 61) for one in often.items(begin + minute * 60_000_000)]
    at_once = seldom.items(begin + 3_600_000_000)
    told_at = [
        one["data"]["timestamp"] for one in hour if one["kind"] == "telemetry" and one["machine"] == "m001"
    ]
    assert told_at == sorted(set(told_at))
    assert len(told_at) == 3_600 // EVERY_S - 1
    assert [one for one in hour if one["kind"] == "telemetry"] == [
        one for one in at_once if one["kind"] == "telemetry"
    ]
    counts = [one["data"] for one in hour if one["kind"] == "count" and one["machine"] == "m002"]
    assert len(counts) == 3_600 // COUNT_S - 1
    assert all(one["end"] == other["start"] for one, other in itertools.pairwise(counts))


@pytest.mark.parametrize(("slope", "word"), [(0.0, "held (+0.0%)"), (0.001, "missed (+")])
def test_a_server_that_grows_after_its_warm_up_is_told(slope, word):
    seen = Seen(sent=10)
    for at in range(0, int(LENGTH_S), 5):
        seen.held.append((at, Held(400.0 * (1.0 + slope * at), 50, 30)))
        seen.pages_s.append((at, 0.05))
        seen.asks_s.append((at, 0.01))
    lines = list(told(seen, LENGTH_S))
    assert word in lines[-1]
    [descriptors] = [line for line in lines if line.startswith("descriptors")]
    assert descriptors.split()[1:] == ["50", "50", "+0.0%"]


def test_this_process_holds_memory_descriptors_and_threads():
    found = held(os.getpid())
    assert found.memory_mb > 20
    assert found.descriptors > 2
    assert found.threads >= 1


def test_the_plant_begins_with_whole_days_of_states_counts_and_values_behind_it(tmp_path, monkeypatch):
    monkeypatch.setattr(soak_plant, "PAST_DAYS", 1)
    entry = soak_plant.make(tmp_path, START, 2)
    gemba = wire(soak_plant.settings_of(tmp_path), lambda: START)
    try:
        end_us = to_us(START)
        begin_us = end_us - 86_400_000_000
        with gemba.database.read(entry.factory_id) as session:
            counts = production_counts(session, begin_us, end_us)
            states = state_events(session, begin_us, end_us)
        values = gemba.telemetry.read(soak_plant.SLUG, begin_us, end_us)
    finally:
        gemba.close()
    assert len(counts) == 2 * 86_400 // COUNT_S
    assert (counts["start_us"].min(), counts["end_us"].max()) == (begin_us, end_us)
    assert len(values) == 2 * len(soak_plant.SIGNALS) * 86_400 // EVERY_S
    assert set(states["machine"]) == set(counts["machine"])
    hours = (states["start_us"] - begin_us) // 3_600_000_000
    assert hours.nunique() > 20


@pytest.mark.parametrize(("answers", "again"), [([207], 0), ([503, 503, 207], 2)])
def test_messages_are_sent_again_while_the_store_is_busy(answers, again, monkeypatch):
    monkeypatch.setattr(soak, "AGAIN_S", 0.0)
    assert _asked(answers) == ([{"status": 201}], again)


def test_another_refusal_of_the_intake_ends_the_soak():
    with pytest.raises(StoreUnavailable, match="answered 401"):
        _asked([401])


def _asked(answers: list[int]) -> tuple[list[dict[str, int]], int]:
    """What the intake said of one message, and how often it was sent again; it answers in that order."""
    waiting, seen = iter(answers), Seen()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(next(waiting), json={"items": [{"status": 201}]})

    async def sent() -> list[dict[str, int]]:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(answer), base_url="http://plant"
        ) as client:
            return await soak.sent(client, [{}], seen)

    return asyncio.run(sent()), seen.sent_again


def _server(is_deaf: bool) -> None:
    """Stands for the server of a benchmark: it serves until it is told to end, or does not even hear that."""
    if is_deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(within_s=1.0)
    print(os.getpid(), flush=True)
    time.sleep(120.0)


def _benchmark(is_deaf: bool) -> None:
    """Stands for a benchmark that serves."""
    get_context("spawn").Process(target=_server, args=(is_deaf,)).start()
    time.sleep(120.0)


@pytest.mark.parametrize("is_deaf", [False, True])
def test_what_a_benchmark_spawned_ends_when_the_benchmark_is_killed(is_deaf):
    order = f"from tests.app.test_benchmark_soak import _benchmark; _benchmark({is_deaf})"
    with subprocess.Popen([sys.executable, "-c", order], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 30.0
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.1)
    try:
        assert not _runs(child)
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _runs(process: int) -> bool:
    """Whether it is there and not only waiting to be collected."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
