"""The API: how fast lists and single objects come, and how many lists one process serves a second.

A server of its own serves 100 machines from a throw-away folder; clients ask over real connections.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from socket import socket

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analytics.errors import StoreUnavailable
from analytics.vocabulary import State
from app.auth.accounts import create
from app.auth.passwords import new_password
from app.bootstrap import Gemba, wire
from app.people.first import first_administrator
from app.settings import ROOT, Settings
from data.models import Machine, Parameter, PerformanceRecord, StateEvent, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch

EMAIL = "benchmark@gemba.local"
SINGLE_ROUNDS = 300
CONNECTIONS = 8
LOAD_S = 8.0
DAYS = 90


def run(machines: int) -> Iterator[str]:
    """Yield one line per figure: each path alone (median and 95th percentile), then lists under load."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        password = new_password()
        _make(home, machines, password)
        with served(home) as port:
            token = _log_in(port, password)
            end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            for name, path in (
                ("devices, 20 a page", "/v1/devices"),
                ("devices, 100 a page", "/v1/devices?per_page=100"),
                ("one device", "/v1/devices/1"),
                ("parameters of a device", "/v1/devices/1/parameters"),
                ("live KPIs of a device", "/v1/devices/1/kpis/live"),
                ("records, 20 a page", "/v1/records"),
                ("one record", "/v1/records/1"),
                ("users", "/v1/users"),
                ("alerts, 20 a page", "/v1/alerts"),
                ("KPI history, a day", _history(end, 1, "5m")),
                ("KPI history, 90 days", _history(end, DAYS, "1h")),
                ("dashboard summary", "/v1/dashboard/summary"),
            ):
                took = _alone(port, token, path)
                yield (
                    f"{name}: median {np.median(took) * 1000:.1f} ms, "
                    f"95th percentile {np.quantile(took, 0.95) * 1000:.1f} ms"
                )
            took = _loaded(port, token, "/v1/devices")
            yield (
                f"lists of 20 devices over {CONNECTIONS} connections: {len(took) / LOAD_S:.0f} a second, "
                f"95th percentile {np.quantile(took, 0.95) * 1000:.1f} ms"
            )


def _history(end: str, days: int, interval: str) -> str:
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86_400))
    return f"/v1/devices/1/kpis/history?parameter=p0&start={start}&end={end}&interval={interval}"


def _make(home: Path, machines: int, password: str) -> None:
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""))
    try:
        first_administrator(gemba.database, gemba.clock())
        with gemba.database.write(1) as session:
            for number in range(machines):
                row = Machine(
                    device_key=f"M{number:03}",
                    name=f"Machine {number}",
                    created_at=gemba.clock(),
                    updated_at=gemba.clock(),
                )
                session.add(row)
                session.flush()
                for place in range(5):
                    session.add(Parameter(machine_id=row.id, key=f"p{place}", unit="kW", is_kpi=True))
                _add_records(gemba, row.id, session.add)
                _add_states(session, row.id, to_us(gemba.clock()))
            bump(session, {CONFIGURATION_DAY})
        create(
            gemba.database,
            email=EMAIL,
            name="Benchmark",
            password=password,
            factory_slug="plant",
            role="admin",
            now=gemba.clock(),
        )
        _add_telemetry(gemba, machines)
    finally:
        gemba.close()


def _add_records(gemba: Gemba, machine_id: int, add: object) -> None:
    assert callable(add)  # noqa: S101 - the session's own method
    for day in range(DAYS):
        start = gemba.clock() - timedelta(days=day + 1)
        add(
            PerformanceRecord(
                machine_id=machine_id,
                start_us=to_us(start),
                end_us=to_us(start + timedelta(hours=8)),
                planned_s=27_000,
                operating_s=24_000,
                downtime_s=3_000,
                output=1_000,
                good=980,
                created_at=start,
                updated_at=start,
            )
        )


def _add_telemetry(gemba: Gemba, machines: int) -> None:
    """Five signals of each machine every five minutes, a day at a time."""
    now_us = to_us(gemba.clock())
    keys = [(f"M{number:03}", f"p{place}") for number in range(machines) for place in range(5)]
    steps = 288
    for day in range(DAYS, 0, -1):
        times = now_us - day * 86_400_000_000 + np.arange(steps) * 300_000_000
        gemba.telemetry.append(
            "plant",
            Batch.of(
                [machine for machine, _ in keys for _ in range(steps)],
                [parameter for _, parameter in keys for _ in range(steps)],
                np.tile(times, len(keys)),
                np.tile(np.arange(steps) % 17.0, len(keys)),
                latest_us=now_us,
            ),
        )
    while gemba.telemetry.maintain("plant", now_us).compacted_points:
        continue


def _add_states(session: Session, machine_id: int, now_us: int) -> None:
    """A stop of a quarter of an hour every two hours."""
    hours = np.arange(0, DAYS * 24, 2) * 3_600_000_000
    starts = np.sort(np.concatenate([hours, hours + 900_000_000])) + now_us - DAYS * 86_400_000_000
    session.execute(
        insert(StateEvent),
        [
            {"machine_id": machine_id, "start_us": int(at), "state": state, "received_us": int(at)}
            for at, state in zip(starts, cycle((State.DOWN, State.RUNNING)), strict=False)
        ],
    )


@contextmanager
def served(home: Path, only: str = "api") -> Iterator[int]:
    """The real server command with its API and other parts, stopped at the end; its port."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {
        "GEMBA_HOME": str(home),
        "GEMBA_API_RATE_PER_MINUTE": "10000000",
        "GEMBA_API_RATE_PER_ADDRESS": "10000000",
        "GEMBA_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "app", "serve", "--only", only, "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if _get(http.client.HTTPConnection("127.0.0.1", port), "/v1/factories", {})[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise StoreUnavailable("The server of the benchmark did not start.")


def _log_in(port: int, password: str) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"factory_id": 1, "email": EMAIL, "password": password})
    connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    found = json.loads(connection.getresponse().read())
    return {"Authorization": f"Bearer {found['access_token']}"}


def _get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    connection.request("GET", f"/api{path}", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _alone(port: int, headers: dict[str, str], path: str) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(SINGLE_ROUNDS):
        started = time.perf_counter()
        status, body = _get(connection, path, headers)
        took.append(time.perf_counter() - started)
        if status != 200:
            raise StoreUnavailable(f"{path} answered {status}: {body[:200]!r}")
    return took


def _loaded(port: int, headers: dict[str, str], path: str) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + LOAD_S

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until:
            started = time.perf_counter()
            if _get(connection, path, headers)[0] == 200:
                took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took
