"""Where a source may be: not Gemba's own stores, and only hosts that the settings allow."""

from typing import Final
from urllib.parse import urlsplit

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.settings import Settings
from data.sources.opening import divided, joined, kind_of, open_connector, understood
from data.sources.protocol import Connector

PORTS: Final = {
    "mysql": 3306, "mariadb": 3306, "postgresql": 5432, "postgres": 5432, "mongodb": 27017, "influxdb": 8086,
}  # fmt: skip
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not bound


def connected(access: Access, address: str, user: str, password: str, timeout_s: int) -> Connector:
    """A connector to the address; InvalidInput where it may not be read."""
    refuse_address(access.gemba.settings, address)
    folder = access.gemba.settings.sources_folder / access.factory.slug
    return open_connector(joined(address, user, password), timeout_s=timeout_s, files=folder)


def refuse_address(settings: Settings, address: str) -> None:
    """Raise InvalidInput for an address that a source may not have."""
    kind_of(address)
    bare, _, _ = divided(address)
    if bare.partition("://")[0].lower() == "sqlite":
        return
    said = understood(bare)
    database = said.database.strip("/").lower()
    allowed = {one.strip().lower() for one in settings.sources_hosts.split(",") if one.strip()}
    for host, named in said.hosts:
        port = named or PORTS.get(said.scheme.partition("+")[0], 0)
        if allowed and host not in allowed:
            raise InvalidInput.at(
                "address",
                f"Sources on {host} are not allowed (GEMBA_SOURCES_HOSTS names those that are).",
            )
        if (_plain(host), port, database) in _own(settings):
            raise InvalidInput.at("address", "This is where Gemba keeps its own data; it is no source.")


def _own(settings: Settings) -> set[tuple[str, int, str]]:
    """The servers and databases of Gemba's own stores; a database of no name stands for all of them."""
    found = set()
    for url in (settings.database_url, settings.telemetry_url, settings.documents_url):
        bare, _, _ = divided(url)
        for host, port in _hosts(bare):
            found.add((_plain(host), port, _database(bare)))
            found.add((_plain(host), port, ""))
    return found


def _plain(host: str) -> str:
    return "localhost" if host in LOCAL else host


def _database(bare: str) -> str:
    return urlsplit(bare).path.strip("/").lower()


def _hosts(bare: str) -> list[tuple[str, int]]:
    """Hosts and ports of an own store's address; several for a replica set."""
    scheme = bare.partition("://")[0].lower().partition("+")[0]
    if scheme == "sqlite":
        return []
    found = []
    for one in urlsplit(bare).netloc.split(","):
        host, _, port = one.rpartition(":") if one.rpartition(":")[2].isdigit() else (one, "", "")
        if host:
            found.append((host.strip("[]").lower(), int(port) if port else PORTS.get(scheme, 0)))
    return found
