"""Opening the connector that an address asks for."""

from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from analytics.errors import InvalidInput
from data.sources.influx import InfluxConnector, moved_back_ns
from data.sources.marks import moved_back
from data.sources.mongo import MongoConnector
from data.sources.protocol import Connector
from data.sources.sql import SqlConnector, sqlite_url

DRIVERS: Final = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
KINDS: Final = (*DRIVERS, "sqlite", "mongodb", "mongodb+srv", "influxdb", "influxdb+https")


def kind_of(address: str) -> str:
    """The engine that an address names: sql, mongodb or influxdb; InvalidInput for another."""
    scheme = address.partition("://")[0].lower()
    if scheme.partition("+")[0] in DRIVERS or scheme == "sqlite":
        return "sql"
    if scheme in {"mongodb", "mongodb+srv"}:
        return "mongodb"
    if scheme in {"influxdb", "influxdb+https"}:
        return "influxdb"
    raise InvalidInput.at("address", f"An address begins with one of {', '.join(f'{k}://' for k in KINDS)}.")


def divided(address: str) -> tuple[str, str, str]:
    """The address without its account, the user, the password.

    >>> divided("mysql://reader:s%40fe@db.plant:3306/steel")
    ('mysql://db.plant:3306/steel', 'reader', 's@fe')
    """
    parts = urlsplit(address.strip())
    account, at, hosts = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    bare = urlunsplit(parts._replace(netloc=hosts)) if at else address.strip()
    return bare, unquote(user), unquote(password)


def joined(address: str, user: str, password: str) -> str:
    """The address with its account."""
    if not user and not password:
        return address
    parts = urlsplit(address)
    account = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return urlunsplit(parts._replace(netloc=f"{account}@{parts.netloc}"))


def open_connector(address: str, *, timeout_s: int, files: Path) -> Connector:
    """The connector of an address with its account. Files of SQLite must lie in the folder `files`."""
    kind = kind_of(address)
    if kind == "mongodb":
        return MongoConnector(address, timeout_s)
    if kind == "influxdb":
        return InfluxConnector(address, timeout_s)
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite":
        return SqlConnector(sqlite_url(_file(rest, files)), timeout_s)
    try:
        url = make_url(f"{DRIVERS[scheme.partition('+')[0]]}://{rest}")
    except ArgumentError as error:
        raise InvalidInput.at("address", "Give it like mysql://host:3306/database.") from error
    if not url.database or not url.host:
        raise InvalidInput.at("address", f"Give it like {scheme}://host:port/database.")
    return SqlConnector(url, timeout_s)


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
