"""Two small plants behind a real server, an account of each role in both, and one object of each kind."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from app.api.application import build_api
from app.auth import passwords, sessions
from app.auth.accounts import create
from app.auth.permissions import ROLES
from app.bootstrap import Access, Gemba, wire
from app.evidence.signing import Signer
from app.people import invitations, keys, roles
from app.production.records import RecordDraft, enter
from app.settings import Settings
from data.models import Account, Factory, Machine, Parameter, StateEvent
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch
from tests.conftest import StillClock, make_factory

PASSWORD = "gravel lantern otter pudding"
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@dataclass
class Plant:
    """One factory: its id, a token per role, and the id of one object of each kind."""

    id: int
    slug: str
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


@dataclass
class World:
    """The server's address, its parts, and its plants."""

    address: str
    gemba: Gemba
    clock: StillClock
    plants: dict[str, Plant]

    def client(self, plant: str = "north", role: str | None = "admin", **headers: str) -> httpx.Client:
        """A client that is logged in as a role of a plant, or not at all."""
        if role is not None:
            headers["Authorization"] = f"Bearer {self.plants[plant].tokens[role]}"
        return httpx.Client(base_url=f"{self.address}/v1", headers=headers, timeout=30, verify=False)


def acting(gemba: Gemba, slug: str, role: str = "super_admin") -> Access:
    """The access of a role's account in a plant."""
    with gemba.database.read(None) as session:
        factory = session.scalars(select(Factory).where(Factory.slug == slug)).one()
        account = session.scalars(select(Account).where(Account.email == f"{role}@{slug}.test")).one()
    from app.auth.principal import Principal

    who = Principal(account.id, account.email, account.name, role, ROLES[role], sessions.profile(factory))
    return Access(gemba, who)


def _plant(gemba: Gemba, slug: str) -> Plant:
    plant = Plant(make_factory(gemba, slug), slug)
    for role in ROLES:
        account = create(
            gemba.database, email=f"{role}@{slug}.test", name=f"{slug} {role}", password=PASSWORD,
            factory_slug=slug, role=role, now=gemba.clock(),
        )  # fmt: skip
        opened = gemba.tokens.open(account, plant.id, client=f"{slug}-browser", now=gemba.clock())
        plant.tokens[role] = opened.access
        plant.ids[f"session.{role}"] = opened.principal.session_id or 0
        plant.ids[f"user.{role}"] = account
    _objects(gemba, plant)
    return plant


def _objects(gemba: Gemba, plant: Plant) -> None:
    access = acting(gemba, plant.slug)
    with access.write() as session:
        machine = session.scalars(select(Machine).where(Machine.device_key == "m1")).one()
        machine.name = f"{plant.slug}-secret-press"
        one = Parameter(machine_id=machine.id, key="power_kw", display_name=f"{plant.slug} power", unit="kW",
                        is_kpi=True)  # fmt: skip
        session.add(one)
        start = int((NOW - timedelta(hours=5)).timestamp()) * 1_000_000
        for offset, state in ((0, 1), (2 * 3600, 5), (3 * 3600, 1)):
            session.add(
                StateEvent(
                    machine_id=machine.id, start_us=start + offset * 1_000_000, state=state, received_us=0
                )
            )
        bump(session, {CONFIGURATION_DAY, start // 86_400_000_000})
        session.flush()
        plant.ids |= {"machine": machine.id, "parameter": one.id}
    times = [int((NOW - timedelta(minutes=m)).timestamp()) * 1_000_000 for m in range(60, 0, -1)]
    gemba.telemetry.append(
        plant.slug,
        Batch.of(
            ["m1"] * 60,
            ["power_kw"] * 60,
            times,
            [float(i) for i in range(60)],
            latest_us=times[-1] + 60_000_000,
        ),
    )
    draft = RecordDraft(
        plant.ids["machine"], NOW - timedelta(days=1, hours=8), NOW - timedelta(days=1), 28_000, 25_000,
        3_000, 1000, 990, operator=f"{plant.slug} Olga", batch=f"{plant.slug}-batch",
    )  # fmt: skip
    plant.ids["record"] = enter(access, draft)
    plant.ids["role"] = roles.add_role(access, "inspector", f"{plant.slug} inspector", ["see_plant"])
    made, secret = keys.make_key(access, f"{plant.slug} gateway", ["see_plant", "send_data"])
    plant.ids["key"], plant.tokens["key"] = made.id, secret
    plant.ids["invitation"] = invitations.invite(access, f"guest@{plant.slug}-guests.test").id
    words = ("-secret-press", " power", " gateway", " Olga", "-batch", " inspector")
    plant.secrets = {f"@{plant.slug}", *(plant.slug + word for word in words)}


@contextmanager
def made_world(home: Path, **given: Any) -> Iterator[World]:
    """The two plants and a server, with cheap password digests and no rate limit unless one is given."""
    before, passwords.ROUNDS = passwords.ROUNDS, 4
    passwords._nobody.cache_clear()
    limits = {"api_rate_per_minute": 10_000_000, "api_rate_per_address": 10_000_000, **given}
    clock = StillClock(NOW)
    stores = {"database_url": "", "telemetry_url": "", "documents_url": ""}
    settings = Settings(home=home, **{**stores, **limits})
    gemba = wire(settings, clock)
    try:
        plants = {slug: _plant(gemba, slug) for slug in ("north", "south")}
        Signer(gemba).round(["north", "south"])
        with served(build_api(settings, lambda: gemba)) as address:
            yield World(address, gemba, clock, plants)
    finally:
        gemba.close()
        passwords.ROUNDS = before
        passwords._nobody.cache_clear()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A real server on a free port in a thread of its own."""
    config = uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
