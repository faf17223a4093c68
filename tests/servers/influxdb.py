"""A private InfluxDB 1.x with authentication on."""

from pathlib import Path

import httpx

from tests.servers.process import Server, find_program, free_port

USER, PASSWORD = "gemba", "only-for-tests"
INSTALL = "`make servers` installs influxdb on Debian as root, or set GEMBA_TEST_INFLUXDB_URL"


class InfluxDB(Server):
    """`url(name)` makes the database `name` if it is not there."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        environment = {
            "INFLUXDB_REPORTING_DISABLED": "true",
            "INFLUXDB_BIND_ADDRESS": f"127.0.0.1:{free_port()}",
            "INFLUXDB_META_DIR": str(folder / "meta"),
            "INFLUXDB_DATA_DIR": str(folder / "data"),
            "INFLUXDB_DATA_WAL_DIR": str(folder / "wal"),
            "INFLUXDB_DATA_INDEX_VERSION": "tsi1",
            "INFLUXDB_DATA_QUERY_LOG_ENABLED": "false",
            "INFLUXDB_HTTP_BIND_ADDRESS": f"127.0.0.1:{port}",
            "INFLUXDB_HTTP_AUTH_ENABLED": "true",
            "INFLUXDB_HTTP_LOG_ENABLED": "false",
            "INFLUXDB_HTTP_FLUX_ENABLED": "false",
            "INFLUXDB_MONITOR_STORE_ENABLED": "false",
        }
        program = find_program("influxd", INSTALL)
        super().__init__(
            folder, port, [program, "run", "-config", "/dev/null"], self._ping, environment=environment
        )
        self.start()
        self._ask(f"CREATE USER {USER} WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES", auth=False)

    def _ping(self) -> None:
        httpx.get(f"http://{self.host}:{self.port}/ping", timeout=2).raise_for_status()

    def _ask(self, statement: str, *, auth: bool = True) -> None:
        answer = httpx.post(
            f"http://{self.host}:{self.port}/query",
            params={"q": statement},
            auth=(USER, PASSWORD) if auth else None,
            timeout=30,
        )
        answer.raise_for_status()

    def url(self, name: str) -> str:
        """The address of the database `name`, as Gemba's settings take it."""
        self._ask(f'CREATE DATABASE "{name}"')
        return f"influxdb://{USER}:{PASSWORD}@{self.host}:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Forget a database."""
        self._ask(f'DROP DATABASE "{name}"')
