"""Sends one message through Apprise in a process of its own that can reach public addresses only.

Apprise knows a hundred services, looks names up itself and follows what they answer. This process therefore
refuses every connection to an address that is not public, every program and every file but Python's own,
whatever the service's code tries. It takes JSON on its input and answers JSON on its output.
"""

import json
import mimetypes
import os
import socket
import sys
import sysconfig
from ipaddress import ip_address
from typing import Any, Final

from analytics.errors import InvalidInput, StoreUnavailable
from app.notify.guard import Allowed, allowed_hosts, checked, is_public, refuse_port

PROGRAMS: Final = (
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "pty.",
    "ctypes.",
)
CONNECTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
OWN_FILES: Final = tuple(
    os.path.realpath(one) + os.sep for one in (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values())
)
FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class NotAllowedError(Exception):
    """What the message's service tried is not allowed; not an OSError, so that nobody tries again."""


class _Walls:
    """Judges what this process does, from its first line to its last."""

    def __init__(self, allowed: Allowed) -> None:
        self._inner = _addresses(allowed)
        self.said = ""

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        """Raise NotAllowedError for what may not be done."""
        if event in CONNECTS:
            self._judge(given[0], given[1])
        elif event.startswith(PROGRAMS):
            self._refuse("The service wanted to start a program.")
        elif event == "open" and isinstance(given[0], str | bytes):
            self._judge_file(os.fsdecode(given[0]), given[2])

    def _judge_file(self, path: str, flags: object) -> None:
        """Only Python's own files may be read, and none written: an address may name one as its template."""
        if path == os.devnull or path in mimetypes.knownfiles:
            return
        is_write = isinstance(flags, int) and bool(flags & WRITES)
        if is_write or not os.path.realpath(path).startswith(OWN_FILES):
            self._refuse("The service wanted to open a file of this machine.")

    def _judge(self, one: socket.socket, address: Any) -> None:
        if one.family not in FAMILIES:
            self._refuse("The service wanted to reach something on this machine.")
        host, port = str(address[0]), int(address[1])
        try:
            ip_address(host)
        except ValueError:
            self._refuse("The service wanted to reach a name instead of an address.")
        if {(host, None), (host, port)} & self._inner:
            return
        if not is_public(host):
            self._refuse("The service is inside a network or on this machine; messages go out only.")
        refuse_port(port)

    def _refuse(self, message: str) -> None:
        self.said = self.said or message
        raise NotAllowedError(message)


def _addresses(allowed: Allowed) -> set[tuple[str, int | None]]:
    """The allowed hosts as network addresses; a name that has none now is left out."""
    found = set()
    for host, port in allowed:
        try:
            known = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            continue
        found |= {(str(one[4][0]), port) for one in known}
    return found


def _names_file(service: Any) -> bool:
    """Whether the address asks for a file of this machine, for instance as its template."""
    from apprise import AppriseAttachment
    from apprise.common import ContentLocation

    held = [one for one in vars(service).values() if isinstance(one, AppriseAttachment)]
    return any(file.location != ContentLocation.HOSTED for one in held for file in one)


def _inner_host(service: Any, allowed: Allowed) -> str:
    """Why a service may not be where its address says; empty where it may, or is not known now."""
    if not service.host or not any("{host}" in one for one in service.templates):
        return ""
    host = f"[{service.host}]" if ":" in service.host else service.host
    try:
        checked(f"https://{host}:{service.port or 443}/", allowed)
    except InvalidInput as error:
        return str(error)
    except StoreUnavailable:
        return ""
    return ""


def sent(order: dict[str, Any]) -> dict[str, Any]:
    """Carry an order out: {"url", "subject", "text", "allow", "check"}; with `check` nothing is sent."""
    from apprise import Apprise, AppriseAsset
    from apprise.exception import AppriseException

    asset = AppriseAsset(http_redirects=False, service_timeout=20.0, allow_templates=False)
    Apprise.instantiate("json://localhost", asset=asset)  # loads all services, before the walls stand
    allowed = allowed_hosts(order["allow"])
    walls = _Walls(allowed)
    sys.addaudithook(walls)
    try:
        service = Apprise.instantiate(order["url"], asset=asset, suppress_exceptions=False)
    except (AppriseException, TypeError, ValueError, NotAllowedError):
        service = None
    if service is None or type(service).__module__.rpartition(".")[2] in LOCAL:
        return {"state": "refused", "detail": walls.said or "Apprise knows no service behind this address."}
    if _names_file(service):
        return {"state": "refused", "detail": "An address may not name a file of this machine."}
    service.redirects = False
    if order.get("check"):
        problem = _inner_host(service, allowed)
        return {"state": "refused" if problem else "sent", "detail": problem or str(service.service_name)}
    return _notified(service, order, walls)


def _notified(service: Any, order: dict[str, Any], walls: _Walls) -> dict[str, Any]:
    name = str(service.service_name)
    failure = f"{name} did not take it."
    try:
        is_done = service.notify(body=order["text"], title=order["subject"], body_format="text")
    except Exception as error:  # noqa: BLE001 - a service may raise anything; the parent logs the outcome
        return {
            "state": "refused" if walls.said else "later",
            "detail": walls.said or f"{name} failed ({type(error).__name__}).",
        }
    if is_done:
        return {"state": "sent", "detail": f"{name} took it."}
    return {"state": "refused" if walls.said else "later", "detail": walls.said or failure}


LOCAL: Final = frozenset({"dbus", "glib", "gnome", "macosx", "syslog", "windows"})
"""Services that show something on the server's own screen or log."""


def main() -> None:
    """Read the order, answer the outcome."""
    json.dump(sent(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
