"""The turn to change the schema: one process at a time has it, on every engine."""

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from analytics.errors import StoreUnavailable

WAIT_S: Final = 60.0
LOOK_S: Final = 0.2
log = logging.getLogger("gemba.schema")


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Hold the turn. It ends with the process that has it, however that ends.

    StoreUnavailable where another process has not let it go within a minute.
    """
    if engine.dialect.name == "sqlite":
        with _file_turn(engine):
            yield
    elif engine.dialect.name in {"mysql", "mariadb", "postgresql"}:
        with _server_turn(engine):
            yield
    else:
        yield


@contextmanager
def _file_turn(engine: Engine) -> Iterator[None]:
    """A lock on the folder that the file is in; one in the file would be in the migration's own way."""
    folder = Path(str(engine.url.database)).parent
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _wait(lambda: _locked(descriptor), f"the database in {folder}")
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _server_turn(engine: Engine) -> Iterator[None]:
    """A lock of the server by its name, held by a connection that does nothing else."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait(lambda: _granted(connection), f"the database {engine.url.database} on {engine.url.host}")
        try:
            yield
        finally:
            # Even a connection that goes back to the pool lets it go.
            connection.invalidate()


def _granted(connection: Connection) -> bool:
    digest = hashlib.sha256(f"gemba schema {connection.engine.url.database}".encode()).digest()
    if connection.dialect.name == "postgresql":
        asked = func.pg_try_advisory_lock(int.from_bytes(digest[:8], "big", signed=True))
    else:
        asked = func.get_lock(f"gemba_schema_{digest.hex()[:40]}", 0)
    return bool(connection.scalar(select(asked)))


def _wait(taken: Callable[[], bool], where: str) -> None:
    until = time.monotonic() + WAIT_S
    said = False
    while not taken():
        if time.monotonic() > until:
            raise StoreUnavailable(
                f"Another process has been bringing the schema of {where} up to date for {WAIT_S:.0f} s: "
                "start again when it is done."
            )
        if not said:
            log.warning("Waiting until another process has brought the schema of %s up to date.", where)
            said = True
        time.sleep(LOOK_S)
