"""One's own account: sessions, password, second factor."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Message, Secret, Strict
from app.auth.permissions import as_flags
from app.people import own

router = APIRouter(prefix="/me", tags=["my account"], route_class=TaggedRoute, responses=LOGGED_IN)


class Me(BaseModel):
    """Who is logged in, and what this person may do in which factory."""

    id: int
    email: str
    name: str
    role: str
    factory_id: int
    factory_slug: str
    permissions: dict[str, bool]
    must_change_password: bool


class SessionShown(BaseModel):
    """One open log-in."""

    id: int
    kind: str = Field(description="`page` or `api`.")
    factory: str
    client: str
    created_at: datetime
    expires_at: datetime
    is_current: bool


class PasswordChange(Strict):
    """The present password and the new one."""

    old_password: Secret
    new_password: Secret = Field(examples=["three unrelated words"])


class Password(Strict):
    """The present password."""

    password: Secret


class Code(Strict):
    """A code of the authenticator app."""

    code: str = Field(max_length=10, examples=["123456"])


class PasswordAndCode(Strict):
    """The present password and a code of the authenticator app."""

    password: Secret
    code: str = Field(max_length=10, examples=["123456"])


class EnrolmentShown(BaseModel):
    """What an authenticator app needs, shown once."""

    secret: str
    address: str = Field(description="The otpauth address for a QR code.")


@router.get("", summary="Who am I", response_model=Me, responses=NOT_MODIFIED)
def who_am_i(caller: Caller) -> dict[str, Any]:
    """The account behind the token, or the name of the key."""
    who = caller.principal
    return {
        "id": who.account_id,
        "email": who.email,
        "name": who.name,
        "role": who.role,
        "factory_id": who.factory.id,
        "factory_slug": who.factory.slug,
        "permissions": as_flags(who.permissions),
        "must_change_password": who.must_change_password,
    }


@router.get(
    "/sessions", summary="List my sessions", response_model=Listed[SessionShown], responses=NOT_MODIFIED
)
def list_sessions(caller: Caller, page: Paging) -> dict[str, Any]:
    """Every open log-in of one's own, on pages and on the API."""
    rows = own.my_sessions(caller)
    keys = {
        "id": lambda s: s.id,
        "created_at": lambda s: s.created_at,
        "expires_at": lambda s: s.expires_at,
    }
    return one_page(rows, page, keys, "-id", asdict)


@router.delete("/sessions/{session_id}", summary="End a session", response_model=Message, responses=FOUND)
def revoke_session(caller: Caller, session_id: Id) -> dict[str, str]:
    """End one of one's own log-ins."""
    own.revoke_session(caller, session_id)
    return {"message": "Session ended"}


@router.post("/password", summary="Change my password", response_model=Message)
def change_password(caller: Caller, given: PasswordChange) -> dict[str, str]:
    """Set a new password; every other session of the account ends."""
    own.change_password(caller, given.old_password, given.new_password)
    return {"message": "Password changed"}


@router.post("/totp", summary="Begin a second factor", response_model=EnrolmentShown, responses=CHANGING)
def enrol_totp(caller: Caller, given: Password) -> dict[str, str]:
    """A secret for an authenticator app; it counts once a code of it was confirmed."""
    return asdict(own.enrol_totp(caller, given.password))


@router.post("/totp/confirm", summary="Confirm the second factor", response_model=Message, responses=CHANGING)
def confirm_totp(caller: Caller, given: Code) -> dict[str, str]:
    """Prove that the app shows right codes; log-ins ask for one from here on."""
    own.confirm_totp(caller, given.code)
    return {"message": "Second factor on"}


@router.post("/totp/disable", summary="Disable the second factor", response_model=Message, responses=CHANGING)
def disable_totp(caller: Caller, given: PasswordAndCode) -> dict[str, str]:
    """Ask for no code any more."""
    own.disable_totp(caller, given.password, given.code)
    return {"message": "Second factor off"}
