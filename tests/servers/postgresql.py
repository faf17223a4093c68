"""A private PostgreSQL."""

import os
import subprocess
from pathlib import Path

import psycopg

from tests.servers.process import Server, find_program, free_port

USER, PASSWORD = "gemba", "only-for-tests"
INSTALL = "`make servers` installs postgresql on Debian as root, or set GEMBA_TEST_POSTGRESQL_URL"
OWNER = "postgres"


class PostgreSQL(Server):
    """`url(name)` makes the database `name` if it is not there. It refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        program = find_program("postgres", INSTALL, *(place / "postgres" for place in places))
        folder_of = places[0] if places else Path(program).resolve().parent
        data = folder / "data"
        as_owner: list[str] = []
        if os.geteuid() == 0:
            as_owner = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"]
            data.mkdir()
            subprocess.run(["chown", OWNER, str(data)], check=True)
            for above in (folder, *folder.parents):
                if above.stat().st_uid == 0 and str(above).startswith("/tmp/"):
                    above.chmod(above.stat().st_mode | 0o011)
        words = folder / "password"
        words.write_text(PASSWORD)
        words.chmod(0o644)
        subprocess.run(
            [*as_owner, str(folder_of / "initdb"), "-D", str(data), "-U", USER, f"--pwfile={words}",
             "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip
        command = [
            *as_owner, str(folder_of / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1",
            "-k", "", "-c", "fsync=off",
        ]  # fmt: skip
        super().__init__(folder, port, command, self._ping)
        self.start()

    def _ping(self) -> None:
        self._ask("SELECT 1", "postgres")

    def _ask(self, statement: str, database: str) -> list[tuple[object, ...]]:
        with psycopg.connect(
            host=self.host, port=self.port, user=USER, password=PASSWORD, dbname=database,
            connect_timeout=2, autocommit=True,
        ) as connection:  # fmt: skip
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def url(self, name: str) -> str:
        """The SQLAlchemy address of the database `name`."""
        if not self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", "postgres"):
            self._ask(f'CREATE DATABASE "{name}"', "postgres")
        return f"postgresql+psycopg://{USER}:{PASSWORD}@{self.host}:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Forget a database."""
        self._ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', "postgres")
