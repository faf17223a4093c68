"""Servers that somebody else runs, named by the environment; a test may use them but not stop them."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest


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
        """The address of the database `name`."""
        return urlunsplit(urlsplit(self.base)._replace(path=f"/{name}")) if name else self.base

    def start(self) -> None:
        """It runs already."""

    def stop(self, how: int = 0) -> None:
        """Not ours."""
        pytest.skip(f"{self.host}:{self.port} belongs to somebody else and is not stopped")

    pause = go_on = stop
