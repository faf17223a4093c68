"""Opening the store that the settings name."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from analytics.errors import ConfigurationError
from data.telemetry.buffered import BufferedStore
from data.telemetry.protocol import TelemetryStore
from data.telemetry.waiting import FILE as WAITING
from data.telemetry.waiting import WaitingRoom

if TYPE_CHECKING:
    from data.telemetry.embedded import Retention

SQL: Final = ("sqlite", "mysql", "mariadb", "postgresql")
DEFAULT_WAITING: Final = 5_000_000
DEFAULT_KEEP_DAYS: Final = (90, 730)


def open_store(
    folder: Path,
    url: str = "",
    *,
    read_only: bool = False,
    waiting_points: int = DEFAULT_WAITING,
    keep_days: tuple[int, int] = DEFAULT_KEEP_DAYS,
) -> TelemetryStore:
    """The store of the address: the embedded one in `folder`/telemetry for an empty one.

    A store on a server stands behind a buffer in `folder`, in which acknowledged points wait while the
    server is away. `keep_days` says how long points, and the minutes made of them, are kept.
    ConfigurationError for an address of an unknown kind. StoreUnavailable if another process writes the
    embedded store already: one process writes it, all others open it read-only.
    """
    if not url:
        from data.telemetry.embedded import EmbeddedStore

        return EmbeddedStore.open(folder / "telemetry", read_only=read_only, retention=_kept(keep_days))
    store = _on_server(url, keep_days)
    return store if read_only else BufferedStore(store, WaitingRoom(folder / WAITING, waiting_points))


def _kept(days: tuple[int, int]) -> "Retention":
    from data.telemetry.embedded import Retention
    from data.telemetry.embedded.tiers import DAY_US

    points, minutes = days
    return Retention(raw_us=points * DAY_US, minute_us=max(points, minutes) * DAY_US)


def _on_server(url: str, keep_days: tuple[int, int]) -> TelemetryStore:
    from data.telemetry.remote import RemoteStore

    kind = url.partition("://")[0].partition("+")[0]
    if kind in SQL:
        from data.telemetry.sql import SqlBackend

        return RemoteStore(SqlBackend(url), _kept(keep_days))
    if kind == "mongodb":
        from data.telemetry.mongo import MongoBackend

        return RemoteStore(MongoBackend(url), _kept(keep_days))
    if kind == "influxdb":
        from data.telemetry.influx import InfluxBackend

        return RemoteStore(InfluxBackend(url), _kept(keep_days))
    known = ", ".join((*SQL, "mongodb", "influxdb"))
    raise ConfigurationError(
        f"GEMBA_TELEMETRY_URL: the kind of store {kind!r} is unknown; use an address that begins with "
        f"{known}, or leave it empty for the embedded store."
    )
