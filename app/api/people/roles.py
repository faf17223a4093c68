"""The roles of the factory."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Message, Short, Strict
from app.bootstrap import Access
from app.people import roles

router = APIRouter(prefix="/roles", tags=["roles"], route_class=TaggedRoute, responses=LOGGED_IN)

Names = Annotated[list[str], Field(max_length=50)]
EXAMPLE: dict[str, Any] = {"name": "Quality inspector", "permissions": ["see_plant", "acknowledge_alerts"]}


class RoleShown(BaseModel):
    """A role; those of every factory have no id and cannot be changed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 1, "key": "inspector", **EXAMPLE, "version": 1}]}
    )
    id: int | None
    key: str
    name: str
    permissions: list[str]
    version: int


class RoleGiven(Strict):
    """A role's name and what it allows."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    name: Short
    permissions: Names


class NewRole(RoleGiven):
    """A role to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": "inspector", **EXAMPLE}]})
    key: str = Field(max_length=40)


def _shown(one: roles.Role) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "name": one.name,
        "permissions": sorted(permission.value for permission in one.permissions),
        "version": one.version,
    }


def _answer(caller: Access, role_id: int, request: Request) -> dict[str, Any]:
    found = roles.role(caller, role_id)
    mark_version(request, found.version)
    return _shown(found)


@router.get("", summary="List roles", response_model=Listed[RoleShown], responses=NOT_MODIFIED)
def list_roles(caller: Caller, page: Paging, search: Search = None) -> dict[str, Any]:
    """Every role that somebody of the factory can have."""
    rows = [one for one in roles.list_roles(caller) if has_words(search, one.key, one.name)]
    keys = {"key": lambda r: r.key, "name": lambda r: r.name, "id": lambda r: r.id}
    return one_page(rows, page, keys, "key", _shown)


@router.get("/{role_id}", summary="Get a role", response_model=RoleShown, responses={**FOUND, **NOT_MODIFIED})
def get_role(caller: Caller, role_id: Id, request: Request) -> dict[str, Any]:
    """One role of the factory's own."""
    return _answer(caller, role_id, request)


@router.post("", summary="Make a role", response_model=RoleShown, status_code=201, responses=CHANGING)
def create_role(caller: Caller, given: NewRole, request: Request) -> dict[str, Any]:
    """Make a role; nobody can put in what they do not hold."""
    return _answer(caller, roles.add_role(caller, given.key, given.name, given.permissions), request)


@router.put("/{role_id}", summary="Change a role", response_model=RoleShown, responses={**FOUND, **CHANGING})
def update_role(
    caller: Caller, role_id: Id, given: RoleGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Change a role for everybody who has it."""
    require_version(version, roles.role(caller, role_id).version)
    roles.edit_role(caller, role_id, version, given.name, given.permissions)
    return _answer(caller, role_id, request)


@router.delete("/{role_id}", summary="Delete a role", response_model=Message, responses={**FOUND, **CHANGING})
def delete_role(caller: Caller, role_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Delete a role that nobody has any more."""
    require_version(version, roles.role(caller, role_id).version)
    roles.remove_role(caller, role_id, version)
    return {"message": "Role deleted"}
