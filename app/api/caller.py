"""Who calls: an access token or an API key. What is at hand is answered at once, the rest off the loop."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from analytics.errors import NotLoggedIn
from app.bootstrap import Access, Gemba

BEARER = HTTPBearer(auto_error=False, scheme_name="accessToken", description="From `/v1/auth/login`.")
KEY = APIKeyHeader(
    name="X-API-Key", auto_error=False, scheme_name="apiKey", description="A key of a service or machine."
)


async def parts(request: Request) -> Gemba:
    """The wired parts of the process."""
    found: Gemba = request.app.state.parts()
    return found


async def access(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
    key: Annotated[str | None, Security(KEY)] = None,
) -> Access:
    """The caller's access to the services; raises NotLoggedIn without a good token or key."""
    gemba = request.app.state.parts()
    if bearer is not None:
        token = bearer.credentials
        known = gemba.tokens.at_hand(token, gemba.clock())
        if known is None:
            known = await run_in_threadpool(gemba.tokens.identify, token, gemba.clock())
        return Access(gemba, known)
    if key:
        principal = await run_in_threadpool(gemba.api_keys.identify, key, gemba.clock())
        if principal is not None:
            return Access(gemba, principal)
        raise NotLoggedIn("This API key is not known, was revoked, or has ended.")
    raise NotLoggedIn("Log in first: send an access token (Authorization: Bearer) or a key (X-API-Key).")


async def address(request: Request) -> str:
    """The network address of the caller."""
    return request.client.host if request.client else "unknown"


Caller = Annotated[Access, Depends(access)]
Parts = Annotated[Gemba, Depends(parts)]
Address = Annotated[str, Depends(address)]
