"""Machines, as FactoryOps calls them: devices."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from analytics.errors import InvalidInput, NotFound, VersionRequired
from app.alerts.standing import Standing, standings
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Key, Message, Name, Short, Strict, moment, or_none
from app.bootstrap import Access
from app.production import deletion, machines
from app.production.machines import MachineDraft
from app.production.measured.presence import Presence, presences
from app.production.plant import Plant, plant
from data.models import Machine, to_us

router = APIRouter(prefix="/devices", tags=["devices"], route_class=TaggedRoute, responses=LOGGED_IN)

EXAMPLE: Final[dict[str, Any]] = {
    "id": 5,
    "device_key": "M01",
    "name": "CNC Mill - Station A",
    "manufacturer": "Haas",
    "model": "VF-2",
    "region": "Line 3",
    "is_active": True,
    "last_seen": "2026-02-19T10:30:00Z",
    "created_at": "2026-01-15T08:00:00Z",
    "updated_at": "2026-02-19T10:30:00Z",
    "line": "line-3",
    "type": "cnc_mill",
    "ideal_cycle_s": 42.0,
    "importance": 3,
}


class Device(BaseModel):
    """A machine."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    device_key: str
    name: str
    manufacturer: str | None
    model: str | None
    region: str | None
    is_active: bool
    last_seen: datetime | None
    created_at: datetime
    updated_at: datetime
    line: str | None = Field(description="The key of its line.")
    type: str | None
    ideal_cycle_s: float | None
    importance: int


class DeviceRow(Device):
    """A machine with what a list shows beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**EXAMPLE, "health_score": 100, "current_energy_kw": 7.5, "active_alert_count": 0}]
        }
    )
    health_score: int
    current_energy_kw: float | None
    active_alert_count: int


class NewDevice(Strict):
    """What to know about a new machine; only its key is needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "device_key": "M02",
                    "name": "CNC Mill - Station B",
                    "manufacturer": "Haas",
                    "model": "VF-2",
                    "region": "Line 3",
                }
            ]
        }
    )
    device_key: Key
    name: Name | None = None
    manufacturer: Short | None = None
    model: Short | None = None
    region: Name | None = None
    line: Key | None = None
    type: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] | None = None
    ideal_cycle_s: float | None = Field(None, gt=0, le=86_400)
    importance: int | None = Field(None, ge=1, le=5)


class DeviceChange(Strict):
    """What to change; what is left out stays. `line` and `ideal_cycle_s` can be emptied with null."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "CNC Mill - Station B (Updated)", "region": "Line 4"}]}
    )
    name: Name | None = None
    manufacturer: Short | None = None
    model: Short | None = None
    region: Name | None = None
    line: Key | None = None
    type: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] | None = None
    ideal_cycle_s: float | None = Field(None, gt=0, le=86_400)
    importance: int | None = Field(None, ge=1, le=5)
    is_active: bool | None = None


def _shown(known: Plant, machine: Machine, presence: Presence) -> dict[str, Any]:
    line = known.line_by_id.get(machine.line_id or 0)
    return {
        "id": machine.id,
        "device_key": machine.device_key,
        "name": machine.name,
        "manufacturer": or_none(machine.manufacturer),
        "model": or_none(machine.model),
        "region": or_none(machine.location),
        "is_active": machine.is_active,
        "last_seen": moment(presence.last_seen_us),
        "created_at": machine.created_at,
        "updated_at": machine.updated_at,
        "line": line.key if line else None,
        "type": or_none(machine.type),
        "ideal_cycle_s": machine.ideal_cycle_s,
        "importance": machine.importance,
    }


Rows = tuple[dict[str, Any], ...]
Standings = Mapping[int | None, Standing]
_kept: dict[tuple[int, int], tuple[Plant, dict[str, Presence], Standings, Rows]] = {}


def _rows(caller: Access) -> Rows:
    """All machines as a list shows them, by key; made again when the plant, alerts or what was heard move."""
    key = (caller.gemba.database.number, caller.factory.id)
    known, heard, now_us = plant(caller), presences(caller), to_us(caller.now)
    standing = standings(caller)
    found = _kept.get(key)
    if found is None or found[0] is not known or found[1] is not heard or found[2] is not standing:
        rows = []
        for machine in known.rows.machines:
            presence = heard.get(machine.device_key, Presence())
            own = standing.get(machine.id, Standing())
            rows.append(
                {
                    **_shown(known, machine, presence),
                    "health_score": own.health(is_heard=presence.is_fresh(now_us)),
                    "current_energy_kw": presence.power_kw,
                    "active_alert_count": own.active,
                }
            )
        found = _kept[key] = (known, heard, standing, tuple(rows))
    return found[3]


@router.get("", summary="List devices", response_model=Listed[DeviceRow], responses=NOT_MODIFIED)
def list_devices(
    caller: Caller,
    page: Paging,
    search: Search = None,
    is_active: Annotated[bool | None, Query(description="Only those in use, or out of use.")] = None,
    line: Annotated[str | None, Query(max_length=60, description="Only the machines of this line.")] = None,
) -> dict[str, Any]:
    """The machines of the factory, by key unless `sort` says otherwise."""
    rows = [
        row
        for row in _rows(caller)
        if (is_active is None or row["is_active"] == is_active)
        and (line is None or row["line"] == line)
        and has_words(search, row["device_key"], row["name"])
    ]
    names = ("id", "device_key", "name", "region", "created_at", "updated_at", "last_seen", "health_score")
    return one_page(rows, page, {name: itemgetter(name) for name in names}, "device_key", dict)


@router.get(
    "/{device_id}", summary="Get a device", response_model=Device, responses={**FOUND, **NOT_MODIFIED}
)
def get_device(caller: Caller, device_id: Id, request: Request) -> dict[str, Any]:
    """One machine; 404 for another factory's."""
    return _answer(caller, device_id, request)


