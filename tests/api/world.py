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

from app.alerts.out_of_service import OutDraft, remove_from_service
from app.api.application import build_api
from app.auth import passwords, sessions
from app.auth.accounts import create
from app.auth.permissions import ROLES
from app.bootstrap import Access, Gemba, wire
from app.evidence.signing import Signer
from app.jobs.asking import Asked, ask
from app.jobs.context import JobContext
from app.jobs.rhythm import Rhythm
from app.jobs.running import endings
from app.jobs.running.claims import claim_in
from app.jobs.schedules import ScheduleDraft, add_schedule
from app.maintenance.orders import OrderDraft
from app.maintenance.plans import PlanDraft, add_plan
from app.maintenance.working import open_order
from app.people import invitations, keys, roles
from app.predict.anomaly.live import Fitted, put_detector
from app.production.camera.directory import name_workers
from app.production.camera.intake import ingest_activities
from app.production.masters.lines import LineDraft, save_line
from app.production.masters.products import ProductDraft, save_product
from app.production.records.entry import RecordDraft, enter
from app.reports.asking import ask_report
from app.reports.drafts import ReportDraft
from app.reports.making import make_report
from app.rules.drafts import Draft
from app.rules.store import add_rule
from app.settings import Settings
from app.shifts.crews import CrewDraft, save_crew
from app.shifts.days import DayDraft, save_day
from app.shifts.patterns import shifts
from app.shifts.targets import TargetDraft, save_target
from app.shop.fittings import fit_tool
from app.shop.jobs import JobDraft
from app.shop.planning import make_job
from app.shop.tools import ToolDraft, add_tool
from app.simulate.lathes import store as lathes
from app.simulate.lathes.drafts import StartDraft
from app.stops.judging import Judgement, judge
from data.contracts.messages import ActivityMessage
from data.documents.document import Document
from data.models import (
    Account,
    Alert,
    Factory,
    FailureModelVersion,
    ForecastRun,
    Job,
    LiveDetector,
    Machine,
    Parameter,
    Prediction,
    ScanSession,
    StateEvent,
)
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
    ids: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


class Open(httpx.HTTPTransport):
    """The connections to the server stay open between clients, each of which has its own cookies."""

    def close(self) -> None:
        """They end with the process."""


@dataclass
class World:
    """The server's address, its parts, and its plants."""

    address: str
    gemba: Gemba
    clock: StillClock
    plants: dict[str, Plant]
    open: Open = field(default_factory=lambda: Open(verify=False))

    def client(self, plant: str = "north", role: str | None = "admin", **headers: str) -> httpx.Client:
        """A client that is logged in as a role of a plant, or not at all."""
        if role is not None:
            headers["Authorization"] = f"Bearer {self.plants[plant].tokens[role]}"
        return httpx.Client(
            base_url=f"{self.address}/v1", headers=headers, timeout=30, transport=self.open, trust_env=False
        )


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
    plant.ids["line"] = save_line(access, LineDraft("b", f"{plant.slug} hall"))
    plant.ids["product"] = save_product(access, ProductDraft("p2", f"{plant.slug} pipe", cycles={"m1": 2.0}))
    plant.ids["role"] = roles.add_role(access, "inspector", f"{plant.slug} inspector", ["see_plant"])
    made, secret = keys.make_key(access, f"{plant.slug} gateway", ["see_plant", "send_data"])
    plant.ids["key"], plant.tokens["key"] = made.id, secret
    plant.ids["invitation"] = invitations.invite(access, f"guest@{plant.slug}-guests.test").id
    _rule_and_alert(access, plant)
    stopped = (int((NOW - timedelta(hours=hours)).timestamp()) * 1_000_000 for hours in (3, 2))
    plant.ids["judgement"] = judge(access, Judgement("m1", *stopped, "jam", f"{plant.slug} note"))
    plant.ids["order"] = open_order(
        access, OrderDraft("m1", f"{plant.slug} leak", person=f"{plant.slug} Kim")
    )
    plant.ids["plan"] = add_plan(access, PlanDraft("m1", f"{plant.slug} greasing", 1, "month"))
    _shop_floor(access, plant)
    _seen_by_cameras(access, plant)
    _job_and_schedule(access, plant)
    _predicted(access, plant)
    _calendar(access, plant)
    _scored_live(access, plant)
    words = (
        "-secret-press",
        " power",
        " hall",
        " pipe",
        " gateway",
        " Olga",
        "-batch",
        " inspector",
        " overload",
        "-w1",
        "-s1",
        " Ana Diaz",
        " note",
        " finding",
        " weekly",
        " scan",
        " leak",
        " Kim",
        " greasing",
        " insert",
        " bolts",
        " forecast",
        " crew",
        " closure",
        " card",
        " v1",
        " sensor",
        "-bolts-1",
    )
    draft_of_lathe = StartDraft("m2", "mild_steel", "turning", 5, 600.0, seed=1)
    plant.ids["simulation"] = lathes.start(access, draft_of_lathe)
    plant.secrets = {f"@{plant.slug}", *(plant.slug + word for word in words)}


