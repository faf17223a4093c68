"""Open pages that refresh themselves: how long the server needs for one, and how busy many keep a core.

Speaks the pages' own protocol over websockets, as browsers do, without the browsers' own work.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

import httpx
from sqlalchemy import select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from analytics.errors import ConfigurationError
from app.auth.sessions import COOKIE, open_ticket
from app.benchmark.watched import processor_s
from app.bootstrap import wire
from app.demo_accounts import read
from app.settings import Settings, load
from data.models import Account, Membership

WATCH_S = 30.0


@dataclass
class Visitor:
    """One open page: its socket, the fragments that refresh, and how long each run took on the server."""

    socket: ClientConnection
    query: str = ""
    """The page's address after the question mark, where a run names no other."""
    refreshing: dict[str, float] = field(default_factory=dict)
    runs_s: list[float] = field(default_factory=list)
    refreshes_s: list[float] = field(default_factory=list)
    bytes_received: int = 0

    async def run(self, fragment: str = "", page: str = "", query: str = "") -> None:
        """Ask for a run of the page or of one fragment, and read until it has finished."""
        ask = BackMsg()
        ask.rerun_script.query_string = query or self.query
        ask.rerun_script.page_name = page
        if fragment:
            ask.rerun_script.fragment_id = fragment
            ask.rerun_script.is_auto_rerun = True
        started = time.perf_counter()
        await self.socket.send(ask.SerializeToString())
        while True:
            raw = await asyncio.wait_for(self.socket.recv(), 60)
            self.bytes_received += len(raw)
            message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if kind == "auto_rerun":
                self.refreshing[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            if kind == "script_finished":
                break
        (self.refreshes_s if fragment else self.runs_s).append(time.perf_counter() - started)

    async def stay(self, until: float, offset: float) -> None:
        """Keep the page open: refresh its fragments when their time has come."""
        await asyncio.sleep(offset)
        while time.monotonic() < until:
            begun = time.monotonic()
            for fragment in list(self.refreshing):
                await self.run(fragment)
            wait = min(self.refreshing.values(), default=5.0)
            await asyncio.sleep(max(0.0, wait - (time.monotonic() - begun)))


def run(pages: int) -> Iterator[str]:
    """Measure the overview of the running demo plant; yields one line per figure.

    Needs `make demo` running in another terminal: its address and state folder come from the settings.
    """
    settings = load()
    document = read(settings.home)
    if document is None:
        raise ConfigurationError(f"There is no demo plant in {settings.home}: start `make demo` first.")
    tokens = _tokens(settings, str(document["address"]), pages)
    yield from asyncio.run(_measure(str(document["address"]), tokens))


def _tokens(settings: Settings, address: str, pages: int) -> list[str]:
    """One log-in session per page, opened as the log-in form does."""
    gemba = wire(settings, telemetry_read_only=True)
    try:
        with gemba.database.read(None) as session:
            member = session.scalars(select(Membership).where(Membership.role == "manager")).first()
            if member is None or session.get(Account, member.account_id) is None:
                raise ConfigurationError("The demo plant has no manager to log in as.")
        life = timedelta(hours=1)
        tickets = [
            open_ticket(
                gemba.database, member.account_id, member.factory_id,
                life=life, client="benchmark", now=gemba.clock(),
            )
            for _ in range(min(pages, 50))
        ]  # fmt: skip
    finally:
        gemba.close()
    found = []
    for ticket in tickets:
        answer = httpx.get(f"{address}/auth/open", params={"ticket": ticket})
        found.append(answer.cookies[COOKIE])
    return [found[number % len(found)] for number in range(pages)]


async def visit(address: str, token: str, query: str = "") -> Visitor:
    """A page that is open with that log-in; nothing has run in it yet."""
    url = address.replace("http://", "ws://") + "/_stcore/stream"
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": address}
    return Visitor(await connect(url, additional_headers=headers, max_size=None), query)


async def _measure(address: str, tokens: list[str]) -> list[str]:
    lines = []
    first = await visit(address, tokens[0])
    await first.run()
    for _ in range(5):
        await first.run()
    lines.append(f"overview, first run in this process: {1000 * first.runs_s[0]:.0f} ms")
    lines.append(f"overview, warm: {1000 * median(first.runs_s[1:]):.0f} ms (median of 5)")
    lines.append(f"overview, bytes of one run: {first.bytes_received // len(first.runs_s):,}")
    visitors = [first]
    for token in tokens[1:]:
        visitor = await visit(address, token)
        await visitor.run()
        visitors.append(visitor)
    process = _server(address)
    if process is None:
        lines.append("the server's process was not found on this machine: its load is not measured")
        return lines
    for visitor in visitors:
        visitor.refreshes_s.clear()
    before, started = processor_s(process), time.monotonic()
    offsets = [5.0 * number / len(visitors) for number in range(len(visitors))]
    until = started + WATCH_S
    await asyncio.gather(*(v.stay(until, o) for v, o in zip(visitors, offsets, strict=True)))
    busy = (processor_s(process) - before) / (time.monotonic() - started)
    every = [seconds for visitor in visitors for seconds in visitor.refreshes_s]
    lines.append(
        f"{len(visitors)} open overviews, refreshed every 5 s: {busy:.0%} of one core "
        f"({len(every)} refreshes, median {1000 * median(every):.0f} ms)"
    )
    for visitor in visitors:
        await visitor.socket.close()
    return lines


def _server(address: str) -> int | None:
    """The process that serves the address, found by its command line."""
    port = address.rsplit(":", 1)[1]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"uvicorn" in words and port.encode() in words:
            return int(folder.name)
    return None
