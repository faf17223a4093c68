"""Opening the connector that an address asks for."""

from pathlib import Path

from sqlalchemy import URL

from analytics.errors import InvalidInput
from data.sources.addresses import DRIVERS, Address, divided, joined, kind_of, understood
from data.sources.influx import InfluxConnector, moved_back_ns
from data.sources.marks import moved_back
from data.sources.mongo import MongoConnector
from data.sources.protocol import Connector
from data.sources.sql import SqlConnector, sqlite_url

__all__ = ["divided", "earlier", "joined", "kind_of", "open_connector", "understood"]


def open_connector(address: str, *, timeout_s: int, files: Path) -> Connector:
    """The connector of an address with its account. Files of SQLite must lie in the folder `files`."""
    kind = kind_of(address)
    scheme, _, rest = address.partition("://")
    if scheme.lower() == "sqlite":
        return SqlConnector(sqlite_url(_file(rest, files)), timeout_s)
    said = understood(address)
    if kind == "mongodb":
        return MongoConnector(said, timeout_s)
    if kind == "influxdb":
        return InfluxConnector(joined(said.spelled(), said.user, said.password), timeout_s)
    return SqlConnector(_url(said), timeout_s)


def _url(said: Address) -> URL:
    if not said.database:
        raise InvalidInput.at("address", f"Give it like {said.scheme}://host:port/database.")
    ((host, port),) = said.hosts
    return URL.create(
        DRIVERS[said.scheme],
        said.user or None,
        said.password or None,
        host,
        port or None,
        said.database,
        dict(said.options),
    )


def _file(text: str, folder: Path) -> Path:
    """A file of the folder that the settings allow, given by its name or its whole path."""
    path = (folder / text.removeprefix("/")).resolve()
    if not path.is_relative_to(folder.resolve()):
        path = Path("/" + text.lstrip("/")).resolve()
    if not path.is_file() or not path.is_relative_to(folder.resolve()):
        raise InvalidInput.at(
            "address",
            "There is no such file in the folder of source files (GEMBA_SOURCES_DIR): put the file there and "
            "give its name, like sqlite:///plant.db.",
        )
    return path


def earlier(address: str, mark: str, overlap_s: int) -> str:
    """The mark to begin at when a source is read again from `mark` on."""
    return moved_back_ns(mark, overlap_s) if kind_of(address) == "influxdb" else moved_back(mark, overlap_s)
