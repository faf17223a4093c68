"""A private MQTT broker that keeps what it has queued."""

import socket
from pathlib import Path

from tests.servers.process import Server, find_program, free_port

INSTALL = "`make servers` installs mosquitto on Debian as root, or set GEMBA_TEST_MQTT_URL"


class Mosquitto(Server):
    """Anonymous clients on loopback; persistence is written at each change."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        data = folder / "data"
        data.mkdir()
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {data}/\nautosave_on_changes true\nautosave_interval 1\n"
            "max_queued_messages 0\nmax_inflight_messages 0\n"
        )
        # As root the broker would change to a user who may not write here.
        if _is_root():
            configuration.write_text(configuration.read_text() + "user root\n")
        command = [find_program("mosquitto", INSTALL), "-c", str(configuration)]
        super().__init__(folder, port, command, self._connect)
        self.start()

    def _connect(self) -> None:
        socket.create_connection((self.host, self.port), 2).close()

    def url(self, name: str = "") -> str:
        """The broker's address."""
        return f"mqtt://{self.host}:{self.port}"


def _is_root() -> bool:
    import os

    return os.geteuid() == 0
