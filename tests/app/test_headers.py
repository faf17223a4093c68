"""What every answer of the server tells a browser."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from app import web
from app.web import SecurityHeaders


def headers_of(*, is_https: bool, **given: str) -> dict[str, str]:
    found: dict[str, str] = {}

    async def asked() -> None:
        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                found.update({name.decode(): value.decode() for name, value in message["headers"]})

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
        app = SecurityHeaders(PlainTextResponse("x", headers=given), is_https=is_https)
        await app(scope, nothing, keep)

    asyncio.run(asked())
    return found


@pytest.mark.parametrize("is_https", [False, True])
def test_every_answer_keeps_browsers_from_guessing_framing_and_asking_elsewhere(is_https):
    found = headers_of(is_https=is_https)
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"
    policy = dict(one.strip().split(" ", 1) for one in found["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["connect-src"] == policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert not [one for one in policy.values() if "http" in one or "*" in one]
    assert ("strict-transport-security" in found) is is_https


def test_what_says_nothing_of_caches_is_kept_by_none():
    assert headers_of(is_https=False)["cache-control"] == "no-store"
    assert headers_of(is_https=False, **{"cache-control": "max-age=60"})["cache-control"] == "max-age=60"


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-origin", 303), ("none", 303)])
def test_a_link_on_another_site_logs_nobody_in(site, status, gemba, monkeypatch):
    """Else a stranger's ticket would log a visitor into the stranger's account."""
    monkeypatch.setattr(web, "current", lambda: gemba)
    app = Starlette(routes=[Route("/auth/open", web.open_session)])

    async def asked() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gemba") as client:
            answer = await client.get("/auth/open?ticket=x", headers={"sec-fetch-site": site})
        return answer.status_code

    assert asyncio.run(asked()) == status
