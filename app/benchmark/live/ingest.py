"""How many messages a second go from publish to committed, next to paho + json + one insert a message?"""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from analytics.errors import ConfigurationError
from app.benchmark.live.alerted import Seen, make_rules, watching
from app.benchmark.live.spikes import RULES
from app.bootstrap import Gemba, wire
from app.ingest.mqtt import MqttIntake
from app.ingest.stream import Arrived, Stream, Taken
from app.settings import ROOT, Settings
from data.models import Factory, Machine

METRICS: Final = tuple(f"metric_{place:02}" for place in range(20))
SECONDS: Final = 20.0
RATE: Final = 4_000
"""Messages a second that are offered: more than either reader takes."""
PACED: Final = 2_050
"""Messages a second that are offered while alerts are waited for: what a plant of this size sends."""
FAST: Final = 1_000
"""After so many changes a broker syncs that keeps pace with many connections: see docs/mosquitto.conf."""
DRAIN_S: Final = 120.0
SLUG: Final = "plant"
FROM: Final = f"factories/{SLUG}/devices/"


def run(machines: int, seconds: float = SECONDS) -> list[str]:
    """Publish the messages of so many machines for so long to each of the two readers.

    First over a broker that syncs each change, as shipped: it then sets the pace, not the reader. Then over
    one that syncs every 1,000 changes, where both readers can show theirs. At last at a plant's own pace,
    with rules on many machines: how soon is an alert there?
    """
    lines = []
    for changes in (1, FAST):
        with tempfile.TemporaryDirectory(prefix="gemba-benchmark-") as folder:
            place = Path(folder)
            with _broker(place, changes) as port:
                ours, spent = _ours(place, port, machines, seconds)
                lines.append(_line(f"Gemba, broker syncs every {changes:,} changes", *ours))
                lines.append(f"{'  where the time goes':<52} {spent}")
                if changes > 1:
                    plain = _plain(place, port, machines, seconds)
                    lines.append(_line("paho + json + one insert a message (SQLite)", *plain))
                    ratio = ours[0] / max(plain[0], 0.001)
                    lines.append(f"{'ratio of committed messages a second':<52} {ratio:.1f} x")
    return [*lines, *paced(machines, seconds)]


def paced(machines: int, seconds: float) -> list[str]:
    """The messages of a plant at its own pace with rules on many machines, and how soon alerts are there."""
    with (
        tempfile.TemporaryDirectory(prefix="gemba-benchmark-") as folder,
        _broker(Path(folder), FAST) as port,
    ):
        seen = Seen()
        ours, spent = _ours(Path(folder), port, machines, seconds, seen)
        waits = sorted(seen.waits)
        p50, p99 = (waits[int(len(waits) * share)] for share in (0.5, 0.99)) if waits else (0.0, 0.0)
        return [
            _line(f"Gemba, {PACED:,} offered, {RULES} rules beside it", *ours),
            f"{'  where the time goes':<52} {spent}",
            f"{'  published to alert seen':<52} median {p50:.2f} s, 99th percentile {p99:.2f} s, "
            f"{len(waits):,} alerts",
        ]


def _line(what: str, rate: float, p50: float, p99: float) -> str:
    return (
        f"{what:<52} {rate:,.0f} messages/s  {rate * len(METRICS):,.0f} points/s  "
        f"publish to committed: median {p50 * 1e3:,.0f} ms, 99th percentile {p99 * 1e3:,.0f} ms"
    )


