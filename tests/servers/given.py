"""Servers that somebody else runs, named by the environment; a test may use them but not stop them."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import create_engine


def address_of(kind: str) -> str:
    """What GEMBA_TEST_<KIND>_URL says, or nothing."""
    return os.environ.get(f"GEMBA_TEST_{kind.upper()}_URL", "")


class GivenServer:
    """A server with the addresses of its databases; it cannot be stopped from here."""

    def __init__(self, base: str) -> None:
        self.base = base
        parts = urlsplit(base)
        self.host, self.port = str(parts.hostname), int(parts.port or 0)

    def url(self, name: str = "") -> str:
        """The address of the database `name`; one of MySQL is made where it is missing."""
        if not name:
            return self.base
        self._ask(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
        return urlunsplit(urlsplit(self.base)._replace(path=f"/{name}"))

    def drop(self, name: str) -> None:
        """Forget a database."""
        self._ask(f"DROP DATABASE IF EXISTS `{name}`")

    def _ask(self, statement: str) -> None:
        if not self.base.startswith(("mysql", "mariadb")):
            return
        engine = create_engine(self.base)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def start(self) -> None:
        """It runs already."""

    def stop(self, how: int = 0) -> None:
        """Not ours."""
        pytest.skip(f"{self.host}:{self.port} belongs to somebody else and is not stopped")

    pause = go_on = stop
