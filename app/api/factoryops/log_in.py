"""Log in, refresh, log out; a forgotten password."""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Header
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from analytics.errors import NotLoggedIn
from app.api.caller import Address, Caller, Parts
from app.api.errors import LOGGED_IN
from app.api.values import LARGEST_ID, NO_NUL, Message, Secret, Strict
from app.auth import accounts, sessions
from app.auth.permissions import as_flags
from app.auth.principal import Principal
from app.auth.tokens import Tokens
from app.people import resets

router = APIRouter(prefix="/auth", tags=["auth"])

WRONG = "E-mail or password is wrong."
Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=NO_NUL)]
Agent = Annotated[str, Header(alias="User-Agent", include_in_schema=False)]


class LogIn(Strict):
    """Who wants to come in, and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"factory_id": 1, "email": "engineer@vpc.com", "password": "three unrelated words"}]
        }
    )
    factory_id: int = Field(ge=1, le=LARGEST_ID)
    email: Email
    password: Secret
    code: str | None = Field(
        None, max_length=10, description="The code of the authenticator app, if it asks."
    )


class LoggedInUser(BaseModel):
    """Who came in, and what this person may do here."""

    id: int
    email: str
    role: str
    permissions: dict[str, bool]
    must_change_password: bool = False


class AccessToken(BaseModel):
    """A token for the `Authorization: Bearer` header, and the one that gets the next."""

    access_token: str
    token_type: str = Field("bearer", examples=["bearer"])
    expires_in: int = Field(description="Seconds.", examples=[900])
    refresh_token: str | None = None


class LogInAnswer(AccessToken):
    """The tokens and who came in."""

    user: LoggedInUser


class Refresh(Strict):
    """The refresh token of the last answer."""

    refresh_token: Secret


class ResetRequest(Strict):
    """Whose password is forgotten."""

    email: Email = Field(examples=["engineer@vpc.com"])


class Reset(Strict):
    """The token of the link, and the new password."""

    token: Secret
    password: Secret = Field(examples=["three unrelated words"])


def as_answer(tokens: Tokens) -> dict[str, Any]:
    """Tokens as every log-in answers them."""
    return {
        "access_token": tokens.access,
        "token_type": "bearer",
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh,
        "user": _user(tokens.principal),
    }


def _user(principal: Principal) -> dict[str, Any]:
    return {
        "id": principal.account_id,
        "email": principal.email,
        "role": principal.role,
        "permissions": as_flags(principal.permissions),
        "must_change_password": principal.must_change_password,
    }


@router.post("/login", summary="Log in", response_model=LogInAnswer, responses={401: LOGGED_IN[401]})
def log_in(given: LogIn, gemba: Parts, address: Address, user_agent: Agent = "") -> dict[str, Any]:
    """Swap name and password for tokens. A wrong factory, name or password all get the same answer."""
    now = gemba.clock()
    person = accounts.check(
        gemba.database, gemba.vault, given.email, given.password, address, now, given.code
    )
    if person is None or given.factory_id not in {factory for factory, _ in person.memberships}:
        raise NotLoggedIn(WRONG)
    return as_answer(gemba.tokens.open(person.account_id, given.factory_id, client=user_agent, now=now))


@router.post("/refresh", summary="Refresh the access token", response_model=AccessToken, responses=LOGGED_IN)
def refresh(
    gemba: Parts,
    authorization: Annotated[str | None, Header(description="Bearer and a good access token.")] = None,
    given: Annotated[Refresh | None, Body()] = None,
) -> dict[str, Any]:
    """New tokens for a refresh token, which counts once; or a new access token for a good access token.

    A refresh token that comes a second time ends the log-in: somebody else may have it.
    """
    now = gemba.clock()
    if given is not None:
        return as_answer(gemba.tokens.refresh(given.refresh_token, now))
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotLoggedIn("Send the refresh token, or a good access token in the Authorization header.")
    return as_answer(gemba.tokens.renew(gemba.tokens.identify(token.strip(), now), now))


@router.post("/logout", summary="Log out", response_model=Message, responses=LOGGED_IN)
def log_out(caller: Caller) -> dict[str, str]:
    """End the session: its access tokens and refresh tokens are worth nothing from here on."""
    sessions.revoke(caller.gemba.database, caller.principal, caller.now)
    return {"message": "Logged out"}


@router.post("/password-reset", summary="Ask for a new password", response_model=Message, status_code=202)
def request_password_reset(given: ResetRequest, gemba: Parts, after: BackgroundTasks) -> dict[str, str]:
    """Send a link to the address if it has an account; the answer is the same in any case."""
    after.add_task(resets.request_reset, gemba, given.email)
    return {"message": "If this address has an account, a mail is on its way"}


@router.post(
    "/password-reset/perform",
    summary="Set a new password",
    response_model=Message,
    responses={401: LOGGED_IN[401]},
)
def perform_password_reset(given: Reset, gemba: Parts) -> dict[str, str]:
    """Set the password that the link of a mail allows; every session of the account ends."""
    resets.perform_reset(gemba, given.token, given.password)
    return {"message": "Password changed"}
