"""What changed, and questions in plain words."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, WidePaging, one_page
from app.api.plant.questions import Asked
from app.insights.asking import ask
from app.insights.findings import Finding, findings

router = APIRouter(
    prefix="/insights", tags=["insights"], route_class=TaggedRoute, responses={**LOGGED_IN, **NOT_MODIFIED}
)
FOUND: Final[dict[str, Any]] = {
    "kind": "loss", "machine": "press-1", "cause": "Hydraulics leak",
    "text": "Hydraulic press lost 5.1 h by hydraulics leak: 4.1 h more than at the rate of 3 days before.",
    "changed_us": 14_760_000_000, "money": 984.0, "since_us": 1_763_420_400_000_000,
    "numbers": {"lost_h": 5.1, "expected_h": 1.0},
}  # fmt: skip
ANSWERED: Final[dict[str, Any]] = {
    "sentence": "OEE of Hydraulic press, last 7 days: 61.0 %.", "wording": "",
    "query": "measure=oee machines=press-1 range=last 7 days", "asked": "",
    "rows": [{"part": "Hydraulic press", "value": 0.61}], "unknown": [], "start_us": 1_763_168_400_000_000,
    "end_us": 1_763_773_200_000_000, "unit": "%",
}  # fmt: skip


class Insight(BaseModel):
    """What changed on one machine. `kind` is loss, gain or silent; times in microseconds since 1970, UTC."""

    model_config = ConfigDict(json_schema_extra={"examples": [FOUND]})
    kind: str
    machine: str
    cause: str
    text: str
    changed_us: int
    money: float | None
    since_us: int | None
    numbers: dict[str, float]


class Answered(BaseModel):
    """An answer with the query that was understood; `wording` is a model's, empty without one."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})
    sentence: str
    wording: str
    query: str
    asked: str
    rows: list[dict[str, Any]]
    unknown: list[str]
    start_us: int
    end_us: int
    unit: str


@router.get("", summary="What changed", response_model=Listed[Insight])
def list_insights(caller: Caller, asked: Asked, page: WidePaging) -> dict[str, Any]:
    """What changed in the range against the time before it, the costliest first."""
    found = findings(caller, asked)
    keys = {"rank": found.index, "machine": lambda one: one.machine, "changed_us": lambda one: one.changed_us}
    return one_page(list(found), page, keys, "rank", _shown)


@router.get("/answer", summary="Answer a question", response_model=Answered)
def answer_question(
    caller: Caller,
    question: Annotated[str, Query(min_length=1, max_length=500, description="In plain words.")],
) -> dict[str, Any]:
    """The answer to a question in plain words, from the KPI registry and the stores."""
    reply = ask(caller, question)
    found = asdict(reply.answer)
    return {**found, "wording": reply.wording, "asked": reply.asked}


def _shown(found: Finding) -> dict[str, Any]:
    return asdict(found)
