"""The people of the factory: listed, invited, given permissions, deactivated."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Address, Caller, Parts
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version, require_version
from app.api.factoryops.log_in import Email, LogInAnswer, as_answer
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Message, Name, Secret, Strict
from app.auth.permissions import as_flags
from app.bootstrap import Access
from app.people import invitations, resets, users
from app.people.invitations import Invited
from app.people.users import User

router = APIRouter(prefix="/users", tags=["users"], route_class=TaggedRoute)

Flags = Annotated[dict[str, bool], Field(max_length=50)]
RoleKey = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
EXAMPLE: Final[dict[str, Any]] = {
    "id": 42,
    "email": "engineer@vpc.com",
    "name": "Eva Engineer",
    "role": "engineer",
    "permissions": {"create_rules": True, "run_analytics": True},
    "is_active": True,
    "whatsapp_number": "+84901234567",
    "invited_at": "2026-01-15T08:00:00Z",
    "last_login": "2026-02-19T10:30:00Z",
    "created_at": "2026-01-15T08:00:00Z",
    "has_second_factor": False,
}


class UserShown(BaseModel):
    """One person in this factory."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    email: str
    name: str
    role: str
    permissions: dict[str, bool]
    is_active: bool
    whatsapp_number: str | None
    invited_at: datetime | None
    last_login: datetime | None
    created_at: datetime
    has_second_factor: bool


class Invite(Strict):
    """Whom to invite, as what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "newengineer@vpc.com",
                    "whatsapp_number": "+84901234567",
                    "permissions": {"create_rules": True, "run_analytics": True, "generate_reports": False},
                }
            ]
        }
    )
    email: Email
    whatsapp_number: str | None = Field(None, max_length=40, pattern=r"^\+?[0-9 ()-]*$")
    permissions: Flags | None = None
    role: RoleKey = invitations.DEFAULT_ROLE


class InvitationShown(BaseModel):
    """An open invitation. `invite_link` is there once, and only where no mail server is set up."""

    id: int
    email: str
    role: str
    permissions: dict[str, bool]
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    invite_link: str | None


class AcceptInvite(Strict):
    """The token of the link, and the password to log in with from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "invite-token-from-email", "password": "three unrelated words"}]
        }
    )
    token: Secret
    password: Secret
    name: Name = ""
    code: str | None = Field(
        None, max_length=10, description="The code of the authenticator app, if the account has one."
    )


