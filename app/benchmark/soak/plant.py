"""The plant of the soak: made once, served on a fast clock, and fed with what its machines send."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any, Final

import httpx
import numpy as np
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from app.auth.permissions import ROLES, SUPER_ADMIN
from app.auth.principal import Principal
from app.auth.sessions import COOKIE, open_ticket, profile
from app.benchmark.soak.past import COUNT_US, EVERY_US, SIGNALS, STATE_CHANCE, STATES, key, lay_down
from app.benchmark.watched import end_with_parent
from app.bootstrap import Access, wire
from app.people.keys import make_key
from app.rules.drafts import Draft
from app.rules.store import add_rule
from app.settings import ROOT, Settings
from data.models import Account, Factory, Line, Machine, Membership, Shift, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

SLUG: Final = "plant"
PAST_DAYS: Final = 2
EVERY_S: Final = EVERY_US // 1_000_000
COUNT_S: Final = COUNT_US // 1_000_000
LINES: Final = 4
DAY_US: Final = 86_400_000_000
START_WITHIN_S: Final = 300.0
RULES: Final[dict[str, tuple[str, float]]] = {"Hot": ("temperature", 68.0), "Shakes": ("vibration", 62.0)}


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that shows `start` at the real time `begun_s` and goes `factor` times as fast."""

    begun_s: float
    start: datetime
    factor: float

    def __call__(self) -> datetime:
        """Now."""
        return self.start + timedelta(seconds=(time.time() - self.begun_s) * self.factor)


@dataclass(frozen=True, slots=True)
class Entry:
    """How to come in: the key of the machines, and whose pages are open."""

    key: str
    account_id: int
    factory_id: int


def settings_of(home: Path) -> Settings:
    """The embedded stores, and no limit for the machines' one key."""
    return Settings(
        home=home, database_url="", telemetry_url="", documents_url="", mqtt_url="", log_level="warning",
        api_rate_per_minute=1_000_000, api_rate_per_address=1_000_000, session_hours=72.0,
    )  # fmt: skip


def make(home: Path, start: datetime, machines: int) -> Entry:
    """The plant with its rules and its last days as of `start`; what is needed to send to it and to look."""
    gemba = wire(settings_of(home), lambda: start)
    try:
        now = gemba.clock()
        with gemba.database.write(None) as session:
            factory = Factory(slug=SLUG, name="Plant", timezone="UTC", day_start_min=0, created_at=now)
            account = Account(email="soak@gemba.local", name="Soak", password_hash="", created_at=now)
            session.add_all([factory, account])
            session.flush()
            number, who, shown = factory.id, account.id, profile(factory)
        with gemba.database.write(number) as session:
            session.add(Membership(factory_id=number, account_id=who, role=SUPER_ADMIN))
            for shift, begins in (("early", 360), ("late", 840), ("night", 1_320)):
                session.add(Shift(key=shift, name=shift, start_min=begins, end_min=(begins + 480) % 1_440))
            session.add_all(Line(key=f"line-{place}", name=f"Line {place}") for place in range(LINES))
            session.flush()
            ids = list(session.scalars(select(Line.id).order_by(Line.id)))
            session.add_all(
                Machine(
                    device_key=key(one), name=f"Machine {one}", line_id=ids[one % LINES],
                    ideal_cycle_s=6.0, created_at=now, updated_at=now,
                )
                for one in range(machines)
            )  # fmt: skip
            bump(session, {CONFIGURATION_DAY})
        access = Access(gemba, Principal(who, "soak@gemba.local", "Soak", "admin", ROLES["admin"], shown))
        for name, (parameter, threshold) in RULES.items():
            body = {"conditions": {"parameter": parameter, "operator": "gt", "threshold": threshold}}
            add_rule(access, Draft(name, {**body, "severity": "high"}, scope="global"))
        _, secret = make_key(access, "Machines", ["send_data", "run_analytics", "see_plant"])
        end_us = to_us(gemba.clock())
        lay_down(gemba, shown, machines, end_us - PAST_DAYS * DAY_US, end_us)
        return Entry(secret, who, number)
    finally:
        gemba.close()


@contextmanager
def served(home: Path, clock: FastClock) -> Iterator[tuple[str, int]]:
    """The address and the process of a server with all parts, on that clock; ended afterwards."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(home, clock, port))
    process.start()
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address)
        yield address, process.pid or 0
    finally:
        process.terminate()
        process.join(30)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(home: Path, clock: FastClock, port: int) -> None:
    end_with_parent()
    os.chdir(ROOT)
    import uvicorn

    from app.logs import set_up
    from app.server import build

    settings = settings_of(home)
    set_up(settings)
    app: Any = build(settings, clock)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False,
                ws_per_message_deflate=False)  # fmt: skip


def _wait(address: str) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise StoreUnavailable("The server of the benchmark did not start.")


def cookies(home: Path, clock: FastClock, address: str, entry: Entry, pages: int) -> list[str]:
    """One log-in session per page, opened as the log-in form does; a ticket lasts a minute of that clock."""
    gemba = wire(settings_of(home), clock, telemetry_read_only=True, is_up_to_date=True)
    found = []
    try:
        for _ in range(pages):
            ticket = open_ticket(
                gemba.database, entry.account_id, entry.factory_id,
                life=timedelta(hours=72), client="benchmark", now=gemba.clock(),
            )  # fmt: skip
            answer = httpx.get(f"{address}/auth/open", params={"ticket": ticket}, timeout=30)
            found.append(answer.cookies[COOKIE])
    finally:
        gemba.close()
    return found


@dataclass
class Floor:
    """The machines: what all of them have to say since they last spoke."""

    machines: int
    told_us: int
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    states: dict[int, int] = field(default_factory=dict)
    counted_us: int = 0

    def items(self, now_us: int) -> list[dict[str, Any]]:
        """Readings at every step of 12 s, states when they change, counts every ten minutes."""
        found: list[dict[str, Any]] = []
        step_us = EVERY_S * 1_000_000
        for at_us in range(self.told_us + step_us, now_us, step_us):
            self.told_us = at_us
            values = self.random.normal(50.0, 5.0, (self.machines, len(SIGNALS))).round(2)
            for number in range(self.machines):
                metrics = dict(zip(SIGNALS, values[number].tolist(), strict=True))
                found.append(_item(number, "telemetry", at_us, metrics=metrics))
                if self.random.random() < STATE_CHANCE or number not in self.states:
                    state = int(self.random.choice(STATES))
                    if self.states.get(number) != state:
                        self.states[number] = state
                        found.append(_item(number, "state", at_us, state=state))
        self.counted_us = self.counted_us or self.told_us
        if self.told_us - self.counted_us >= COUNT_S * 1_000_000:
            begin, self.counted_us = self.counted_us, self.told_us
            found += [_counted(number, begin, self.told_us) for number in range(self.machines)]
        return found


def _item(number: int, kind: str, at_us: int, **data: Any) -> dict[str, Any]:
    return {"machine": key(number), "kind": kind, "data": {"timestamp": _moment(at_us), **data}}


def _counted(number: int, begin_us: int, end_us: int) -> dict[str, Any]:
    data = {"start": _moment(begin_us), "end": _moment(end_us), "good": 60 + number % 7, "scrap": number % 3}
    return {"machine": key(number), "kind": "count", "data": data}


def _moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat()
