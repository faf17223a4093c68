"""One POST to one checked network address: pinned, without redirects, and over by a hard limit."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import httpx

from analytics.errors import StoreUnavailable
from app.notify.guard import Target
from app.notify.outcome import DeliveryRefused, TryLater

STEP_S: Final = 10.0
WHOLE_S: Final = 20.0
MOST_BYTES: Final = 64 * 1024
LONGEST_WAIT_S: Final = 3_600.0
FOR_NOW: Final = frozenset({401, 403, 407, 408, 421, 423, 425, 429})
"""Answers below 500 that can change by themselves, or once somebody has put an account right."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent: JSON or form fields, with headers and perhaps an account."""

    body: Mapping[str, Any]
    is_form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    account: tuple[str, str] | None = None


def send(target: Target, post: Post) -> str:
    """Send it; what was answered, in a few words. StoreUnavailable for now, DeliveryRefused for good."""
    try:
        return asyncio.run(_within(target, post))
    except TimeoutError as error:
        raise StoreUnavailable(f"{target.host} did not answer within {WHOLE_S:.0f} seconds.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # Not the error's own text: it may hold the address, which is a secret.
        raise StoreUnavailable(f"{target.host} does not answer ({type(error).__name__}).") from error


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that count, read once: that takes longer than a message."""
    return httpx.create_ssl_context(trust_env=False)


async def _within(target: Target, post: Post) -> str:
    async with asyncio.timeout(WHOLE_S):
        transport = httpx.AsyncHTTPTransport(verify=_trust(), trust_env=False)
        async with httpx.AsyncClient(
            transport=transport, timeout=STEP_S, follow_redirects=False, trust_env=False
        ) as client:
            response = await client.send(_request(client, target, post), stream=True, auth=post.account)
            try:
                return _judged(target, response, await _start_of(response))
            finally:
                await response.aclose()


def _request(client: httpx.AsyncClient, target: Target, post: Post) -> httpx.Request:
    """The request to the checked address; name and certificate are still those of the host."""
    url = httpx.URL(target.url)
    content = {"data": dict(post.body)} if post.is_form else {"content": json.dumps(post.body).encode()}
    kind = {} if post.is_form else {"Content-Type": "application/json"}
    return client.build_request(
        "POST",
        url.copy_with(host=target.address),
        headers={"Host": url.netloc.decode(), "User-Agent": "Gemba", **kind, **post.headers},
        extensions={"sni_hostname": target.host},
        **content,
    )


async def _start_of(response: httpx.Response) -> bytes:
    found = b""
    async for chunk in response.aiter_raw():
        found += chunk
        if len(found) >= MOST_BYTES:
            break
    return found[:MOST_BYTES]


def _judged(target: Target, response: httpx.Response, body: bytes) -> str:
    code = response.status_code
    said = f"{target.host} answered {code}"
    if 200 <= code < 300:
        return said
    detail = _reason(response, body)
    said = f"{said}: {detail}" if detail else f"{said}."
    if code in FOR_NOW or code >= 500:
        wait = response.headers.get("Retry-After", "")
        if wait.isdecimal():
            raise TryLater(said, min(float(wait), LONGEST_WAIT_S))
        raise StoreUnavailable(said)
    raise DeliveryRefused(said)


def _reason(response: httpx.Response, body: bytes) -> str:
    """What a JSON answer gives as its message; other bodies are not repeated."""
    try:
        found = json.loads(body) if "json" in response.headers.get("Content-Type", "") else None
    except ValueError:
        return ""
    message = found.get("message") if isinstance(found, dict) else None
    return " ".join(str(message).split())[:200] if message else ""