class PermissionChange(Strict):
    """Single permissions to give (true) or refuse (false), whatever the role says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"permissions": {"create_rules": True, "generate_reports": False}}]}
    )
    permissions: Flags


class RoleChange(Strict):
    """The role to have from now on."""

    role: RoleKey = Field(examples=["manager"])


class ResetLink(BaseModel):
    """A link to hand over; it is shown once."""

    reset_link: str


def _shown(one: User) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "permissions": as_flags(one.permissions),
        "is_active": one.is_active,
        "whatsapp_number": one.whatsapp_number,
        "invited_at": one.invited_at,
        "last_login": one.last_login_at,
        "created_at": one.created_at,
        "has_second_factor": one.has_second_factor,
    }


def _invitation(one: Invited) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "role": one.role,
        "permissions": dict(one.overrides),
        "invited_by": one.invited_by,
        "invited_at": one.created_at,
        "expires_at": one.expires_at,
        "invite_link": one.link,
    }


def _answer(caller: Access, user_id: int, request: Request) -> dict[str, Any]:
    found = users.user(caller, user_id)
    mark_version(request, found.version)
    return _shown(found)


@router.get(
    "", summary="List users", response_model=Listed[UserShown], responses={**LOGGED_IN, **NOT_MODIFIED}
)
def list_users(
    caller: Caller,
    page: Paging,
    search: Search = None,
    is_active: Annotated[bool | None, Query(description="Only active people, or deactivated ones.")] = None,
) -> dict[str, Any]:
    """Everybody who belongs to the factory, by address unless `sort` says otherwise."""
    rows = [
        one
        for one in users.list_users(caller)
        if (is_active is None or one.is_active == is_active) and has_words(search, one.email, one.name)
    ]
    keys = {
        "id": lambda u: u.id,
        "email": lambda u: u.email,
        "name": lambda u: u.name,
        "role": lambda u: u.role,
        "last_login": lambda u: u.last_login_at,
        "created_at": lambda u: u.created_at,
    }
    return one_page(rows, page, keys, "email", _shown)


@router.post(
    "/invite",
    summary="Invite a user",
    response_model=InvitationShown,
    status_code=201,
    responses={**LOGGED_IN, **CHANGING},
)
def invite_user(caller: Caller, given: Invite) -> Mapping[str, Any]:
    """Send an invitation; an older open one to the same address counts no more."""
    made = invitations.invite(
        caller,
        given.email,
        role=given.role,
        overrides=given.permissions,
        whatsapp_number=given.whatsapp_number,
    )
    return _invitation(made)


@router.get(
    "/invitations",
    summary="List open invitations",
    response_model=Listed[InvitationShown],
    responses={**LOGGED_IN, **NOT_MODIFIED},
)
def list_invitations(caller: Caller, page: Paging, search: Search = None) -> dict[str, Any]:
    """The invitations that can still be accepted, the newest first."""
    rows = [one for one in invitations.pending(caller) if has_words(search, one.email)]
    keys = {
        "id": lambda i: i.id,
        "email": lambda i: i.email,
        "expires_at": lambda i: i.expires_at,
    }
    return one_page(rows, page, keys, "-id", _invitation)


@router.delete(
    "/invitations/{invitation_id}",
    summary="Withdraw an invitation",
    response_model=Message,
    responses={**LOGGED_IN, **FOUND},
)
def withdraw_invitation(caller: Caller, invitation_id: Id) -> dict[str, str]:
    """Make an open invitation worth nothing."""
    invitations.withdraw(caller, invitation_id)
    return {"message": "Invitation withdrawn"}


@router.post(
    "/accept-invite",
    summary="Accept an invitation",
    response_model=LogInAnswer,
    responses={401: LOGGED_IN[401], 409: CHANGING[409]},
)
def accept_invite(
    given: AcceptInvite,
    gemba: Parts,
    address: Address,
    user_agent: Annotated[str, Header(alias="User-Agent", include_in_schema=False)] = "",
) -> dict[str, Any]:
    """Come in with an invitation: a new address sets its password, a known one gives its own."""
    account_id, factory_id = invitations.accept(
        gemba, given.token, given.password, given.name, address=address, code=given.code
    )
    return as_answer(gemba.tokens.open(account_id, factory_id, client=user_agent, now=gemba.clock()))


@router.get(
    "/{user_id}",
    summary="Get a user",
    response_model=UserShown,
    responses={**LOGGED_IN, **FOUND, **NOT_MODIFIED},
)
def get_user(caller: Caller, user_id: Id, request: Request) -> dict[str, Any]:
    """One person of the factory."""
    return _answer(caller, user_id, request)


@router.patch(
    "/{user_id}/permissions",
    summary="Update user permissions",
    response_model=UserShown,
    responses={**LOGGED_IN, **FOUND, **CHANGING},
)
def update_permissions(
    caller: Caller, user_id: Id, given: PermissionChange, version: BasedOn, request: Request
) -> dict[str, Any]:
    """Give or refuse single permissions; names left out stay as they are."""
    _refuse_old(caller, user_id, version)
    users.set_overrides(caller, user_id, version, given.permissions)
    return _answer(caller, user_id, request)


@router.patch(
    "/{user_id}/role",
    summary="Change the role of a user",
    response_model=UserShown,
    responses={**LOGGED_IN, **FOUND, **CHANGING},
)
def change_user_role(
    caller: Caller, user_id: Id, given: RoleChange, version: BasedOn, request: Request
) -> dict[str, Any]:
    """Give somebody another role; nobody can give more than they may do themselves."""
    _refuse_old(caller, user_id, version)
    users.set_role(caller, user_id, version, given.role)
    return _answer(caller, user_id, request)


@router.delete(
    "/{user_id}",
    summary="Deactivate a user",
    response_model=Message,
    responses={**LOGGED_IN, **FOUND, **CHANGING},
)
def deactivate_user(caller: Caller, user_id: Id, version: BasedOn) -> dict[str, str]:
    """Let somebody in no longer; open sessions in this factory end."""
    _refuse_old(caller, user_id, version)
    users.deactivate(caller, user_id, version)
    return {"message": "User deactivated successfully"}


@router.post(
    "/{user_id}/reactivate",
    summary="Reactivate a user",
    response_model=UserShown,
    responses={**LOGGED_IN, **FOUND, **CHANGING},
)
def reactivate_user(caller: Caller, user_id: Id, version: BasedOn, request: Request) -> dict[str, Any]:
    """Let somebody in again."""
    _refuse_old(caller, user_id, version)
    users.reactivate(caller, user_id, version)
    return _answer(caller, user_id, request)


@router.post(
    "/{user_id}/reset-link",
    summary="Make a password reset link",
    response_model=ResetLink,
    status_code=201,
    responses={**LOGGED_IN, **FOUND},
)
def make_reset_link(caller: Caller, user_id: Id) -> dict[str, str]:
    """A link for somebody who gets no mail; good once and for an hour."""
    return {"reset_link": resets.make_reset_link(caller, user_id)}


def _refuse_old(caller: Access, user_id: int, version: int | None) -> None:
    if version is not None:
        require_version(version, users.user(caller, user_id).version)
