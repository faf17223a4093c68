"""`oee`: the figures that the pages show, as a table or as JSON."""

import math
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import pandas as pd
import typer

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.cli.context import FactoryOption, acting, parts
from app.production.figures import Question, broken_down, totals
from app.production.happenings import clock_time
from data.models import to_us

FIGURES = (
    "oee", "availability", "performance", "performance_raw", "quality", "ooe", "teep",
    "coverage", "oee_lower", "oee_upper", "good", "total", "missing", "note",
)  # fmt: skip


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("oee", help="Print OEE, its factors, coverage and bounds for a range.")(oee)


def oee(
    start: Annotated[
        str, typer.Option("--from", help="First production day (2026-03-01), or a moment with its offset.")
    ],
    end: Annotated[str, typer.Option("--to", help="Last production day (included), or a moment.")],
    factory: FactoryOption = "demo",
    by: Annotated[str, typer.Option(help="Break down by: area, line, machine, shift, day, product.")] = "",
    line: Annotated[list[str] | None, typer.Option(help="Only this line (may be repeated).")] = None,
    machine: Annotated[list[str] | None, typer.Option(help="Only this machine (may be repeated).")] = None,
    shift: Annotated[list[str] | None, typer.Option(help="Only this shift (may be repeated).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the figures of a range."""
    with parts() as gemba:
        access = acting(gemba, factory)
        asked = Question(
            moment(access, start, "from"),
            moment(access, end, "to", last=True),
            tuple(line or ()),
            tuple(machine or ()),
            tuple(shift or ()),
        )
        if asked.end_us <= asked.start_us:
            raise InvalidInput.at("to", "The end must lie after the start.")
        keys = tuple(part.strip() for part in by.split(",") if part.strip())
        table = broken_down(access, asked, keys) if keys else totals(access, asked)
        rows = [as_row(row, keys) for _, row in table.iterrows()]
        document = {
            "factory": factory,
            "from_us": asked.start_us,
            "to_us": asked.end_us,
            "by": keys,
            "rows": rows,
        }
    typer.echo(
        orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() if as_json else as_text(rows, keys)
    )


def moment(access: Access, text: str, field: str, *, last: bool = False) -> int:
    """A production day or an aware moment in microseconds; `last` means the end of that day.

    A moment without an offset is refused: it names no instant.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _instant(text, field)
    start = clock_time(access.factory.day_start_min)
    zone: ZoneInfo = access.factory.zone
    return to_us(datetime.combine(day + timedelta(days=1 if last else 0), start, tzinfo=zone))


def _instant(text: str, field: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput.at(
            field, f"'{text}' is neither a day (2026-03-01) nor a moment (2026-03-01T06:00+01:00)."
        ) from None
    if found.tzinfo is None:
        raise InvalidInput.at(field, f"'{text}' has no offset: write for example {text}+00:00.")
    return to_us(found)


def as_row(row: "pd.Series[Any]", keys: tuple[str, ...]) -> dict[str, Any]:
    """One row with plain values; a figure that is not evaluable is null."""
    found = {key: str(row[key]) for key in keys}
    for name in FIGURES:
        value = row[name]
        if isinstance(value, str):
            found[name] = value
        else:
            found[name] = None if math.isnan(value) else float(value)  # type: ignore[assignment]
    return found


def as_text(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    """The rows as an aligned table."""
    heads = (*keys, "oee", "availability", "performance", "quality", "coverage", "missing")
    lines = [[_cell(row[name]) for name in heads] for row in rows]
    widths = [max(len(line[k]) for line in [list(heads), *lines]) for k in range(len(heads))]
    table = [list(heads), *lines]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.2f} %" if isinstance(value, float) else str(value)
