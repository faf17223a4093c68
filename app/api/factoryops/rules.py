"""Alert rules, in FactoryOps' form with ours beside it."""

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Key, Message, Moment, Name, Strict, Words
from app.production.plant import plant
from app.rules import store
from app.rules.backtest import look_back
from app.rules.drafts import Draft, KnownRule, targets
from data.models import from_us, to_us

router = APIRouter(prefix="/rules", tags=["rules"], route_class=TaggedRoute, responses=LOGGED_IN)

Severity = Literal["low", "medium", "high", "critical"]
BODY: Final[dict[str, Any]] = {
    "name": "Spindle Overheat",
    "description": "Alert when spindle temperature is too high",
    "scope": "global",
    "device_ids": [],
    "conditions": {
        "operator": "AND",
        "conditions": [{"parameter": "spindle_temp", "operator": "gt", "threshold": 80}],
    },
    "cooldown_minutes": 15,
    "severity": "critical",
    "schedule_type": "always",
    "notification_channels": {"email": True, "whatsapp": False},
}
Tree = dict[str, Any]
Seconds = Annotated[float, Field(ge=0, le=90 * 86_400)]


class Fields(Strict):
    """What a rule says; what is left out stays as it is, or takes its default in a new rule."""

    description: Words | None = None
    scope: Literal["device", "lines", "types", "global"] | None = None
    device_ids: list[Annotated[int, Field(ge=1, le=2**53)]] | None = Field(None, max_length=5_000)
    lines: list[Key] | None = Field(None, max_length=1_000, description="Line keys, with scope `lines`.")
    types: list[Name] | None = Field(None, max_length=1_000, description="Machine types, with scope `types`.")
    conditions: Tree | None = Field(None, description="A group or a condition; docs/rules.md has every kind.")
    severity: Severity | None = None
    levels: list[Tree] | None = Field(None, max_length=4, description="Several severities on one rule.")
    cooldown_minutes: Annotated[float, Field(ge=0, le=43_200)] | None = None
    schedule_type: Literal["always", "time_window", "date_range"] | None = None
    schedule_config: Tree | None = None
    notification_channels: dict[Key, bool] | None = Field(None, max_length=20)
    on_delay_s: Seconds | None = None
    off_delay_s: Seconds | None = None
    max_gap_s: Annotated[float, Field(ge=1, le=604_800)] | None = None
    lateness_s: Annotated[float, Field(ge=0, le=3_600)] | None = None
    unknown: Literal["hold", "break", "true", "false"] | None = None
    k: Annotated[int, Field(ge=0, le=1_000)] | None = None


class NewRule(Fields):
    """A new rule; it runs from now on unless `publish` is false."""

    model_config = ConfigDict(json_schema_extra={"examples": [BODY]})
    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
    publish: bool = True


class RuleUpdate(Fields):
    """What to change; the change is published at once unless `publish` is false."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cooldown_minutes": 30, "severity": "high"}]})
    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")] | None = None
    publish: bool = True


class RuleShown(BaseModel):
    """A rule."""

    id: int
    name: str
    description: str | None
    scope: str
    device_ids: list[int] = Field(description="The machines that it watches now.")
    conditions: Tree | None
    levels: list[Tree] | None
    severity: str | None
    cooldown_minutes: float
    is_active: bool
    schedule_type: str
    schedule_config: Tree | None
    notification_channels: dict[str, bool]
    on_delay_s: float
    off_delay_s: float
    max_gap_s: float
    lateness_s: float
    unknown: str
    k: int
    published_version: int = Field(description="The version that runs; 0 for a draft.")
    has_unpublished_changes: bool
    created_by: str
    created_at: datetime
    updated_at: datetime


class RaisedShown(BaseModel):
    """An alert that would have been."""

    device_key: str | None
    triggered_at: datetime
    resolved_at: datetime | None
    severity: str


class StopShown(BaseModel):
    """An unplanned stop."""

    device_key: str
    started_at: datetime


class LookBackShown(BaseModel):
    """What a draft would have done, against the limits of ISA-18.2."""

    alerts: list[RaisedShown]
    total: int
    per_day: float
    per_ten_minutes: float
    peak_in_ten_minutes: int
    share_in_flood: float
    verdict: str
    preceded: list[StopShown]
    missed: list[StopShown]


class Trial(Strict):
    """A draft to try on history."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rule": BODY, "start": "2026-03-03T00:00:00Z", "end": "2026-03-04T00:00:00Z"}]
        }
    )
    rule: NewRule
    start: Moment
    end: Moment


PLACES: Final = {"device": "device_ids", "lines": "lines", "types": "types"}
NOT_BODY: Final = frozenset({"name", "description", "scope", "device_ids", "lines", "types", "publish"})


def _shown(caller: Caller, known: KnownRule) -> dict[str, Any]:
    body = known.body
    return {
        "id": known.id,
        "name": known.name,
        "description": known.description or None,
        "scope": known.scope,
        "device_ids": [machine.id for machine in targets(plant(caller), known.scope, known.target)],
        "conditions": body.get("conditions"),
        "levels": body.get("levels"),
        "severity": body.get("severity", None if body.get("levels") else "medium"),
        "cooldown_minutes": body.get("cooldown_minutes", 15),
        "is_active": known.is_active,
        "schedule_type": body.get("schedule_type", "always"),
        "schedule_config": body.get("schedule_config"),
        "notification_channels": body.get("notification_channels") or {},
        "on_delay_s": body.get("on_delay_s", 0),
        "off_delay_s": body.get("off_delay_s", 0),
        "max_gap_s": body.get("max_gap_s", 300),
        "lateness_s": body.get("lateness_s", 60),
        "unknown": body.get("unknown", "hold"),
        "k": body.get("k", 0),
        "published_version": known.published,
        "has_unpublished_changes": known.has_changes,
        "created_by": known.created_by,
        "created_at": known.created_at,
        "updated_at": known.updated_at,
    }


