"""Simulated lathes, in Byte-Astra's form with ours beside it, and what-if."""

from dataclasses import asdict
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from analytics.twin.lathe.materials import MATERIALS
from analytics.twin.lathe.tools import MAGAZINE, Operation
from analytics.twin.whatif import Economics
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Key, Name, Strict
from app.auth.permissions import Permission
from app.simulate.lathes import store
from app.simulate.lathes.comparing import Plan, compare
from app.simulate.lathes.drafts import StartDraft

router = APIRouter(prefix="/simulator", tags=["simulator"], route_class=TaggedRoute, responses=LOGGED_IN)

START: Final[dict[str, Any]] = {
    "lathe_id": "lathe-1",
    "material": "Mild Steel",
    "job_type": "turning",
    "tool_no": 5,
    "duration": 60,
}
SHOWN: Final[dict[str, Any]] = {
    "id": 3,
    "lathe_id": "lathe-1",
    "status": "finished",
    "material": "mild_steel",
    "job_type": "turning",
    "tool_no": 5,
    "cutting": {"speed_m_min": 213.6, "feed_mm": 0.2, "depth_mm": 2.0},
    "wear_mm": 0.0,
    "change_share": 1.0,
    "faults": "usual",
    "seed": 7,
    "duration": 60.0,
    "position": 60.0,
    "speed_factor": 1.0,
    "parts": 1,
    "started_by": "olga@plant.example",
    "started_at": "2026-03-03T06:00:00Z",
    "ended_at": "2026-03-03T06:01:00Z",
    "ended_because": "its time is over",
}
WHAT_IF: Final[dict[str, Any]] = {
    "today": {"material": "mild_steel", "job_type": "turning", "tool_no": 5, "speed_m_min": 180},
    "changed": {"material": "mild_steel", "job_type": "turning", "tool_no": 5, "speed_m_min": 220},
}
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class Job(Strict):
    """What is cut and how; cutting values that are left out are recommended ones."""

    material: Name
    job_type: Name = Field(description="turning, facing, threading, drilling, boring or knurling.")
    tool_no: Annotated[int, Field(ge=-(2**31), le=2**31)] | None = None
    speed_m_min: Number | None = None
    feed_mm: Number | None = None
    depth_mm: Number | None = None
    diameter_mm: Number | None = None
    length_mm: Number | None = None
    passes: Annotated[int, Field(ge=-1_000, le=1_000)] | None = None
    change_share: Number = Field(1.0, description="After which share of its life an edge is changed.")

    @property
    def values(self) -> dict[str, float]:
        """The cutting values that were given."""
        names = ("speed_m_min", "feed_mm", "depth_mm", "diameter_mm", "length_mm", "passes")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class Start(Job):
    """A lathe to simulate."""

    model_config = ConfigDict(json_schema_extra={"examples": [START]})
    lathe_id: Key = Field(description="The device key of a listed machine that sends nothing itself.")
    duration: Number = Field(description="How many of the lathe's own seconds.")
    speed_factor: Number = Field(1.0, description="How much faster than the clock, 1 to 1,000.")
    wear_mm: Number = Field(0.0, description="The flank wear of the edge at the start.")
    faults: Name = Field("usual", description="usual or none.")
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class Speed(Strict):
    """How fast a lathe's time goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"speed_factor": 100}]})
    speed_factor: Number


class SimulationShown(BaseModel):
    """A simulated lathe; `position` is how far it has come of `duration`, in its own seconds."""

    model_config = ConfigDict(json_schema_extra={"examples": [SHOWN]})
    id: int
    lathe_id: str
    status: str
    material: str
    job_type: str
    tool_no: int
    cutting: dict[str, float]
    wear_mm: float
    change_share: float
    faults: str
    seed: int
    duration: float
    position: float
    speed_factor: float
    parts: int
    started_by: str | None = Field(description="Null without the permission to see people by name.")
    started_at: datetime
    ended_at: datetime | None
    ended_because: str | None = Field(description="Null while it has not ended.")


class MaterialShown(BaseModel):
    """A material with its specific cutting force and where that comes from."""

    key: str
    name: str
    kc11: float
    mc: float
    source: str


class ToolShown(BaseModel):
    """A tool of the magazine."""

    tool_no: int
    name: str
    job_types: list[str]
    grade: str
    wear_limit_mm: float


class CatalogueShown(BaseModel):
    """What can be simulated."""

    materials: list[MaterialShown]
    job_types: list[str]
    tools: list[ToolShown]


class WhatIf(Strict):
    """Two ways to make a part, and prices."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHAT_IF]})
    today: Job
    changed: Job
    lathe_id: Key | None = Field(None, description="A machine whose fitted twin computes both.")
    machine_per_h: Number = 45.0
    labour_per_h: Number = 35.0
    energy_per_kwh: Number = 0.20
    blank: Number = 0.0
    other_stops: Number = 0.10
    scrap: Number = 0.01


class OutcomeShown(BaseModel):
    """What one way brings on average; costs and energy per good part."""

    tool_life_min: float
    change_share: float
    parts_per_edge: float
    breaks_per_100_edges: float
    cycle_s: float
    parts_per_h: float
    cost: float
    machine_cost: float
    tool_cost: float
    energy_cost: float
    blank_cost: float
    energy_kwh: float
    roughness_rz_um: float
    cutting_force_n: float
    spindle_power_kw: float
    availability: float
    performance: float
    quality: float
    oee: float


class ComparisonShown(BaseModel):
    """Both ways, and the speed at which the changed one costs least."""

    today: OutcomeShown
    changed: OutcomeShown
    cheapest_m_min: float
    cheapest_cost: float


