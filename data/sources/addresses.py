"""Addresses of sources taken apart once: what is checked is what the driver gets, and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from analytics.errors import InvalidInput

DRIVERS: Final = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
KINDS: Final = (*DRIVERS, "sqlite", "mongodb", "mongodb+srv", "influxdb", "influxdb+https")

_MYSQL: Final = frozenset(
    {"charset", "use_unicode", "ssl_disabled", "ssl_verify_cert", "ssl_verify_identity", "connect_timeout"}
)
_POSTGRESQL: Final = frozenset(
    {"sslmode", "client_encoding", "application_name", "gssencmode", "connect_timeout"}
)
_MONGODB: Final = frozenset(
    {
        "authSource", "authMechanism", "replicaSet", "directConnection", "loadBalanced", "tls", "ssl",
        "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "readPreference", "readPreferenceTags",
        "maxStalenessSeconds", "readConcernLevel", "retryReads", "retryWrites", "w", "appName",
        "connectTimeoutMS", "serverSelectionTimeoutMS", "socketTimeoutMS",
    }
)  # fmt: skip
OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "mongodb": _MONGODB,
    "mongodb+srv": _MONGODB,
}
"""What the query part may say: no option names a file, a host, an account or a statement."""
MECHANISMS: Final = frozenset({"DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"})
"""Log-ins that need a user and a password; others read files or ask the machine's cloud."""

_HOST: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[\w.-]+))(?::(?P<port>\d{1,5}))?", re.ASCII
)
_ACCOUNT: Final = re.compile(r"[^/?#\\\x00-\x1f\x7f]*")
_SOCKET: Final = ".sock"
_DATABASE: Final = re.compile(r"[^/?#@\\%\x00-\x1f\x7f]*")
_BUCKET: Final = re.compile(r"[^?#@\\\x00-\x1f\x7f]*")
_VALUE: Final = re.compile(r"[\w.,:-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address; `hosts` with port 0 where none was named, `options` as they are spelled right."""

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    def spelled(self) -> str:
        """The address without its account, of nothing but what was checked."""
        hosts = ",".join(
            f"{_bracketed(name)}:{port}" if port else _bracketed(name) for name, port in self.hosts
        )
        query = "&".join(f"{name}={value}" for name, value in self.options.items())
        path = self.database if self.scheme.startswith("influxdb") else quote(self.database)
        return f"{self.scheme}://{hosts}/{path}" + (f"?{query}" if query else "")


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
    try:
        parts = urlsplit(address.strip())
    except ValueError as error:
        raise _unclear(address.partition("://")[0]) from error
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


def understood(address: str) -> Address:
    """The parts of a server's address. InvalidInput for anything that a driver could read in another way.

    >>> understood("mysql://reader@db.plant/steel?charset=utf8mb4").hosts
    (('db.plant', 0),)
    """
    kind_of(address)
    scheme, _, rest = address.strip().partition("://")
    scheme = scheme.lower() if scheme.lower() in KINDS else scheme.lower().partition("+")[0]
    before, _, query = rest.partition("?")
    before, _, database = before.partition("/")
    account, _, hosts = before.rpartition("@")
    user, _, password = account.partition(":")
    if not _ACCOUNT.fullmatch(account):
        raise InvalidInput.at("address", "Write other signs of an account as %23 for #, %5C for \\.")
    if not (_BUCKET if scheme.startswith("influxdb") else _DATABASE).fullmatch(database):
        raise _unclear(scheme)
    found = tuple(_host(one, scheme) for one in hosts.split(","))
    if len(found) > 1 and scheme != "mongodb":
        raise _unclear(scheme)
    return Address(scheme, found, database, unquote(user), unquote(password), _options(scheme, query))


def _host(text: str, scheme: str) -> tuple[str, int]:
    match = _HOST.fullmatch(text)
    if match is None or text.lower().endswith(_SOCKET):
        raise _unclear(scheme)
    return (match["six"] or match["name"]).lower(), int(match["port"] or 0)


def _options(scheme: str, query: str) -> dict[str, str]:
    """The query part; InvalidInput for what is not on the list, is said twice or looks like a path."""
    known = {name.lower(): name for name in OPTIONS.get(scheme, ())}
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        right = known.get(name.lower())
        if right is None or right in found:
            least = ", ".join(sorted(known.values(), key=str.lower)) or "nothing"
            raise InvalidInput.at("address", f"After the ? of this address may stand, once: {least}.")
        if not _VALUE.fullmatch(value) or (right == "authMechanism" and value not in MECHANISMS):
            raise InvalidInput.at("address", f"A source's address cannot have this value of {right}.")
        found[right] = value
    return found


def _unclear(scheme: str) -> InvalidInput:
    return InvalidInput.at("address", f"Give it like {scheme}://host:port/database.")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