@router.post("", summary="Create a device", response_model=Device, status_code=201, responses=CHANGING)
def create_device(caller: Caller, given: NewDevice, request: Request) -> dict[str, Any]:
    """Add a machine to the caller's factory."""
    draft = MachineDraft(
        device_key=given.device_key,
        name=given.name or given.device_key,
        line_key=given.line,
        type=given.type or "",
        manufacturer=given.manufacturer or "",
        model=given.model or "",
        location=given.region or "",
        ideal_cycle_s=given.ideal_cycle_s,
        importance=given.importance or 3,
    )
    return _answer(caller, machines.add(caller, draft), request)


@router.patch(
    "/{device_id}", summary="Update a device", response_model=Device, responses={**FOUND, **CHANGING}
)
def update_device(
    caller: Caller, device_id: Id, given: DeviceChange, version: BasedOn, request: Request
) -> dict[str, Any]:
    """Change what is named; with If-Match only if nobody else changed the machine since it was read."""
    machine = machines.stored(caller, device_id)
    present = require_version(version, machine.version)
    draft = _changed(caller, machine, given)
    if draft is not None:
        machines.edit(caller, device_id, present, draft)
        present += 1
    if given.is_active is not None and given.is_active != machine.is_active:
        machines.set_active(caller, device_id, present, given.is_active)
    return _answer(caller, device_id, request)


def _changed(caller: Access, machine: Machine, given: DeviceChange) -> MachineDraft | None:
    """The machine's draft with the changes in it; None where there are none."""
    line = plant(caller).line_by_id.get(machine.line_id or 0)
    before = MachineDraft(
        device_key=machine.device_key,
        name=machine.name,
        line_key=line.key if line else None,
        type=machine.type,
        manufacturer=machine.manufacturer,
        model=machine.model,
        location=machine.location,
        ideal_cycle_s=machine.ideal_cycle_s,
        importance=machine.importance,
    )
    named = given.model_dump(exclude_unset=True, exclude={"is_active"})
    if not named:
        return None
    names = {"region": "location", "line": "line_key"}
    values = {names.get(name, name): value for name, value in named.items()}
    for name, value in values.items():
        if value is None and name not in {"line_key", "ideal_cycle_s"}:
            if name in {"name", "importance"}:
                raise InvalidInput.at(name, "This cannot be empty.")
            values[name] = ""
    return replace(before, **values)


@router.delete(
    "/{device_id}", summary="Delete a device", response_model=Message, responses={**FOUND, **CHANGING}
)
def delete_device(
    caller: Caller,
    device_id: Id,
    version: BasedOn,
    for_good: Annotated[
        bool, Query(description="Delete it, which takes If-Match; 409 says what refers to it.")
    ] = False,
    with_telemetry: Annotated[bool, Query(description="With `for_good`: its telemetry too.")] = False,
) -> dict[str, str]:
    """Take a machine out of use; its data stays. With `for_good` delete one that nothing refers to."""
    machine = machines.stored(caller, device_id)
    present = require_version(version, machine.version)
    if not for_good:
        machines.set_active(caller, device_id, present, active=False)
        return {"message": "Device deactivated successfully"}
    if version is None:
        raise VersionRequired("Name the version that the change is based on: If-Match with its ETag.")
    deletion.delete(caller, device_id, version, with_telemetry=with_telemetry)
    return {"message": "Device deleted for good"}


def _answer(caller: Access, device_id: int, request: Request) -> dict[str, Any]:
    machine = plant(caller).machine_by_id.get(device_id)
    if machine is None:
        raise NotFound("There is no such machine in this factory.")
    mark_version(request, machine.version)
    return _shown(plant(caller), machine, presences(caller).get(machine.device_key, Presence()))