def _rule_and_alert(access: Access, plant: Plant) -> None:
    body = {"conditions": {"parameter": "power_kw", "operator": "gt", "threshold": 58}, "severity": "high"}
    draft = Draft(f"{plant.slug} overload", body, scope="device", target=(plant.ids["machine"],))
    plant.ids["rule"] = add_rule(access, draft)
    with access.write() as session:
        alert = Alert(
            rule_id=plant.ids["rule"], rule_version=1, rule_name=f"{plant.slug} overload",
            machine_id=plant.ids["machine"], severity="high", worst="high",
            raised_us=int(NOW.timestamp() - 120) * 1_000_000, message=f"{plant.slug} is overloaded",
            marks=[[int(NOW.timestamp() - 120) * 1_000_000, 3]], created_at=NOW,
        )  # fmt: skip
        session.add(alert)
        session.flush()
        plant.ids["alert"] = alert.id
        other = session.scalars(select(Machine.id).where(Machine.device_key == "m2")).one()
    plant.ids["out of service"] = remove_from_service(
        access, OutDraft(plant.ids["rule"], other, NOW + timedelta(days=1), f"{plant.slug} sensor")
    )


def _scored_live(access: Access, plant: Plant) -> None:
    now_us = int(NOW.timestamp()) * 1_000_000
    fitted = Fitted(
        "m1", "pca", 60_000_000, 1.0, ("power_kw",), now_us - 86_400_000_000, now_us, 1_440, "0" * 64
    )
    with access.write() as session:
        put_detector(access, session, fitted, "world")
        row = session.scalars(select(LiveDetector)).one()
        row.leading = f"{plant.slug} power"
        plant.ids["detector"] = row.id


def _job_and_schedule(access: Access, plant: Plant) -> None:
    plant.ids["job"] = ask(access, Asked("anomaly", {"machines": ["m1"]}))
    claim = claim_in(access.gemba, plant.id, plant.slug, "world")
    assert claim is not None
    endings.finish(access.gemba, claim, {"text": f"{plant.slug} finding"})
    span = (int((NOW - timedelta(days=1)).timestamp()) * 1_000_000, int(NOW.timestamp()) * 1_000_000)
    plant.ids["report"] = ask_report(
        access, ReportDraft(f"{plant.slug} weekly", "json", ("summary",), ("m1",), (), *span)
    )
    made = claim_in(access.gemba, plant.id, plant.slug, "world")
    assert made is not None
    context = JobContext(access, made, {}, lambda _share, _stage: None)
    with access.read() as session:
        context.parameters.update(session.get_one(Job, made.job_id).parameters)
    endings.finish(access.gemba, made, make_report(context), context.effects)
    daily = ScheduleDraft(f"{plant.slug} scan", "anomaly", Rhythm("daily", 360))
    plant.ids["schedule"] = add_schedule(access, daily).id


def _calendar(access: Access, plant: Plant) -> None:
    early = next(one for one in shifts(access) if one.draft.key == "early")
    crew = CrewDraft("A", f"{plant.slug} crew", ("early", "-"), NOW.date())
    closed = DayDraft(NOW.date() + timedelta(days=90), False, (), f"{plant.slug} closure")
    goal = TargetDraft("oee", 0.75, NOW.date())
    plant.ids |= {
        "shift": early.id, "crew": save_crew(access, crew), "special_day": save_day(access, closed),
        "target": save_target(access, goal),
    }  # fmt: skip


