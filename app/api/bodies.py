"""How large a body may be, whether it says its length beforehand or not."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import body

MEGABYTE = 1_000_000


class BodyLimit:
    """Refuses with 413 what is larger than the limit of its path, before it is read whole."""

    def __init__(self, app: ASGIApp, most_mb: int, of_paths: Mapping[str, int]) -> None:
        self.app = app
        self._most, self._of_paths = most_mb * MEGABYTE, {k: v * MEGABYTE for k, v in of_paths.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the length that is told; count what comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        most = self._of_paths.get(path, self._most)
        told = Headers(scope=scope).get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > most:
            await JSONResponse(body("too_large", _sentence(most)), 413)(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413, _sentence(most))
            return message

        await self.app(scope, counted, send)


def _sentence(most: int) -> str:
    return f"The body is larger than the limit of {most // MEGABYTE} MB."
