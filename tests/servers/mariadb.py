"""A private MariaDB."""

import subprocess
from pathlib import Path

import pymysql

from tests.servers.process import Server, find_program, free_port

USER, PASSWORD = "gemba", "only-for-tests"
INSTALL = "`make servers` installs mariadb-server on Debian as root, or set GEMBA_TEST_MARIADB_URL"


class MariaDB(Server):
    """`url(name)` makes the database `name` if it is not there."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        program = find_program("mariadbd", INSTALL)
        data = folder / "data"
        make = find_program("mariadb-install-db", INSTALL)
        subprocess.run(
            [make, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db", f"--user={_me()}"],
            check=True, capture_output=True,
        )  # fmt: skip
        command = [
            program, "--no-defaults", f"--user={_me()}", f"--datadir={data}", f"--port={port}",
            "--bind-address=127.0.0.1", f"--socket={folder / 's'}", "--skip-name-resolve",
            "--max-connections=200", "--innodb-buffer-pool-size=128M", "--innodb-log-file-size=64M",
            "--character-set-server=utf8mb4",
        ]  # fmt: skip
        super().__init__(folder, port, command, lambda: self._ask("SELECT 1"))
        self.start()
        self._ask(f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        self._ask(f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1'")

    def _ask(self, statement: str) -> None:
        with pymysql.connect(host=self.host, port=self.port, user="root", connect_timeout=2) as connection:
            connection.cursor().execute(statement)

    def url(self, name: str) -> str:
        """The SQLAlchemy address of the database `name`; TLS would cost 60 ms a connection."""
        self._ask(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
        return f"mysql+pymysql://{USER}:{PASSWORD}@{self.host}:{self.port}/{name}?ssl_disabled=true"

    def drop(self, name: str) -> None:
        """Forget a database."""
        self._ask(f"DROP DATABASE IF EXISTS `{name}`")


def _me() -> str:
    import getpass

    return getpass.getuser()
