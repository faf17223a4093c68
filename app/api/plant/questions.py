"""The part of the plant and the range of time that figures are asked about."""

from datetime import timedelta
from typing import Annotated, Any, Final

import pandas as pd
from fastapi import Depends, Query

from analytics.errors import InvalidInput
from app.api.values import Moment
from app.production.figures import Question
from data.models import to_us

LONGEST: Final = timedelta(days=400)
Keys = Annotated[list[str], Query(max_length=200)]
Start = Annotated[Moment, Query(description="The first moment of the range.")]
End = Annotated[Moment, Query(description="The end of the range, not in it; at most 400 days on.")]


def range_us(start: Moment, end: Moment) -> tuple[int, int]:
    """The range in microseconds; raises InvalidInput for an empty or too long one."""
    if end <= start:
        raise InvalidInput.at("end", "The end must lie after the start.")
    if end - start > LONGEST:
        raise InvalidInput.at("end", f"Ask for at most {LONGEST.days} days.")
    return to_us(start), to_us(end)


async def question(
    start: Start,
    end: End,
    line: Annotated[Keys, Query(description="Only these lines, by key.")] = [],  # noqa: B006
    machine: Annotated[Keys, Query(description="Only these machines, by device key.")] = [],  # noqa: B006
    shift: Annotated[Keys, Query(description="Only these shifts, by key.")] = [],  # noqa: B006
    product: Annotated[Keys, Query(description="Only these products, by key.")] = [],  # noqa: B006
) -> Question:
    """The question as the services take it; raises InvalidInput for an empty or too long range."""
    return Question(*range_us(start, end), tuple(line), tuple(machine), tuple(shift), tuple(product))


Asked = Annotated[Question, Depends(question)]


def as_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows with plain values, None for what is not evaluable."""
    return [
        {str(name): None if value != value else value for name, value in row.items()}  # noqa: PLR0124 - NaN
        for row in frame.to_dict("records")
    ]
