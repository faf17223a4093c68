"""The timeline of many machines over seven days: how long the server and a browser need for the page.

A server of its own shows a throw-away plant; the page is asked for by the pages' own protocol, and then by
a real browser.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import numpy as np
from sqlalchemy import insert

from analytics.vocabulary import State
from app.auth.accounts import create
from app.auth.passwords import new_password
from app.auth.sessions import COOKIE, open_ticket
from app.benchmark.api import EMAIL, served
from app.benchmark.pages.drawn import drawn
from app.benchmark.pages.overview import visit
from app.bootstrap import Gemba, wire
from app.people.first import first_administrator
from app.settings import Settings
from data.models import Machine, StateEvent, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAYS: Final = 7
A_DAY: Final = 100
"""State changes of a machine a day."""
WARM: Final = 5
DAY_US: Final = 86_400_000_000
PAGE, QUERY = "timeline", "t_range=7+days"
DRAWN: Final = ".st-key-card-gantt .gemba-lanes[data-state=ready]"


def run(machines: int) -> Iterator[str]:
    """Yield one line per figure: the first run in the process, warm runs, and the bytes of one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, database_url="", telemetry_url="", documents_url="")
        gemba = wire(settings)
        try:
            account = _make(gemba, machines)
        finally:
            gemba.close()
        with served(home, "ui,api") as port:
            address = f"http://127.0.0.1:{port}"
            token = _token(settings, account, address)
            yield from asyncio.run(_measure(address, token, machines))
            yield from _in_browser(address, token, machines)


def _make(gemba: Gemba, machines: int) -> int:
    """Machines that change between running and short stops, without a pattern; who looks at them."""
    chance = np.random.default_rng(7)
    now_us = to_us(gemba.clock())
    start_us = now_us - (DAYS + 1) * DAY_US
    first_administrator(gemba.database, gemba.clock())
    with gemba.database.write(1) as session:
        for number in range(machines):
            row = Machine(
                device_key=f"M{number:03}", name=f"Machine {number}", created_at=gemba.clock(),
                updated_at=gemba.clock(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            times = np.sort(chance.integers(start_us, now_us, (DAYS + 1) * A_DAY)).tolist()
            states = (State.RUNNING, State.DOWN, State.RUNNING, State.IDLE, State.RUNNING, State.SETUP)
            session.execute(
                insert(StateEvent),
                [
                    {"factory_id": 1, "machine_id": row.id, "start_us": at, "received_us": at,
                     "state": int(states[place % len(states)])}
                    for place, at in enumerate(times)
                ],
            )  # fmt: skip
        days = range(start_us // DAY_US, now_us // DAY_US + 1)
        bump(session, {CONFIGURATION_DAY, *days})
    return create(
        gemba.database, email=EMAIL, name="Benchmark", password=new_password(), factory_slug="plant",
        role="admin", now=gemba.clock(),
    )  # fmt: skip


def _token(settings: Settings, account: int, address: str) -> str:
    gemba = wire(settings, telemetry_read_only=True)
    try:
        ticket = open_ticket(
            gemba.database, account, 1, life=timedelta(hours=1), client="benchmark", now=gemba.clock()
        )
    finally:
        gemba.close()
    return httpx.get(f"{address}/auth/open", params={"ticket": ticket}, timeout=60).cookies[COOKIE]


def _in_browser(address: str, token: str, machines: int) -> Iterator[str]:
    named = f"timeline of {machines} machines over {DAYS} days, in a browser"
    found = list(drawn(address, token, f"{PAGE}?{QUERY}", DRAWN))
    if not found:
        yield f"{named}: not measured, Playwright or Chromium is missing"
        return
    opened, reached = zip(*found, strict=True)
    yield (
        f"{named}: from the overview by the menu {reached[0]:.2f} s the first time, then "
        f"{median(reached[1:]):.2f} s until it is drawn"
    )
    yield (
        f"{named}: in a new window {opened[0]:.2f} s the first time, then {median(opened[1:]):.2f} s, "
        "the start of the app among them"
    )


async def _measure(address: str, token: str, machines: int) -> list[str]:
    visitor = await visit(address, token)
    await visitor.run(page=PAGE, query=QUERY)
    first_bytes = visitor.bytes_received
    for _ in range(WARM):
        await visitor.run(page=PAGE, query=QUERY)
    await visitor.socket.close()
    named = f"timeline of {machines} machines over {DAYS} days"
    return [
        f"{named}, first run in this process: {visitor.runs_s[0]:.2f} s",
        f"{named}, warm: {1000 * median(visitor.runs_s[1:]):.0f} ms (median of {WARM})",
        f"{named}, bytes of the first run: {first_bytes:,}",
    ]
