"""Opening the store that the settings name."""

from pathlib import Path
from typing import Final

from analytics.errors import ConfigurationError
from data.telemetry.buffered import BufferedStore
from data.telemetry.protocol import TelemetryStore
from data.telemetry.waiting import FILE as WAITING
from data.telemetry.waiting import WaitingRoom

SQL: Final = ("sqlite", "mysql", "mariadb", "postgresql")
DEFAULT_WAITING: Final = 5_000_000


def open_store(
    folder: Path, url: str = "", *, read_only: bool = False, waiting_points: int = DEFAULT_WAITING
) -> TelemetryStore:
    """The store of the address: the embedded one in `folder`/telemetry for an empty one.

    A store on a server stands behind a buffer in `folder`, in which acknowledged points wait while the
    server is away. ConfigurationError for an address of an unknown kind. StoreUnavailable if another process
    writes the embedded store already: one process writes it, all others open it read-only.
    """
    if not url:
        from data.telemetry.embedded import EmbeddedStore

        return EmbeddedStore.open(folder / "telemetry", read_only=read_only)
    store = _on_server(url)
    return store if read_only else BufferedStore(store, WaitingRoom(folder / WAITING, waiting_points))


def _on_server(url: str) -> TelemetryStore:
    from data.telemetry.remote import RemoteStore

    kind = url.partition("://")[0].partition("+")[0]
    if kind in SQL:
        from data.telemetry.sql import SqlBackend

        return RemoteStore(SqlBackend(url))
    if kind == "mongodb":
        from data.telemetry.mongo import MongoBackend

        return RemoteStore(MongoBackend(url))
    if kind == "influxdb":
        from data.telemetry.influx import InfluxBackend

        return RemoteStore(InfluxBackend(url))
    known = ", ".join((*SQL, "mongodb", "influxdb"))
    raise ConfigurationError(
        f"GEMBA_TELEMETRY_URL: the kind of store {kind!r} is unknown; use an address that begins with "
        f"{known}, or leave it empty for the embedded store."
    )
