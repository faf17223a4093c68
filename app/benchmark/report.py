"""A report of many machines over 30 days: seconds and memory of each format, in a process of its own."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile
from app.bootstrap import Access, Gemba, wire
from app.reports.drafts import FORMATS, ReportDraft
from app.reports.making import made
from app.settings import Settings
from data.models import Factory, Line, Machine, Parameter, ProductionCount, Shift, StateEvent, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAYS: Final = 30
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
SIGNALS: Final = ("power_kw", "temperature", "vibration", "speed")
STATE_STEP_US: Final = HOUR_US // 2
SEED: Final = 20_260_304


def run(machines: int) -> Iterator[str]:
    """Yields a line per format: what a plant of so many machines with a value a minute and signal costs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", telemetry_url="", documents_url="")
        points = _fork(_filled, settings, machines)
        yield f"{machines} machines, {DAYS} days, {points:,} points of telemetry"
        for form in FORMATS:
            seconds, before_mb, peak_mb, size = _fork(_measured, settings, form)
            yield (
                f"{form:<6} {seconds:6.1f} s, peak {peak_mb:4.0f} MB ({before_mb:.0f} MB before it began), "
                f"{size / 1e6:.1f} MB of file"
            )


def _fork(work: Any, *given: Any) -> Any:
    """The answer of a function from a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, given))
    process.start()
    sender.close()
    found = receiver.recv()
    process.join()
    return found


def _child(out: Connection, work: Any, given: tuple[Any, ...]) -> None:
    out.send(work(*given))


def _measured(settings: Settings, form: str) -> tuple[float, float, float, int]:
    gemba = wire(settings, telemetry_read_only=True)
    access = _access(gemba)
    end = to_us(access.now) // DAY_US * DAY_US
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    begun = time.perf_counter()
    body, _ = made(access, f"benchmark-{form}", ReportDraft("", form), (end - DAYS * DAY_US, end))
    seconds = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    gemba.close()
    return seconds, before_mb, peak_mb, len(body)


def _access(gemba: Gemba) -> Access:
    with gemba.database.read(None) as session:
        row = session.query(Factory).one()
    who = Principal(0, "benchmark", "benchmark", "admin", ROLES["admin"], profile(row))
    return Access(replace(gemba), who)


def _filled(settings: Settings, machines: int) -> int:
    """Make the plant: states every half hour, counts every hour, four signals a minute."""
    gemba = wire(settings)
    now = gemba.clock()
    with gemba.database.write(None) as session:
        factory = Factory(slug="bench", name="Benchmark", timezone="Europe/Berlin", day_start_min=360,
                          created_at=now)  # fmt: skip
        session.add(factory)
        session.flush()
        factory_id = factory.id
    end = to_us(now) // DAY_US * DAY_US
    random = np.random.default_rng(SEED)
    points = 0
    for number in range(machines):
        _machine(gemba, factory_id, number, end, random)
        points += _signals(gemba, number, end, random)
    for _ in range(40):
        if not gemba.telemetry.maintain("bench", to_us(gemba.clock() + timedelta(hours=1))).compacted_points:
            break
    gemba.close()
    return points


def _machine(gemba: Gemba, factory_id: int, number: int, end: int, random: np.random.Generator) -> None:
    start, key = end - 2 * DAYS * DAY_US, f"m{number:03}"
    with gemba.database.write(factory_id) as session:
        if number == 0:
            session.add(Line(key="a", name="Line A"))
            for shift, begins in (("early", 360), ("late", 840), ("night", 1_320)):
                session.add(Shift(key=shift, name=shift, start_min=begins, end_min=(begins + 480) % 1_440))
        now = gemba.clock()
        machine = Machine(device_key=key, name=key, ideal_cycle_s=10.0, created_at=now, updated_at=now)
        session.add(machine)
        session.flush()
        for name in SIGNALS:
            unit = "kW" if name == "power_kw" else ""
            session.add(Parameter(machine_id=machine.id, key=name, display_name=name, unit=unit, is_kpi=True))
        states = random.choice([1, 1, 1, 2, 5], (end - start) // STATE_STEP_US).tolist()
        session.add_all(
            StateEvent(machine_id=machine.id, start_us=start + k * STATE_STEP_US, state=s, received_us=0)
            for k, s in enumerate(states)
        )
        session.add_all(
            ProductionCount(machine_id=machine.id, start_us=at, end_us=at + HOUR_US, good=200.0, scrap=4.0,
                            received_us=0)
            for at in range(start, end, HOUR_US)
        )  # fmt: skip
        bump(session, {CONFIGURATION_DAY, *range(start // DAY_US, end // DAY_US + 1)})


def _signals(gemba: Gemba, number: int, end: int, random: np.random.Generator) -> int:
    times = np.arange(end - DAYS * DAY_US, end, 60_000_000, dtype=np.int64)
    walks = np.cumsum(random.normal(0, 0.1, (len(SIGNALS), len(times))), axis=1) + 50
    frame = pd.DataFrame(
        {
            "machine": f"m{number:03}",
            "parameter": np.repeat(SIGNALS, len(times)),
            "time_us": np.tile(times, len(SIGNALS)),
            "value": walks.ravel(),
        }
    )
    return gemba.telemetry.bulk_load("bench", frame).loaded
