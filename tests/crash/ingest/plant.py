"""The child process of the crash test: an ingest that reads a broker until it is killed."""

import os
import time
from pathlib import Path

from app.bootstrap import wire
from app.ingest.mqtt import MqttIntake
from app.settings import Settings


def settings(home: Path, url: str, version: str) -> Settings:
    return Settings(
        home=home, database_url="", telemetry_url="", documents_url="", mqtt_url=url,
        mqtt_version=version, mqtt_client_id=f"crash-{version}",
    )  # fmt: skip


def read_until_killed(home: Path, url: str, version: str, ready: int) -> None:
    """Read the broker, and write a byte to the pipe when the first batch is stored."""
    gemba = wire(settings(home, url, version))
    intake = MqttIntake(gemba)
    intake.start()
    while not intake.taken.messages:
        time.sleep(0.01)
    os.write(ready, b"x")
    while True:
        gemba.telemetry.maintain("north", time.time_ns() // 1_000)
        time.sleep(0.2)
