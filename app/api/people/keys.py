"""API keys of services and machines."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Key, Message, Moment, Short, Strict
from app.people import keys

router = APIRouter(prefix="/api-keys", tags=["api keys"], route_class=TaggedRoute, responses=LOGGED_IN)


class KeyShown(BaseModel):
    """A key without its secret."""

    id: int
    name: str
    machine: str | None
    permissions: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyWithSecret(KeyShown):
    """A key with its secret, which is shown this once."""

    key: str = Field(description="For the header X-API-Key.")


class NewKey(Strict):
    """What a key is for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Gateway hall 3", "machine": "M01", "permissions": ["send_data"]}]
        }
    )
    name: Short
    permissions: list[str] = Field(max_length=50)
    machine: Key | None = Field(None, description="The one machine that it speaks for.")
    expires_at: Moment | None = None


@router.get("", summary="List API keys", response_model=Listed[KeyShown], responses=NOT_MODIFIED)
def list_keys(
    caller: Caller,
    page: Paging,
    search: Search = None,
    is_revoked: Annotated[bool | None, Query(description="Only revoked keys, or only good ones.")] = None,
) -> dict[str, Any]:
    """The keys of the factory, the newest first."""
    rows = [
        one
        for one in keys.list_keys(caller)
        if has_words(search, one.name) and (is_revoked is None or (one.revoked_at is not None) == is_revoked)
    ]
    by = {
        "id": lambda k: k.id,
        "name": lambda k: k.name,
        "last_used_at": lambda k: k.last_used_at,
        "created_at": lambda k: k.created_at,
    }
    return one_page(rows, page, by, "-id", asdict)


@router.get(
    "/{key_id}", summary="Get an API key", response_model=KeyShown, responses={**FOUND, **NOT_MODIFIED}
)
def get_key(caller: Caller, key_id: Id) -> dict[str, Any]:
    """One key."""
    return asdict(keys.key(caller, key_id))


@router.post("", summary="Make an API key", response_model=KeyWithSecret, status_code=201, responses=CHANGING)
def create_key(caller: Caller, given: NewKey) -> dict[str, Any]:
    """Make a key; its secret is in this answer and nowhere else."""
    made, secret = keys.make_key(
        caller, given.name, given.permissions, machine=given.machine, expires_at=given.expires_at
    )
    return {**asdict(made), "key": secret}


@router.post("/{key_id}/rotate", summary="Rotate an API key", response_model=KeyWithSecret, responses=FOUND)
def rotate_key(caller: Caller, key_id: Id) -> dict[str, Any]:
    """A new secret for a key; the old one is worth nothing from here on."""
    made, secret = keys.rotate_key(caller, key_id)
    return {**asdict(made), "key": secret}


@router.delete("/{key_id}", summary="Revoke an API key", response_model=Message, responses=FOUND)
def revoke_key(caller: Caller, key_id: Id) -> dict[str, str]:
    """Make a key worth nothing."""
    keys.revoke_key(caller, key_id)
    return {"message": "Key revoked"}
