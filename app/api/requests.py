"""Gives each request an id, logs it in one line, and turns a defect into an answer."""

import re
import time
import uuid
from typing import Final

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import internal

HEADER: Final = "X-Request-Id"
_FORM: Final = re.compile(r"[A-Za-z0-9._:/-]{1,100}")

ASKED: Final = Counter("gemba_api_requests", "Requests to the API.", ("method", "route", "status"))
TOOK: Final = Histogram(
    "gemba_api_request_seconds",
    "How long requests to the API took.",
    ("route",),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

log = structlog.get_logger()


class RequestLog:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the caller's request id, or make one; return it; log what became of the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        number = given if _FORM.fullmatch(given) else uuid.uuid4().hex
        status = 0

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=number):
            try:
                await self.app(scope, receive, with_id)
            except Exception:
                log.exception("request broke", method=scope["method"], path=scope["path"])
                if status == 0:
                    await internal()(scope, receive, with_id)
            finally:
                took_s = time.perf_counter() - started
                route = str(getattr(scope.get("route"), "path", "none"))
                ASKED.labels(scope["method"], route, str(status)).inc()
                TOOK.labels(route).observe(took_s)
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round(took_s * 1000, 1),
                )
