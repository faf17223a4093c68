"""What machines and services send: states, counts and measured values, many at once."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from analytics.vocabulary import STATE_WORDS
from app.api.caller import Caller
from app.api.errors import LOGGED_IN
from app.api.values import Key, Moment, Strict
from app.ingest import posted
from app.ingest.intake import Receipt
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import to_us

router = APIRouter(tags=["batches"], responses=LOGGED_IN)

MOST = 10_000
NUMBERS = {word: int(state) for state, word in STATE_WORDS.items()}
Units = FiniteFloat


class StateGiven(Strict):
    """A machine enters a state; without an end it lasts until the machine's next one."""

    machine: Key
    start: Moment
    state: Literal["unknown", "running", "idle", "setup", "planned_stop", "down", "off"]
    reason: Key | None = Field(None, description="The reason's code.")
    end: Moment | None = None


class CountGiven(Strict):
    """Units that a machine counted over [start, end)."""

    machine: Key
    start: Moment
    end: Moment
    good: Units
    scrap: Units = 0.0
    rework: Units = 0.0
    startup_scrap: Units = Field(0.0, description="Part of the scrap.")
    product: Key | None = None


class ValueGiven(Strict):
    """One measured value."""

    machine: Key
    parameter: Key
    time: Moment
    value: bool | int | FiniteFloat | str = Field(union_mode="smart", examples=[231.4])


class States(Strict):
    """State events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {
                            "machine": "M01",
                            "start": "2026-02-19T10:30:00Z",
                            "state": "down",
                            "reason": "jam",
                        }
                    ]
                }
            ]
        }
    )
    messages: list[StateGiven] = Field(max_length=MOST)


class Counts(Strict):
    """Production counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {
                            "machine": "M01",
                            "start": "2026-02-19T10:00:00Z",
                            "end": "2026-02-19T10:30:00Z",
                            "good": 58,
                            "scrap": 2,
                        }
                    ]
                }
            ]
        }
    )
    messages: list[CountGiven] = Field(max_length=MOST)


class Values(Strict):
    """Measured values."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {
                            "machine": "M01",
                            "parameter": "voltage",
                            "time": "2026-02-19T10:30:00Z",
                            "value": 231.4,
                        }
                    ]
                }
            ]
        }
    )
    messages: list[ValueGiven] = Field(max_length=MOST)


class Refused(BaseModel):
    """A message that was not taken."""

    position: int
    reason: str


class ReceiptShown(BaseModel):
    """What became of the messages; the good ones are kept for good when this comes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stored": 1, "changed": 0, "unchanged": 0, "refused": []}]}
    )
    stored: int
    changed: int
    unchanged: int
    refused: list[Refused]


def _shown(receipt: Receipt) -> dict[str, Any]:
    return {
        "stored": receipt.stored,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "refused": [{"position": one.position, "reason": one.reason} for one in receipt.refused],
    }


@router.post("/states", summary="Send state events", response_model=ReceiptShown)
def send_states(caller: Caller, given: States) -> dict[str, Any]:
    """Keep each event once: one that comes again changes nothing."""
    messages = [
        StateMessage(
            one.machine,
            to_us(one.start),
            NUMBERS[one.state],
            one.reason,
            None if one.end is None else to_us(one.end),
        )
        for one in given.messages
    ]
    return _shown(posted.post_states(caller, messages))


@router.post("/counts", summary="Send production counts", response_model=ReceiptShown)
def send_counts(caller: Caller, given: Counts) -> dict[str, Any]:
    """Keep each count once: one that comes again with other numbers corrects it."""
    messages = [
        CountMessage(
            one.machine,
            to_us(one.start),
            to_us(one.end),
            one.good,
            one.scrap,
            one.rework,
            one.startup_scrap,
            one.product,
        )
        for one in given.messages
    ]
    return _shown(posted.post_counts(caller, messages))


@router.post("/telemetry", summary="Send measured values", response_model=ReceiptShown)
def send_telemetry(caller: Caller, given: Values) -> dict[str, Any]:
    """Keep measured values; of two of one machine, parameter and time the last counts."""
    messages = [
        TelemetryMessage(one.machine, one.parameter, to_us(one.time), one.value) for one in given.messages
    ]
    return _shown(posted.post_telemetry(caller, messages))
