"""A private Redis."""

import socket
from pathlib import Path

from tests.servers.process import Server, find_program, free_port

INSTALL = "`make servers` installs redis-server on Debian as root, or set GEMBA_TEST_REDIS_URL"


class Redis(Server):
    """Sixteen numbered databases; `url("3")` names the fourth."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        command = [
            find_program("redis-server", INSTALL), "--port", str(port), "--bind", "127.0.0.1",
            "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always", "--save", "",
        ]  # fmt: skip
        super().__init__(folder, port, command, self._ping)
        self.start()

    def _ping(self) -> None:
        with socket.create_connection((self.host, self.port), 2) as connection:
            connection.sendall(b"PING\r\n")
            if not connection.recv(16).startswith(b"+PONG"):
                raise ConnectionError("not ready")

    def url(self, name: str = "0") -> str:
        """The address of a numbered database."""
        return f"redis://{self.host}:{self.port}/{name}"