@contextmanager
def _broker(folder: Path, changes: int) -> Iterator[int]:
    """A Mosquitto with the configuration that we ship, but for how often it syncs."""
    program = shutil.which(
        "mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin"
    )
    if program is None:
        raise ConfigurationError("This benchmark starts a Mosquitto; install it first.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    text = (ROOT / "docs" / "mosquitto.conf").read_text()
    for was, now in (
        ("listener 1883\n", f"listener {port} 127.0.0.1\n"),
        ("allow_anonymous false\n", "allow_anonymous true\n"),
        ("password_file /etc/mosquitto/passwords\n", "user root\n"),
        ("/var/lib/mosquitto/", f"{folder}/"),
        ("autosave_interval 1\n", f"autosave_interval {changes}\n"),
    ):
        text = text.replace(was, now)
    (folder / "mosquitto.conf").write_text(text)
    process = subprocess.Popen(  # noqa: S603
        [program, "-c", str(folder / "mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(answers: Callable[[], None]) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            answers()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


class _Watched(Stream):
    """Notes for each message how long it took from its publication, and where the time went."""

    def __init__(self, gemba: Gemba) -> None:
        super().__init__(gemba)
        self.waits: list[float] = []
        self.spent: dict[str, float] = defaultdict(float)
        self.first = self.last = 0.0
        self._timed(self, "_sorted", "decode")
        self._timed(self, "_machines", "machines")
        self._timed(self.storing._discovery, "admit", "discovery")
        self._timed(gemba.telemetry, "append", "append")

    def _timed(self, owner: Any, name: str, part: str) -> None:
        called = getattr(owner, name)

        def timed(*given: Any) -> Any:
            begun = time.perf_counter()
            try:
                return called(*given)
            finally:
                self.spent[part] += time.perf_counter() - begun

        setattr(owner, name, timed)

    def take(self, arrived: Any) -> Taken:
        """See `Stream.take`."""
        begun = time.perf_counter()
        taken = super().take(arrived)
        self.spent["all"] += time.perf_counter() - begun
        self.last = time.time()
        self.first = self.first or self.last
        self.waits += [self.last - sent_at(one) for one in arrived]
        return taken


def sent_at(one: Arrived) -> float:
    """When a message was published: its own time, in seconds."""
    return int(one.payload[14:27]) / 1e3


def _ours(
    folder: Path, port: int, machines: int, seconds: float, seen: Seen | None = None
) -> tuple[tuple[float, float, float], str]:
    settings = Settings(
        home=folder / "var", database_url="", telemetry_url="", documents_url="",
        mqtt_url=f"mqtt://127.0.0.1:{port}", mqtt_client_id="benchmark",
    )  # fmt: skip
    gemba = replace(wire(settings), closing=threading.Event())
    number = _prepare(gemba, machines)
    rules: AbstractContextManager[object] = nullcontext()
    if seen is not None:
        make_rules(gemba, SLUG, machines)
        rules = watching(gemba, number, seen)
    watched = _Watched(gemba)
    intake = MqttIntake(gemba, watched)
    intake.start()
    try:
        with rules:
            rate = RATE if seen is None else PACED
            sent = _publish((port, machines, rate, seconds), lambda: intake.link.is_connected)
            _drain(lambda: intake.taken.messages, sent)
    finally:
        gemba.closing.set()
        intake.stop()
        gemba.close()
    spent = dict(watched.spent)
    whole = spent.pop("all")
    spent["batch and rest"] = whole - sum(spent.values())
    share = ", ".join(
        f"{name} {took / whole:.0%}" for name, took in sorted(spent.items(), key=lambda p: -p[1])
    )
    busy = whole / max(watched.last - watched.first, 0.001)
    return _figures(watched.waits, watched.first, watched.last), f"writer busy {busy:.0%}; of it {share}"


def _figures(waits: list[float], first: float, last: float) -> tuple[float, float, float]:
    ordered = sorted(waits)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return len(waits) / max(last - first, 0.001), p50, p99


def _prepare(gemba: Gemba, machines: int) -> int:
    """A plant with so many machines; its id."""
    with gemba.database.write(None) as session:
        factory = Factory(slug=SLUG, name="Plant", timezone="UTC", created_at=gemba.clock())
        session.add(factory)
        session.flush()
        number = factory.id
    with gemba.database.write(number) as session:
        now = gemba.clock()
        session.add_all(
            Machine(device_key=f"M{n:04}", name=f"M{n:04}", created_at=now, updated_at=now)
            for n in range(machines)
        )
    return number


def _publish(asked: tuple[int, int, int, float], is_ready: Callable[[], bool]) -> int:
    """Publish from a process of its own once the reader is ready; how many the broker acknowledged.

    `asked`: the broker's port, how many machines, messages a second, for how many seconds.
    """
    port, machines, rate, seconds = asked
    until = time.monotonic() + 20
    while not is_ready() and time.monotonic() < until:
        time.sleep(0.05)
    given = [str(port), str(machines), str(rate), str(seconds)]
    command = [sys.executable, "-m", "app.benchmark.live.publishing", *given]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    return int(done.stdout)


def _drain(taken: Callable[[], int], sent: int) -> None:
    """Wait until all is taken, or two minutes; what is left then came too fast."""
    until = time.monotonic() + DRAIN_S
    while taken() < sent and time.monotonic() < until:
        time.sleep(0.1)


def _plain(folder: Path, port: int, machines: int, seconds: float) -> tuple[float, float, float]:
    """What one would write first: decode in the callback, one insert and commit a message."""
    waits, times = list[float](), list[float]()
    with closing(sqlite3.connect(folder / "plain.sqlite", check_same_thread=False)) as table:
        table.execute("PRAGMA journal_mode = WAL")
        table.execute("PRAGMA synchronous = FULL")
        table.execute("CREATE TABLE point (machine TEXT, parameter TEXT, at INTEGER, value REAL)")

        def arrived(_: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
            body = json.loads(message.payload)
            machine = message.topic.split("/")[3]
            rows = [(machine, key, body["timestamp"], value) for key, value in body["metrics"].items()]
            table.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", rows)
            table.commit()
            times.append(time.time())
            waits.append(times[-1] - body["timestamp"] / 1e3)

        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="plain", clean_session=False)
        client.on_message = arrived
        client.connect("127.0.0.1", port)
        client.subscribe(f"{FROM}#", 1)
        client.loop_start()
        sent = _publish((port, machines, RATE, seconds), client.is_connected)
        _drain(lambda: len(waits), sent)
        client.disconnect()
        client.loop_stop()
    return _figures(waits, times[0], times[-1])
