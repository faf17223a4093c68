"""Anomaly episodes, as the last scans found them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Short
from app.predict.anomaly.scans import Episode, episodes
from app.predict.anomaly.sources import Source
from data.models import from_us

router = APIRouter(
    prefix="/anomalies",
    tags=["predictions"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)
Severity = Literal["high", "medium", "low"]
Said = Literal["real", "false_alarm", "none"]
EXAMPLE: Final[dict[str, Any]] = {
    "scan": 4, "position": 0, "machine": "pump-1", "source": "signals", "method": "pca",
    "start": "2026-02-19T02:14:00Z", "end": "2026-02-19T03:02:00Z", "severity": "high", "peak": 2.7,
    "peak_at": "2026-02-19T02:40:00Z", "rows": 48,
    "contributions": [{"parameter": "vibration", "share": 0.62}], "said": "real",
    "note": "bearing", "is_excused": False,
}  # fmt: skip


class Contribution(BaseModel):
    """How much of the score one parameter, or one part of shift records, made."""

    parameter: str
    share: float


class EpisodeShown(BaseModel):
    """An episode: `peak` is its highest score in multiples of the limit, `scan` and `position` name it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    scan: int
    position: int
    machine: str
    source: Source = Field(description="What was scanned: signals, or shift records.")
    method: str
    start: datetime
    end: datetime
    severity: str
    peak: float
    peak_at: datetime
    rows: int
    contributions: list[Contribution]
    said: Said = Field(description="What a person said of it.")
    note: str
    is_excused: bool = Field(description="Like a false alarm before it, so it was not counted.")


@router.get("", summary="List anomalies", response_model=Listed[EpisodeShown])
def list_anomalies(
    caller: Caller,
    page: Paging,
    machine: Annotated[Short, Query(description="Only of this device key.")] = "",
    severity: Annotated[list[Severity], Query(description="Only of these severities.")] = [],  # noqa: B006
    said: Annotated[Said | None, Query(description="Only those of which this was said.")] = None,
) -> dict[str, Any]:
    """The episodes of the last scans, the newest first; of two scans that saw the same one, the later."""
    found = [
        one for one in episodes(caller, machine=machine)
        if (not severity or one.severity in severity) and said in (None, _said(one))
    ]  # fmt: skip
    keys = {
        "start": lambda one: (one.start_us, one.scan.machine), "peak": lambda one: one.peak,
        "machine": lambda one: (one.scan.machine, one.start_us),
    }  # fmt: skip
    return one_page(found, page, keys, "-start", _shown)


def _said(one: Episode) -> str:
    if one.label is None:
        return "none"
    return "real" if one.label.is_true else "false_alarm"


def _shown(one: Episode) -> dict[str, Any]:
    return {
        "scan": one.scan.id, "position": one.position, "machine": one.scan.machine,
        "source": one.scan.source, "method": one.scan.method,
        "start": from_us(one.start_us), "end": from_us(one.end_us),
        "severity": one.severity, "peak": one.peak, "peak_at": from_us(one.peak_at_us), "rows": one.rows,
        "contributions": [{"parameter": name, "share": share} for name, share in one.contributions],
        "said": _said(one), "note": one.label.note if one.label else "",
        "is_excused": one.excused is not None,
    }  # fmt: skip
