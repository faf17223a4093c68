"""What was told before the fact: risks, remaining lives, all predictions, and how right models were."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Machines, Paging, as_page, one_page
from app.api.values import moment
from app.predict.failure.lives import Life, newest_lives
from app.predict.failure.risks import Risk, newest_risks
from app.predict.log import SORTED_BY, Wanted, predictions
from app.predict.scorecards import scorecards
from data.models import Prediction, from_us

router = APIRouter(
    prefix="/predictions", tags=["predictions"], route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)  # fmt: skip
Kind = Literal["failure", "life", "forecast"]
TIMES: Final[dict[str, Any]] = {"made_at": "2026-02-20T05:00:00Z", "until": "2026-02-20T13:00:00Z"}
LOGGED: Final[dict[str, Any]] = {
    "id": 31, "kind": "failure", "machine": "press-1", "model": "press-1 v3", "model_id": 5, **TIMES,
    "chance": 0.31, "threshold": 0.24, "naive": 0.11, "matched_at": "2026-02-20T14:00:00Z",
    "has_happened": True, "lead_h": 3.5, "scores": {"brier": 0.48, "naive_brier": 0.79, "is_called": True},
}  # fmt: skip
RISK: Final[dict[str, Any]] = {
    "id": 31, "machine": "press-1", "model": "press-1 v3", **TIMES, "chance": 0.31, "threshold": 0.24,
    "usual": 0.11, "is_high": True, "is_trusted": True,
    "reasons": [{"feature": "vibration, mean", "value": 4.1, "typical": 2.0, "adds": 0.12}],
}  # fmt: skip
LIFE: Final[dict[str, Any]] = {
    "id": 32, "machine": "press-1", "model": "press-1 v4", "made_at": "2026-02-20T05:00:00Z", "left_h": 14.2,
    "lower_h": 6.0, "upper_h": 25.5, "cap_h": 48.0, "usual_h": 21.0, "since": "2026-02-18T02:00:00Z",
    "is_open_ended": False, "is_trusted": True,
    "reasons": [{"feature": "vibration", "value": 4.1, "typical": 2.0, "adds_h": 9.3}],
}  # fmt: skip
CARD: Final[dict[str, Any]] = {
    "kind": "failure", "model": "press-1 v3", "machine": "press-1", "of": "", "predictions": 64,
    "precision": 0.5, "recall": 0.8, "lead_h": 3.1, "score": 0.08, "naive_score": 0.11, "coverage_80": 0.82,
    "coverage_95": 0.94, "money": 5120.0, "is_losing": False,
}  # fmt: skip


class PredictionShown(BaseModel):
    """One prediction as it was logged, and once `until` has passed what happened and how it scored."""

    model_config = ConfigDict(json_schema_extra={"examples": [LOGGED]})
    id: int
    kind: Kind
    machine: str = Field(description="Empty for several machines together.")
    model: str
    model_id: int | None
    made_at: datetime
    until: datetime
    chance: float | None
    threshold: float | None
    naive: float | None
    matched_at: datetime | None
    has_happened: bool | None
    lead_h: float | None
    scores: dict[str, Any]


class RiskReason(BaseModel):
    """By how much the chance would fall, were this feature typical."""

    feature: str
    value: float | None
    typical: float | None
    adds: float


class RiskShown(BaseModel):
    """The chance that a failure begins from `made_at` to `until`; `usual` is that of any hour."""

    model_config = ConfigDict(json_schema_extra={"examples": [RISK]})
    id: int
    machine: str
    model: str
    made_at: datetime
    until: datetime
    chance: float
    threshold: float
    usual: float
    is_high: bool
    is_trusted: bool = Field(description="Whether its model beat the naive rule in its test.")
    reasons: list[RiskReason]


class LifeReason(BaseModel):
    """By how many hours the life would be longer, had this signal been typical."""

    feature: str
    value: float | None
    typical: float | None
    adds_h: float


class LifeShown(BaseModel):
    """The hours of the calendar until the next failure, told at `made_at`; 8 of 10 lay in lower to upper."""

    model_config = ConfigDict(json_schema_extra={"examples": [LIFE]})
    id: int
    machine: str
    model: str
    made_at: datetime
    left_h: float
    lower_h: float
    upper_h: float
    cap_h: float = Field(description="No more is ever told.")
    usual_h: float
    since: datetime = Field(description="The repair or service that it runs since.")
    is_open_ended: bool = Field(description="Whether it may be any time longer than `upper_h`.")
    is_trusted: bool
    reasons: list[LifeReason]


class ScoreShown(BaseModel):
    """How right one model was on one machine: Brier score, hours or MASE, beside the naive rule's."""

    model_config = ConfigDict(json_schema_extra={"examples": [CARD]})
    kind: Kind
    model: str
    machine: str
    of: str
    predictions: int
    precision: float | None
    recall: float | None
    lead_h: float | None
    score: float | None
    naive_score: float | None
    coverage_80: float | None
    coverage_95: float | None
    money: float | None
    is_losing: bool


