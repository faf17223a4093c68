"""Routes outside the API: health, metrics, assets, and the two that set and clear the log-in cookie."""

import asyncio
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.errors import NotLoggedIn
from app.auth import sessions
from app.bootstrap import current
from app.health import report
from app.measures import measured
from app.ui.charts.bundle import PLOTLY_HEADERS, PLOTLY_PATH, plotly_bundle, plotly_bundle_gzip, plotly_etag

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Pages ask no other host. Streamlit's own page has a script in it, its components load theirs from blobs."""
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", POLICY.encode()),
)
ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NOT_KEPT = (b"cache-control", b"no-store")


class SecurityHeaders:
    """Adds what keeps a browser from guessing types, asking other hosts and being framed elsewhere.

    What says nothing of caches is not kept; behind HTTPS (`is_https`) browsers are told to stay there.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self._headers = (*HEADERS, ONLY_HTTPS) if is_https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add to the head of each HTTP answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                kept = () if any(name.lower() == b"cache-control" for name, _ in given) else (NOT_KEPT,)
                message["headers"] = [*given, *self._headers, *kept]
            await send(message)

        await self.app(scope, receive, with_headers)


async def health(request: Request) -> Response:
    """Each dependency's state; 503 when one that the pages need is away."""
    state = await asyncio.to_thread(report, current())
    return JSONResponse(state, status_code=200 if state["status"] == "ok" else 503)


async def metrics(request: Request) -> Response:
    """What Prometheus asks for."""
    return Response(await asyncio.to_thread(measured, current()), media_type=CONTENT_TYPE_LATEST)


async def to_api(request: Request) -> Response:
    """`/api` alone would be answered by the page shell."""
    return RedirectResponse("/api/", status_code=307)


def _local_path(target: str) -> str:
    """A path on this server, whatever was asked for: nobody is sent elsewhere after a log-in."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target


async def open_session(request: Request) -> Response:
    """Swap a one-time ticket for the HttpOnly cookie, then go to the page that was asked for.

    Only from a page of ours: a link on another site must not log anybody into somebody else's account.
    """
    if request.headers.get("sec-fetch-site", "same-origin") == "cross-site":
        return PlainTextResponse("Log in from a page of Gemba.", status_code=403)
    gemba = current()
    try:
        token, expires = await asyncio.to_thread(
            sessions.redeem, gemba.database, request.query_params.get("ticket", ""), gemba.clock()
        )
    except NotLoggedIn:
        return RedirectResponse("/", status_code=303)
    response = RedirectResponse(_local_path(request.query_params.get("next", "/")), status_code=303)
    response.set_cookie(
        sessions.COOKIE,
        token,
        expires=expires,
        httponly=True,
        samesite="lax",
        secure=gemba.settings.cookie_secure,
        path="/",
    )
    return response


async def close_session(request: Request) -> Response:
    """Revoke the session of the cookie and clear the cookie."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return PlainTextResponse("Log out from a page of Gemba.", status_code=403)
    gemba = current()
    now = gemba.clock()
    principal = await asyncio.to_thread(
        sessions.find, gemba.database, request.cookies.get(sessions.COOKIE), now
    )
    if principal is not None:
        await asyncio.to_thread(sessions.revoke, gemba.database, principal, now)
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(sessions.COOKIE, path="/")
    return response


async def asset(request: Request) -> Response:
    """The chart library, from this server, kept by the browser for good."""
    if request.url.path != PLOTLY_PATH:
        return PlainTextResponse("No such file.", status_code=404)
    etag = plotly_etag()
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    packed = "gzip" in request.headers.get("accept-encoding", "")
    body = await asyncio.to_thread(plotly_bundle_gzip if packed else plotly_bundle)
    encoding = {"content-encoding": "gzip"} if packed else {}
    return Response(body, headers={**PLOTLY_HEADERS, **encoding, "etag": etag})
