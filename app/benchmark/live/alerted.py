"""How soon an alert is there while 500 machines send: rules in a process of their own, as on a server.

`python -m app.benchmark.live.alerted HOME` is that process.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select

from analytics.errors import GembaError
from app.auth.sessions import service
from app.benchmark.live.spikes import RULES
from app.bootstrap import Access, Gemba, wire
from app.rules.drafts import Draft
from app.rules.service import RuleService
from app.rules.store import add_rule
from app.settings import ROOT, Settings
from data.models import Alert
from data.queries.plant import CONFIGURATION_DAY, bump

EVERY_S: Final = 0.5
"""As on a server: `app.services`."""
LOOK_EVERY_S: Final = 0.05
LIMIT, EXIT = 100.0, 90.0
BODY: Final = {
    "conditions": {"parameter": "metric_00", "operator": "gt", "threshold": LIMIT, "exit": EXIT},
    "severity": "high", "cooldown_minutes": 0,
}  # fmt: skip


def make_rules(gemba: Gemba, slug: str, machines: int) -> None:
    """One rule on each of the first machines."""
    principal = service(gemba.database, slug, "benchmark")
    assert principal is not None  # noqa: S101 - the factory was made just before
    access = Access(gemba, principal)
    with access.write() as session:
        bump(session, {CONFIGURATION_DAY})
    for number in range(min(RULES, machines)):
        add_rule(access, Draft(f"Rule {number}", BODY, scope="device", target=(number + 1,)))


@dataclass(slots=True)
class Seen:
    """Seconds from the publication of what raised an alert until a reader of the store sees the alert."""

    waits: list[float] = field(default_factory=list)


@contextmanager
def watching(gemba: Gemba, factory_id: int, seen: Seen) -> Iterator[None]:
    """Evaluate the rules in a process of their own, and look again and again which alerts are there."""
    over = threading.Event()
    command = [sys.executable, "-m", "app.benchmark.live.alerted", str(gemba.settings.home)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603
    assert process.stdout is not None  # noqa: S101 - asked for above
    process.stdout.readline()
    looking = threading.Thread(target=_look, args=(gemba, factory_id, seen, over))
    looking.start()
    try:
        yield
        time.sleep(3 * EVERY_S)
    finally:
        over.set()
        looking.join()
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _look(gemba: Gemba, factory_id: int, seen: Seen, over: threading.Event) -> None:
    last = 0
    while not over.wait(LOOK_EVERY_S):
        with gemba.database.read(factory_id) as session:
            rows = session.execute(
                select(Alert.id, Alert.raised_us).where(Alert.id > last).order_by(Alert.id)
            ).all()
        now = time.time()
        for number, raised_us in rows:
            seen.waits.append(now - raised_us / 1e6)
            last = number


def evaluate(home: Path) -> None:
    """Rounds over all rules, once a second, until the process is ended."""
    settings = Settings(home=home, database_url="", telemetry_url="", documents_url="")
    gemba = wire(settings, telemetry_read_only=True, is_up_to_date=True)
    rules = RuleService(gemba)
    rules.round()
    print("ready", flush=True)
    while True:
        begun = time.monotonic()
        try:
            rules.round()
        except GembaError as error:
            print(error, file=sys.stderr)
        time.sleep(max(0.0, EVERY_S - (time.monotonic() - begun)))


if __name__ == "__main__":
    evaluate(Path(sys.argv[1]))
