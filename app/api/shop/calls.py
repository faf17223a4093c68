"""Calls for help from machines."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, LOGGED_IN
from app.api.etags import TaggedRoute
from app.api.values import Key, Strict
from app.shop.calls import call_for_help

router = APIRouter(prefix="/help-calls", tags=["tools"], route_class=TaggedRoute, responses=LOGGED_IN)


class HelpCalled(Strict):
    """Where help is needed, and what for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"machine": "lathe-1", "note": "Chuck stuck"}]})
    machine: Key
    note: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""


class CallShown(BaseModel):
    """The alert that stands for the call; it ends when that is resolved."""

    alert_id: int = Field(examples=[12])


@router.post("", summary="Call for help", response_model=CallShown, status_code=201, responses=CHANGING)
def call_help(caller: Caller, given: HelpCalled) -> dict[str, Any]:
    """Raise an alert and tell everybody who gets alerts; one open call per machine."""
    return {"alert_id": call_for_help(caller, given.machine, given.note)}
