"""Where messages may be sent to: public addresses only, and exactly those that were checked.

A web address is typed by a user and asked for by the server, so it must not reach what only the server can
reach. The name is looked up once, every address that it has is checked, and the request goes to one of them.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from re import compile as pattern
from typing import Final
from urllib.parse import urlsplit

from analytics.errors import InvalidInput, StoreUnavailable

Lookup = Callable[[str, int], Iterable[str]]
Allowed = frozenset[tuple[str, int | None]]

NAME: Final = pattern(
    r"(?=.{1,253}\.?\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?"
)
NUMBERS: Final = pattern(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?")
"""A host whose last part is a number: some resolvers read it as an IPv4 address in another spelling."""
PORTS: Final = {"http": 80, "https": 443}
REFUSED_PORTS: Final = frozenset({
    1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5671, 5672, 5900, 5984,
    6000, 6379, 6443, 6667, 7000, 7001, 8086, 8500, 9042, 9092, 9100, 9200, 9300, 10250, 11211, 15672, 26379,
    27017, 27018, 50000,
})  # fmt: skip
"""Databases, brokers and remote controls, which answer a stray request with harm."""
PUBLIC_V6: Final = IPv6Network("2000::/3")
TUNNELS_V6: Final = tuple(
    IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
"""Teredo, ORCHID and other special addresses, documentation, 6to4, AS112."""
SPECIAL_V4: Final = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
"""Private, loopback, link-local (cloud metadata), shared, multicast, reserved; the last is a cloud's own."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: what was asked for, and the one network address that the request may go to."""

    url: str
    scheme: str
    host: str
    port: int
    address: str


def allowed_hosts(setting: str) -> Allowed:
    """The hosts of GEMBA_NOTIFY_ALLOW_HOSTS: names or addresses, each with or without a port."""
    found = set()
    for one in (part.strip().lower() for part in setting.split(",")):
        if not one:
            continue
        parts = urlsplit(f"//{one}")
        if parts.hostname:
            found.add((parts.hostname, parts.port))
    return frozenset(found)


def is_public(address: str) -> bool:
    """Whether a network address is one that anybody could reach.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return not any(found in net for net in SPECIAL_V4)
    return _is_public_v6(found)


def _is_public_v6(found: IPv6Address) -> bool:
    """Public unicast only: mapped, compatible, NAT64, link-local, private and multicast ones lie outside."""
    return found.scope_id is None and found in PUBLIC_V6 and not any(found in net for net in TUNNELS_V6)


def checked(url: str, allowed: Allowed, lookup: Lookup | None = None) -> Target:
    """The address as something that may be asked, with its name looked up once.

    InvalidInput where it may not be; StoreUnavailable where the name has no address now.
    """
    scheme, host, port = _read(url)
    is_allowed = bool({(host, None), (host, port)} & allowed)
    if not is_allowed:
        refuse_port(port)
    addresses = list((lookup or look_up)(host, port))
    if not addresses:
        raise StoreUnavailable(f"The name {host} has no address.")
    for address in addresses:
        if not is_allowed and not is_public(address):
            raise _refused(f"{host} is an address inside a network or of this machine; messages go out only.")
    return Target(url, scheme, host, port, addresses[0])


def look_up(host: str, port: int) -> list[str]:
    """The network addresses of a name, IPv4 first where there are both; StoreUnavailable without any."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StoreUnavailable(f"The name {host} has no address now.") from error
    return sorted({str(one[4][0]) for one in found}, key=lambda one: (":" in one, one))


def refuse_port(port: int) -> None:
    """Raise InvalidInput for a port on which something else than a web server answers."""
    if (port < 1024 and port not in PORTS.values()) or port in REFUSED_PORTS:
        raise _refused(f"Port {port} is not one of a web server.")


def _read(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a web address in its plain spelling; InvalidInput for any other."""
    if not url.isascii() or any(letter in url for letter in "\\ \t\r\n") or len(url) > 2_000:
        raise _refused("Write the address plainly: https://host/path, without blanks or unusual letters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("This is not a web address.") from error
    if parts.scheme not in PORTS:
        raise _refused("An address begins with https:// or http://.")
    if "@" in parts.netloc:
        raise _refused("The address carries a user or a password; give one without.")
    host = (parts.hostname or "").lower()
    _refuse_spelling(host, is_bracketed="[" in parts.netloc)
    return parts.scheme, host, PORTS[parts.scheme] if port is None else port


def _refuse_spelling(host: str, *, is_bracketed: bool) -> None:
    if is_bracketed:
        try:
            IPv6Address(host)
        except ValueError as error:
            raise _refused("This is not a web address.") from error
        return
    if not NAME.fullmatch(host):
        raise _refused("This is not a web address.")
    if NUMBERS.fullmatch(host):
        try:
            IPv4Address(host)
        except ValueError as error:
            raise _refused("Write an IPv4 address as four plain numbers.") from error


def _refused(message: str) -> InvalidInput:
    return InvalidInput.at("address", message)
