"""kill -9 of the notifier under load: no message is lost, and each kill repeats at most the one in hand."""

import os
import random
import signal
import time
from collections import Counter
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.bootstrap import Gemba, wire
from app.notify.channels import Draft, add_channel
from app.settings import Settings
from data.models import NotifyAttempt, NotifyMessage, NotifyNotice
from tests.app.notify.conftest import make_person, notice, tell
from tests.app.notify.receiver import web_server
from tests.app.sources.plants import run_sql
from tests.conftest import make_factory
from tests.crash.notify.notifier import deliver

CYCLES = int(os.environ.get("GEMBA_TEST_KILLS", "20"))
WAITING = 10
"""So many messages wait at least whenever a kill comes."""


SERVER = get_context("forkserver")
SERVER.set_forkserver_preload(["tests.crash.notify.notifier"])


def begun(home: Path, host: str) -> BaseProcess:
    """A notifier that has started."""
    is_begun = SERVER.Event()
    process = SERVER.Process(target=deliver, args=(home, host, is_begun), daemon=True)
    process.start()
    assert is_begun.wait(60)
    return process


def killed(process: BaseProcess) -> None:
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    process.close()


def free(home: Path) -> None:
    """What three minutes would do: the dead process's claim has ended."""
    run_sql(f"sqlite:///{home / 'gemba.db'}", "UPDATE notify_message SET lease_until_us = 0")


def numbers(posted: list[int | None]) -> range:
    """Numbers for the next alerts, which no rule or machine has had before: each is a message of its own."""
    return range(len(posted), len(posted) + WAITING)


def still_open(gemba: Gemba, factory_id: int) -> int:
    with gemba.database.read(factory_id) as session:
        new = session.scalar(select(func.count(NotifyNotice.id)).where(~NotifyNotice.is_spread))
        unsent = session.scalar(select(func.count(NotifyMessage.id)).where(NotifyMessage.state != "sent"))
    return (new or 0) + (unsent or 0)


@pytest.mark.timeout(300 + 5 * CYCLES)
def test_a_killed_notifier_loses_nothing_and_repeats_at_most_what_it_had_in_hand(tmp_path: Path) -> None:
    home, chance = tmp_path / "var", random.Random(11)
    with web_server() as web:
        gemba = wire(
            Settings(
                home=home, database_url="", telemetry_url="", documents_url="", notify_allow_hosts=web.host
            )
        )
        factory_id = make_factory(gemba, "north")
        who = make_person(gemba, "manager", factory_id)
        add_channel(who, Draft("webhook", "Hook", web.url(), "low"), of_factory=True)
        posted: list[int | None] = []
        for _ in range(CYCLES):
            process = begun(home, web.host)
            until = time.monotonic() + 0.6 + 0.8 * chance.random()
            while time.monotonic() < until:
                if still_open(gemba, factory_id) < WAITING:
                    batch = [notice(gemba, subject=f"R{n}", machine_key=f"m{n}") for n in numbers(posted)]
                    tell(gemba, factory_id, *batch)
                    posted += [one.alert_id for one in batch]
                time.sleep(0.02)
            killed(process)
            free(home)
        process = begun(home, web.host)
        deadline = time.monotonic() + 120
        while still_open(gemba, factory_id) and time.monotonic() < deadline:
            time.sleep(0.2)
        killed(process)
        assert still_open(gemba, factory_id) == 0
        arrived = Counter(one.json["id"] for one in web.requests)
        told = {each["alert_id"] for one in web.requests for each in one.json["notices"]}
        assert told == set(posted)
        assert len(arrived) == len(posted)
        assert sum(arrived.values()) - len(arrived) <= CYCLES
        with gemba.database.read(factory_id) as session:
            outcomes = Counter(session.scalars(select(NotifyAttempt.outcome)))
        assert outcomes["sent"] == len(posted)
        assert outcomes["interrupted"] >= 3, "the kills came between messages only: they prove little"
        gemba.close()