def _shown(caller: Caller, one: store.Known) -> dict[str, Any]:
    body = one.body
    sees_names = caller.principal.may(Permission.SEE_NAMED_PEOPLE) or one.started_by == caller.principal.email
    because = one.ended_because if sees_names else one.ended_because.partition(" by ")[0]
    return {
        "id": one.id,
        "lathe_id": one.lathe,
        "status": one.status,
        "material": body["material"],
        "job_type": body["job_type"],
        "tool_no": body["tool_no"],
        "cutting": body["values"],
        "wear_mm": body["wear_mm"],
        "change_share": body["change_share"],
        "faults": body["faults"],
        "seed": one.seed,
        "duration": one.duration_s,
        "position": one.position_s,
        "speed_factor": one.speed,
        "parts": one.parts,
        "started_by": one.started_by if sees_names else None,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "ended_because": because or None,
    }


@router.post(
    "/start", summary="Start a simulated lathe", response_model=SimulationShown, status_code=201,
    responses=CHANGING,
)  # fmt: skip
def start_simulation(caller: Caller, given: Start) -> dict[str, Any]:
    """Begin; what the lathe cannot do is refused with the field, the reason and the allowed range."""
    draft = StartDraft(
        given.lathe_id, given.material, given.job_type, given.tool_no, given.duration, given.speed_factor,
        given.values, given.wear_mm, given.change_share, given.faults, given.seed,
    )  # fmt: skip
    return _answer(caller, store.start(caller, draft))


@router.get("/catalogue", summary="List materials, operations and tools", response_model=CatalogueShown)
def get_catalogue(caller: Caller) -> dict[str, Any]:
    """What can be simulated, each material with the source of its cutting force."""
    caller.require(Permission.SEE_PLANT)
    return {
        "materials": [
            {"key": one.key, "name": one.name, "kc11": one.kc11, "mc": one.mc, "source": one.source}
            for one in MATERIALS.values()
        ],
        "job_types": [one.value for one in Operation],
        "tools": [
            {
                "tool_no": one.number,
                "name": one.name,
                "job_types": sorted(one.operations),
                "grade": one.grade.key,
                "wear_limit_mm": one.limit_mm,
            }
            for one in MAGAZINE.values()
        ],
    }


@router.post("/what-if", summary="Compare two ways to make a part", response_model=ComparisonShown)
def what_if(caller: Caller, given: WhatIf) -> dict[str, Any]:
    """Tool life, cost and energy per part, roughness and OEE of both, side by side; nothing is changed."""
    plans = [
        Plan(one.material, one.job_type, one.tool_no, one.values, one.change_share)
        for one in (given.today, given.changed)
    ]
    names = ("machine_per_h", "labour_per_h", "energy_per_kwh", "blank", "other_stops", "scrap")
    prices = Economics(**{name: getattr(given, name) for name in names})
    found = compare(caller, plans[0], plans[1], prices, given.lathe_id)
    return {
        "today": asdict(found.today),
        "changed": asdict(found.changed),
        "cheapest_m_min": found.cheapest_m_min,
        "cheapest_cost": found.cheapest_cost,
    }


@router.get(
    "/simulations", summary="List simulated lathes", response_model=Listed[SimulationShown],
    responses=NOT_MODIFIED,
)  # fmt: skip
def list_simulations(
    caller: Caller,
    page: Paging,
    status: Annotated[
        str | None, Query(max_length=12, description="running, paused, finished or stopped.")
    ] = None,
) -> dict[str, Any]:
    """The newest 1,000 simulations of the factory, the newest first."""
    rows = [one for one in store.list_simulations(caller, limit=1_000) if status in {None, one.status}]
    keys = {name: attrgetter(name) for name in ("id", "lathe", "status", "started_at")}
    return one_page(rows, page, keys, "-id", lambda one: _shown(caller, one))


@router.get(
    "/simulations/{simulation_id}", summary="Get a simulated lathe", response_model=SimulationShown,
    responses={**FOUND, **NOT_MODIFIED},
)  # fmt: skip
def get_simulation(caller: Caller, simulation_id: Id) -> dict[str, Any]:
    """Where it stands."""
    return _answer(caller, simulation_id)


@router.patch(
    "/simulations/{simulation_id}", summary="Speed a simulated lathe up", response_model=SimulationShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def set_speed(caller: Caller, simulation_id: Id, given: Speed) -> dict[str, Any]:
    """Let its time go so many times as fast as the clock, from here on."""
    store.set_speed(caller, simulation_id, given.speed_factor)
    return _answer(caller, simulation_id)


@router.post(
    "/simulations/{simulation_id}/pause", summary="Pause a simulated lathe", response_model=SimulationShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def pause_simulation(caller: Caller, simulation_id: Id) -> dict[str, Any]:
    """Hold it where it stands."""
    store.pause(caller, simulation_id)
    return _answer(caller, simulation_id)


@router.post(
    "/simulations/{simulation_id}/resume", summary="Resume a simulated lathe", response_model=SimulationShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def resume_simulation(caller: Caller, simulation_id: Id) -> dict[str, Any]:
    """Let it go on from where it stands."""
    store.resume(caller, simulation_id)
    return _answer(caller, simulation_id)


@router.post(
    "/simulations/{simulation_id}/stop", summary="Stop a simulated lathe", response_model=SimulationShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def stop_simulation(caller: Caller, simulation_id: Id) -> dict[str, Any]:
    """End it for good."""
    store.stop(caller, simulation_id)
    return _answer(caller, simulation_id)


def _answer(caller: Caller, simulation_id: int) -> dict[str, Any]:
    return _shown(caller, store.get_simulation(caller, simulation_id))
