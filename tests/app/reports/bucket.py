"""A store that speaks as much S3 as files need: objects are put, read, headed and deleted over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

GONE = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>"
EMPTY = b"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


class Objects(dict[str, bytes]):
    """What the bucket holds by path; `asked` are the requests with the header that signs them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, str]] = []


@contextmanager
def bucket_server() -> Iterator[tuple[str, Objects]]:
    """A server on a free port; gives its address and its objects."""
    objects = Objects()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            """Quiet."""

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _key(self) -> str:
            parts = urlsplit(self.path)
            objects.asked.append(
                (self.command, parts.path, self.headers.get("Authorization", "") or parts.query)
            )
            return parts.path

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            objects[self._key()] = body
            self._answer(200, ETag=f'"{md5(body).hexdigest()}"')

        def do_GET(self) -> None:
            key = self._key()
            if "list-type" in self.path:
                self._answer(200, EMPTY, Content_Type="application/xml")
            elif key in objects:
                self._answer(200, objects[key], ETag='"x"', Last_Modified="Wed, 04 Mar 2026 12:00:00 GMT")
            else:
                self._answer(404, GONE, Content_Type="application/xml")

        do_HEAD = do_GET  # noqa: N815

        def do_DELETE(self) -> None:
            objects.pop(self._key(), None)
            self._answer(204)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", objects
    finally:
        server.shutdown()
        server.server_close()