@router.get("", summary="List predictions", response_model=Listed[PredictionShown])
def list_predictions(
    caller: Caller,
    page: Paging,
    kind: Annotated[list[Kind], Query(description="Only of these kinds.")] = [],  # noqa: B006
    machine: Machines = [],  # noqa: B006
    is_matched: Annotated[bool | None, Query(description="Only matched ones, or only others.")] = None,
) -> dict[str, Any]:
    """What was told before the fact with what it came to, the newest first."""
    wanted = Wanted(tuple(kind), tuple(machine), is_matched)
    order = page.order(SORTED_BY, "-made")
    found, total = predictions(caller, wanted, order, page.start, page.per_page)
    return as_page([_logged(row) for row in found], total, page)


@router.get("/risks", summary="List failure risks", response_model=Listed[RiskShown])
def list_failure_risks(caller: Caller, page: Paging) -> dict[str, Any]:
    """The last risk told of each machine, the highest first."""
    keys = {"chance": lambda one: one.chance, "machine": lambda one: one.machine,
            "made_at": lambda one: (one.made_us, one.machine)}  # fmt: skip
    return one_page(newest_risks(caller), page, keys, "-chance", _risk)


@router.get("/remaining-lives", summary="List remaining lives", response_model=Listed[LifeShown])
def list_remaining_lives(caller: Caller, page: Paging) -> dict[str, Any]:
    """The last remaining life told of each machine, the shortest first."""
    keys = {"left_h": lambda one: one.left_h, "machine": lambda one: one.machine,
            "made_at": lambda one: (one.made_us, one.machine)}  # fmt: skip
    return one_page(newest_lives(caller), page, keys, "left_h", _life)


@router.get("/scores", summary="List scores of models", response_model=Listed[ScoreShown])
def list_model_scores(
    caller: Caller,
    page: Paging,
    days: Annotated[int, Query(ge=1, le=800, description="So many days back.")] = 90,
) -> dict[str, Any]:
    """How right each model was on each machine, beside the naive rule."""
    keys = {
        "model": lambda one: (one.kind, one.model, one.machine),
        "machine": lambda one: (one.machine, one.model),
        "predictions": lambda one: one.predictions,
        "score": lambda one: one.score,
    }
    return one_page(scorecards(caller, days=days), page, keys, "model", asdict)


def _logged(row: Prediction) -> dict[str, Any]:
    same = (
        "id",
        "kind",
        "model",
        "model_id",
        "chance",
        "threshold",
        "naive",
        "has_happened",
        "lead_h",
        "scores",
    )
    return {name: getattr(row, name) for name in same} | {
        "machine": row.machine_key, "made_at": from_us(row.made_us), "until": from_us(row.until_us),
        "matched_at": moment(row.matched_us),
    }  # fmt: skip


def _risk(one: Risk) -> dict[str, Any]:
    same = ("id", "machine", "model", "chance", "threshold", "is_high", "is_trusted")
    return {name: getattr(one, name) for name in same} | {
        "made_at": from_us(one.made_us), "until": from_us(one.until_us), "usual": one.base_rate,
        "reasons": one.detail.get("reasons", []),
    }  # fmt: skip


def _life(one: Life) -> dict[str, Any]:
    same = ("id", "machine", "model", "left_h", "lower_h", "upper_h", "cap_h", "is_open_ended", "is_trusted")
    return {name: getattr(one, name) for name in same} | {
        "made_at": from_us(one.made_us), "usual_h": one.naive_h, "since": from_us(one.detail["since_us"]),
        "reasons": one.detail.get("reasons", []),
    }  # fmt: skip
