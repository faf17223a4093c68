"""A real web server that keeps what is posted to it and answers what a test asks it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Receiver:
    """What the server has taken, and what it answers next."""

    host: str = ""
    requests: list[Request] = field(default_factory=list)
    answer: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.host}{path}"


@contextmanager
def web_server(port: int = 0) -> Iterator[Receiver]:
    """A server on a free port of this machine, or on a given one."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                return  # the sender died while it wrote: no server takes half a message
            receiver.requests.append(Request(self.path, dict(self.headers), body))
            self.send_response(receiver.answer)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(receiver.body)))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
