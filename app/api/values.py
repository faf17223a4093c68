"""The types of fields that many requests and answers share, with their limits."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from data.models import from_us

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
LARGEST_ID: Final = 9_007_199_254_740_991
NO_NUL: Final = r"^[^\x00]*$"


def _in_reach(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("the time must lie between 1990 and 2100")
    return moment.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_in_reach),
    Field(description="ISO 8601 with its offset, from 1990 to 2100.", examples=["2026-02-19T10:30:00Z"]),
]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Name = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Short = Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]
Words = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Strict(BaseModel):
    """A body in which an unknown field is an error: a misspelt one is not silently dropped."""

    model_config = ConfigDict(extra="forbid")


class Message(BaseModel):
    """A plain word that something was done."""

    message: str


def moment(value_us: int | None) -> datetime | None:
    """Microseconds as a moment."""
    return None if value_us is None else from_us(value_us)


def or_none(text: str) -> str | None:
    """An empty text as nothing."""
    return text or None


def example(value: Any) -> dict[str, Any]:
    """The example of an answer, in the place where OpenAPI has it."""
    return {"content": {"application/json": {"example": value}}}
