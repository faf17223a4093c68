"""Machines that are scored for anomalies while they run."""

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Strict, or_none
from app.bootstrap import Access
from app.predict.anomaly.changed import changed_since_us
from app.predict.anomaly.live import LiveShown, live_detectors, switch_live
from data.models import from_us

router = APIRouter(prefix="/live-scores", tags=["analytics"], route_class=TaggedRoute, responses=LOGGED_IN)
EXAMPLE: Final[dict[str, Any]] = {
    "id": 3, "machine": "press-1", "is_on": True, "method": "pca", "step_s": 60.0, "score": 0.42,
    "leading": "oil_temp", "scored_until": "2026-02-19T14:30:00Z", "scored_rows": 1_440, "withheld_rows": 17,
    "normal_start": "2026-02-04T00:00:00Z", "normal_end": "2026-02-18T00:00:00Z",
    "problem": "The file of this model is not here: fit it anew.", "changed_since": "2026-02-18T09:30:00Z",
}  # fmt: skip


class LiveScore(BaseModel):
    """One machine's detector and how far it is. `score` is in multiples of the limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    machine: str
    is_on: bool
    method: str
    step_s: float
    score: float | None = Field(description="Of the newest row; null where it cannot be judged.")
    leading: str | None = Field(description="The parameter that made most of the score.")
    scored_until: datetime
    scored_rows: int
    withheld_rows: int = Field(description="Rows that were not judged: after a silence, or with gaps.")
    normal_start: datetime
    normal_end: datetime
    problem: str | None
    changed_since: datetime | None = Field(
        description="Since when it has been beyond the limit nearly all the time, for a day or more: broken, "
        "or to be learned anew by a job of the kind live_scores with normal_start_us."
    )


class Switch(Strict):
    """Whether the machine is scored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_on": False}]})
    is_on: bool


@router.get("", summary="List live scores", response_model=Listed[LiveScore], responses=NOT_MODIFIED)
def list_live_scores(caller: Caller, page: Paging) -> dict[str, Any]:
    """The machines with a detector of their own, and their newest scores."""
    keys = {"machine": lambda one: one.machine, "score": lambda one: one.score}
    return one_page(live_detectors(caller), page, keys, "machine", lambda one: _shown(caller, one))


@router.patch("/{detector_id}", summary="Switch live scores", response_model=LiveScore,
              responses={**FOUND, **CHANGING})  # fmt: skip
def switch_live_score(caller: Caller, detector_id: Id, given: Switch, version: BasedOn) -> dict[str, Any]:
    """Score a machine from now on, or no longer; a job of the kind live_scores fits its detector."""
    return _shown(caller, switch_live(caller, detector_id, version, is_on=given.is_on))


def _shown(access: Access, one: LiveShown) -> dict[str, Any]:
    since = changed_since_us(access, one)
    return {
        "id": one.id, "machine": one.machine, "is_on": one.is_on, "method": one.method,
        "step_s": one.step_us / 1e6, "score": one.score, "leading": or_none(one.leading),
        "scored_until": from_us(one.ahead_us), "scored_rows": one.scored, "withheld_rows": one.withheld,
        "normal_start": from_us(one.normal_start_us), "normal_end": from_us(one.normal_end_us),
        "problem": or_none(one.problem), "changed_since": None if since is None else from_us(since),
    }  # fmt: skip
