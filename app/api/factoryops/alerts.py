"""Alerts, in FactoryOps' form with ours beside it."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.alerts import actions, listing
from app.alerts.listing import Filter, Shown
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version
from app.api.listing import Listed, Paging, Search, as_page
from app.api.values import Id, Moment, Strict
from data.models import to_us

router = APIRouter(prefix="/alerts", tags=["alerts"], route_class=TaggedRoute, responses=LOGGED_IN)

EXAMPLE: Final[dict[str, Any]] = {
    "id": 150,
    "rule_id": 10,
    "rule_name": "Spindle Overheat",
    "device_id": 5,
    "device_name": "CNC Mill - Station A",
    "triggered_at": "2026-02-19T14:30:00Z",
    "resolved_at": "2026-02-19T15:00:00Z",
    "severity": "critical",
    "message": "spindle_temp (82.5 °C) is above 80 °C",
    "telemetry_snapshot": {"spindle_temp": 82.5},
    "state": "resolved",
    "cleared_at": "2026-02-19T14:55:00Z",
    "cause": "back to normal",
    "worst_severity": "critical",
    "rule_version": 1,
    "revision": 1,
    "is_provisional": False,
    "acknowledged_at": "2026-02-19T14:31:00Z",
    "acknowledged_by": "lan@vpc.example",
    "assigned_to": "lan@vpc.example",
    "shelved_until": "2026-02-19T14:45:00Z",
}
State = Literal[
    "active", "acknowledged", "returned", "shelved", "suppressed", "out_of_service", "resolved", "cleared",
    "withdrawn",
]  # fmt: skip
Said = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class AlertShown(BaseModel):
    """One episode of a rule. `resolved_at` is when somebody settled it or, before that, when it cleared."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    rule_id: int
    rule_name: str
    device_id: int | None
    device_name: str
    triggered_at: datetime
    resolved_at: datetime | None
    severity: str
    message: str
    telemetry_snapshot: dict[str, Any]
    state: str
    cleared_at: datetime | None
    cause: str | None
    worst_severity: str
    rule_version: int
    revision: int
    is_provisional: bool
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    assigned_to: str | None
    shelved_until: datetime | None


class LineShown(BaseModel):
    """A line of the history."""

    at: datetime
    actor: str
    kind: str
    text: str


class AlertDetail(AlertShown):
    """One alert with why it was raised and what happened to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "evidence": [
                        {
                            "machine": "M01",
                            "truth": "true",
                            "said": "spindle_temp is above 80 °C",
                            "value": 82.5,
                        }
                    ],
                    "history": [
                        {
                            "at": "2026-02-19T14:30:01Z",
                            "actor": "rules",
                            "kind": "raised",
                            "text": "critical: spindle_temp (82.5 °C) is above 80 °C",
                        }
                    ],
                }
            ]
        }
    )
    evidence: list[dict[str, Any]]
    history: list[LineShown]


class Remark(Strict):
    """A word about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "Coolant pump replaced"}]})
    comment: Said = ""


