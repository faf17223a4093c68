"""How often one token or address may ask: token buckets in this process's memory."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import body

MOST_BUCKETS: Final = 50_000


class Buckets:
    """One bucket per name: it holds a minute's worth of requests and fills evenly."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._per_s, self._clock = float(per_minute), per_minute / 60.0, clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Take one from the bucket: 0 when there was one, else the seconds until there is one."""
        now = self._clock()
        with self._lock:
            left, at = self._kept.pop(name, (self._size, now))
            left = min(self._size, left + (now - at) * self._per_s)
            short = left < 1.0
            self._kept[name] = (left if short else left - 1.0, now)
            while len(self._kept) > MOST_BUCKETS:
                self._kept.popitem(last=False)
        return (1.0 - left) / self._per_s if short else 0.0


class RateLimit:
    """Refuses with 429 and Retry-After when a token or an address asks too often."""

    def __init__(self, app: ASGIApp, per_token: int, per_address: int) -> None:
        self.app = app
        self._tokens, self._addresses = Buckets(per_token), Buckets(per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take from the buckets of the address and of the token, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        wait = self._addresses.wait_s(str(client[0]) if client else "")
        headers = Headers(scope=scope)
        token = headers.get("authorization") or headers.get("x-api-key")
        if wait == 0.0 and token:
            wait = self._tokens.wait_s(hashlib.sha256(token.encode("utf-8", "replace")).hexdigest())
        if wait == 0.0:
            await self.app(scope, receive, send)
            return
        seconds = int(wait) + 1
        answer = JSONResponse(
            body("throttled", f"Too many requests. Try again in {seconds} s."),
            429,
            {"Retry-After": str(seconds)},
        )
        await answer(scope, receive, send)