def _draft(given: Fields, name: str, before: KnownRule | None = None) -> Draft:
    """The draft of a request, over what is there."""
    told = given.model_dump(exclude_unset=True)
    body = dict(before.body) if before else {}
    for field, value in told.items():
        if field in NOT_BODY:
            continue
        if value is None:
            body.pop(field, None)
        else:
            body[field] = value
    if told.get("levels"):
        body.pop("conditions", None)
        body.pop("severity", None)
    elif told.get("conditions"):
        body.pop("levels", None)
    scope = told.get("scope") or (before.scope if before else "device")
    target: tuple[Any, ...] = before.target if before and before.scope == scope else ()
    place = PLACES.get(scope)
    if place and told.get(place) is not None:
        target = tuple(told[place])
    description = told.get("description", before.description if before else "") or ""
    return Draft(name, body, description, scope, target if scope != "global" else ())


@router.get("", summary="List rules", response_model=Listed[RuleShown], responses=NOT_MODIFIED)
def list_rules(
    caller: Caller,
    page: Paging,
    search: Search = None,
    device_id: Annotated[int | None, Query(ge=1, le=2**53, description="Only rules that watch it.")] = None,
    is_active: Annotated[bool | None, Query(description="Only those switched on, or off.")] = None,
    scope: Annotated[str | None, Query(max_length=20, description="device, lines, types or global.")] = None,
) -> dict[str, Any]:
    """The rules of the factory, by name unless `sort` says otherwise."""
    known = plant(caller)
    rows = [
        row
        for row in store.list_rules(caller)
        if (is_active is None or row.is_active == is_active)
        and (scope is None or row.scope == scope)
        and has_words(search, row.name, row.description)
        and (
            device_id is None
            or device_id in {machine.id for machine in targets(known, row.scope, row.target)}
        )
    ]
    names = ("id", "name", "created_at", "updated_at", "is_active")
    keys = {name: attrgetter(name) for name in names}
    return one_page(rows, page, keys, "name", lambda row: _shown(caller, row))


@router.post("", summary="Create a rule", response_model=RuleShown, status_code=201, responses=CHANGING)
def create_rule(caller: Caller, given: NewRule, request: Request) -> dict[str, Any]:
    """Make a rule; every mistake is named by its field."""
    number = store.add_rule(caller, _draft(given, given.name), publish=given.publish)
    return _answer(caller, number, request)


@router.post("/look-back", summary="Try a rule on history", response_model=LookBackShown, responses=CHANGING)
def try_rule(caller: Caller, given: Trial) -> dict[str, Any]:
    """Which alerts the draft would have raised, how many for whom, and which stops they came before."""
    draft = _draft(given.rule, given.rule.name)
    found = look_back(caller, draft, to_us(given.start), to_us(given.end))
    severities = ("low", "medium", "high", "critical")
    return {
        "alerts": [
            {
                "device_key": one.machine or None,
                "triggered_at": from_us(one.raised_us),
                "resolved_at": from_us(one.cleared_us) if one.cleared_us is not None else None,
                "severity": severities[max(rank for _, rank in one.marks) - 1],
            }
            for one in found.alerts[:1_000]
        ],
        "total": found.load.count,
        "per_day": found.load.per_day,
        "per_ten_minutes": found.load.per_window,
        "peak_in_ten_minutes": found.load.peak,
        "share_in_flood": found.load.share_in_flood,
        "verdict": found.load.verdict,
        "preceded": [{"device_key": key, "started_at": from_us(at)} for key, at in found.preceded],
        "missed": [{"device_key": key, "started_at": from_us(at)} for key, at in found.missed],
    }


@router.get("/{rule_id}", summary="Get a rule", response_model=RuleShown, responses={**FOUND, **NOT_MODIFIED})
def get_rule(caller: Caller, rule_id: Id, request: Request) -> dict[str, Any]:
    """One rule with the ETag that a change needs."""
    return _answer(caller, rule_id, request)


@router.patch(
    "/{rule_id}", summary="Update a rule", response_model=RuleShown, responses={**FOUND, **CHANGING}
)
def update_rule(
    caller: Caller, rule_id: Id, given: RuleUpdate, version: BasedOn, request: Request
) -> dict[str, Any]:
    """Change what is named. A published change makes a version and closes the alerts of the one before."""
    before = store.rule_to_change(caller, rule_id)
    draft = _draft(given, given.name or before.name, before)
    store.edit_rule(caller, rule_id, version, draft, publish=given.publish)
    return _answer(caller, rule_id, request)


@router.patch(
    "/{rule_id}/toggle", summary="Enable or disable a rule", response_model=RuleShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def toggle_rule(caller: Caller, rule_id: Id, version: BasedOn, request: Request) -> dict[str, Any]:
    """Switch it to the other side; a rule that is switched off closes its alerts."""
    store.switch_rule(caller, rule_id, version)
    return _answer(caller, rule_id, request)


@router.delete("/{rule_id}", summary="Delete a rule", response_model=Message, responses={**FOUND, **CHANGING})
def delete_rule(caller: Caller, rule_id: Id, version: BasedOn) -> dict[str, str]:
    """Forget a rule; its alerts stay, the open ones are closed with that cause."""
    store.remove_rule(caller, rule_id, version)
    return {"message": "Rule deleted successfully"}


def _answer(caller: Caller, rule_id: int, request: Request) -> dict[str, Any]:
    known = store.get_rule(caller, rule_id)
    mark_version(request, known.version)
    return _shown(caller, known)
