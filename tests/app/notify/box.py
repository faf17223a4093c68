"""A mail server of its own for tests, and the box that keeps what it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Box:
    """Keeps what comes; refuses one address."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 taken"


@contextmanager
def mail_server(box: Box, **given: Any) -> Iterator[str]:
    """A real SMTP server on a free port; gives its host and port."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **given)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()