def _predicted(access: Access, plant: Plant) -> None:
    now = int(NOW.timestamp()) * 1_000_000
    hour = 3_600_000_000
    job = {"job_key": "world", "made_us": now - 9 * hour}
    bands = {name: [2.5] for name in ("yhat", "lower_80", "upper_80", "lower_95", "upper_95")}
    body = {"points": {"time_us": [now], **bands}}
    access.gemba.documents.put(plant.slug, "forecasts", [Document("world", now, body)])
    logs = f"{plant.slug}_logs"
    access.gemba.documents.put(plant.slug, logs, [Document(f"{plant.slug}-1", now, {"score": -0.3}, "m1")])
    plant.ids["documents"] = logs
    with access.write() as session:
        forecast = ForecastRun(
            **job, target="energy", machines=["m1"], name=f"{plant.slug} forecast", unit="kWh", step_s=3600,
            steps=1, method="theta", history_start_us=0, start_us=now, end_us=now + hour, total=2.5,
            document="forecasts/world", asked_by=f"admin@{plant.slug}.test",
        )  # fmt: skip
        model = FailureModelVersion(
            **job, machine_key="m1", number=1, method="both", horizon_h=6.0, least_stop_min=30.0, start_us=0,
            end_us=now, hours=400, failures=9, threshold=0.3, base_rate=0.1, beats_naive=True,
            fingerprint="f" * 64, digest="d" * 64, card=f"{plant.slug} card", made_by="x",
        )  # fmt: skip
        told = {"machine_key": "m1", "model": f"{plant.slug} v1", "until_us": now - hour, **job}
        life = {"left_h": 7.0, "lower_h": 3.0, "upper_h": 9.0, "cap_h": 9.0, "since_us": now, "reasons": []}
        risk = Prediction(
            **told, kind="failure", chance=0.4, threshold=0.3, naive=0.1, detail={"reasons": []}
        )
        left = Prediction(**told, kind="life", naive=5.0, detail={**life, "beats_naive": True})
        scan = ScanSession(
            job_key="world", machine_key="m1", method="pca", status="complete", normal_start_us=0,
            normal_end_us=1, start_us=1, end_us=now, begun_us=now, finished_us=now, episodes=1,
            document="scan_sessions/world", asked_by=f"admin@{plant.slug}.test",
        )  # fmt: skip
        session.add_all([forecast, model, risk, left, scan])
        session.flush()
        plant.ids |= {"forecast": forecast.id, "model": model.id}
    episode = {"start_us": now - hour, "end_us": now, "peak": 2.5, "peak_at_us": now, "rows": 60,
               "severity": "high", "contributions": [["power_kw", 0.9]]}  # fmt: skip
    found = Document("world", now, {"episodes": [episode]}, "m1")
    access.gemba.documents.put(plant.slug, "scan_sessions", [found])


def _shop_floor(access: Access, plant: Plant) -> None:
    plant.ids["tool"] = add_tool(access, ToolDraft(5, f"{plant.slug} insert", cuts_like=5, stock=9))
    plant.ids["fitting"] = fit_tool(access, "m1", 5)
    bolts = JobDraft("m1", "billet", f"{plant.slug} bolts", 5, 10, cycle_s=60.0, key=f"{plant.slug}-bolts-1")
    plant.ids["production_job"] = make_job(access, bolts)


def _seen_by_cameras(access: Access, plant: Plant) -> None:
    worker, station = f"{plant.slug}-w1", f"{plant.slug}-s1"
    start = int((NOW - timedelta(hours=3)).timestamp()) * 1_000_000
    with access.write() as session:
        name_workers(session, NOW, {worker: f"{plant.slug} Ana Diaz"})
    ingest_activities(
        access.gemba,
        access.factory,
        [
            ActivityMessage(station, start + minutes * 60_000_000, kind, worker, 0.9, count)
            for minutes, kind, count in ((0, "working", None), (30, "product_count", 6.0), (45, "idle", None))
        ],
    )
    plant.ids |= {"worker": worker, "workstation": station}


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