class Comment(Strict):
    """A comment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "Waiting for the spare part"}]})
    comment: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class Shelf(Strict):
    """Until when, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"until": "2026-03-05T06:00:00Z", "reason": "Planned test run"}]}
    )
    until: Moment
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class Assignment(Strict):
    """Somebody of the factory by address, or nobody with an empty one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": ""}]})
    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]


class Resolved(BaseModel):
    """When it was settled."""

    id: int
    resolved_at: datetime | None


def _shown(one: Shown) -> dict[str, Any]:
    return {
        "id": one.id,
        "rule_id": one.rule_id,
        "rule_name": one.rule_name,
        "device_id": one.machine_id,
        "device_name": one.machine_name,
        "triggered_at": one.raised_at,
        "resolved_at": one.resolved_at or one.cleared_at,
        "severity": one.severity,
        "message": one.message,
        "telemetry_snapshot": one.snapshot,
        "state": one.state,
        "cleared_at": one.cleared_at,
        "cause": one.cause or None,
        "worst_severity": one.worst,
        "rule_version": one.rule_version,
        "revision": one.revision,
        "is_provisional": not one.is_final,
        "acknowledged_at": one.acknowledged_at,
        "acknowledged_by": one.acknowledged_by or None,
        "assigned_to": one.assigned_to or None,
        "shelved_until": one.shelved_until,
    }


@router.get("", summary="List alerts", response_model=Listed[AlertShown], responses=NOT_MODIFIED)
def list_alerts(
    caller: Caller,
    page: Paging,
    search: Search = None,
    device_id: Annotated[int | None, Query(ge=1, le=2**53, description="Only this machine's.")] = None,
    severity: Annotated[
        Literal["low", "medium", "high", "critical"] | None, Query(description="Only this severity.")
    ] = None,
    resolved: Annotated[bool | None, Query(description="Only settled or cleared ones, or only open.")] = None,
    start: Annotated[Moment | None, Query()] = None,
    end: Annotated[Moment | None, Query()] = None,
    state: Annotated[State | None, Query(description="Only in this state.")] = None,
) -> dict[str, Any]:
    """The alerts of the factory, the newest first; withdrawn ones only when asked for."""
    page.order(("triggered_at",), "-triggered_at")
    usual = tuple(one for one in listing.STATES if one != "withdrawn")
    chosen = Filter(
        machines=(device_id,) if device_id else (),
        severities=(severity,) if severity else (),
        states=(state,) if state else usual,
        text=search or "",
        start_us=to_us(start) if start else None,
        end_us=to_us(end) if end else None,
        is_resolved=resolved,
    )
    rows = listing.list_alerts(caller, chosen, limit=page.per_page, offset=page.start)
    return as_page([_shown(one) for one in rows], listing.count_alerts(caller, chosen), page)


@router.get(
    "/{alert_id}", summary="Get an alert", response_model=AlertDetail, responses={**FOUND, **NOT_MODIFIED}
)
def get_alert(caller: Caller, alert_id: Id, request: Request) -> dict[str, Any]:
    """One alert with its evidence and its history."""
    one = listing.get_alert(caller, alert_id)
    mark_version(request, one.version)
    lines = listing.history(caller, alert_id)
    history = [{"at": n.at, "actor": n.actor, "kind": n.kind, "text": n.text} for n in lines]
    return {**_shown(one), "evidence": one.evidence, "history": history}


@router.patch(
    "/{alert_id}/resolve",
    summary="Resolve an alert",
    response_model=Resolved,
    responses={**FOUND, **CHANGING},
)
def resolve_alert(
    caller: Caller, alert_id: Id, version: BasedOn, given: Remark | None = None
) -> dict[str, Any]:
    """Say that the matter is settled; a second time changes nothing."""
    actions.resolve(caller, [alert_id], given.comment if given else "", version)
    one = listing.get_alert(caller, alert_id)
    return {"id": one.id, "resolved_at": one.resolved_at}


@router.patch(
    "/{alert_id}/acknowledge", summary="Acknowledge an alert", response_model=AlertShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def acknowledge_alert(
    caller: Caller, alert_id: Id, version: BasedOn, given: Remark | None = None
) -> dict[str, Any]:
    """Say that somebody has seen it."""
    actions.acknowledge(caller, [alert_id], given.comment if given else "", version)
    return _shown(listing.get_alert(caller, alert_id))


@router.patch(
    "/{alert_id}/shelve",
    summary="Shelve an alert",
    response_model=AlertShown,
    responses={**FOUND, **CHANGING},
)
def shelve_alert(caller: Caller, alert_id: Id, given: Shelf, version: BasedOn) -> dict[str, Any]:
    """Put it aside until a moment, with the reason."""
    actions.shelve(caller, [alert_id], given.until, given.reason, version)
    return _shown(listing.get_alert(caller, alert_id))


@router.patch(
    "/{alert_id}/unshelve", summary="Unshelve an alert", response_model=AlertShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def unshelve_alert(caller: Caller, alert_id: Id, version: BasedOn) -> dict[str, Any]:
    """Take it back from the shelf."""
    actions.unshelve(caller, [alert_id], version)
    return _shown(listing.get_alert(caller, alert_id))


@router.patch(
    "/{alert_id}/assign",
    summary="Assign an alert",
    response_model=AlertShown,
    responses={**FOUND, **CHANGING},
)
def assign_alert(caller: Caller, alert_id: Id, given: Assignment, version: BasedOn) -> dict[str, Any]:
    """Give it to somebody of the factory."""
    actions.assign(caller, [alert_id], given.email, version)
    return _shown(listing.get_alert(caller, alert_id))


@router.post(
    "/{alert_id}/comments", summary="Comment on an alert", response_model=AlertShown, status_code=201,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def comment_alert(caller: Caller, alert_id: Id, given: Comment) -> dict[str, Any]:
    """Add a comment to its history."""
    actions.comment(caller, [alert_id], given.comment)
    return _shown(listing.get_alert(caller, alert_id))
