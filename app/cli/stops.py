"""`stops`: what stopped the machines, as a table or as JSON."""

from typing import Annotated

import orjson
import typer

from analytics.errors import InvalidInput
from app.cli.context import FactoryOption, acting, parts
from app.cli.oee import moment
from app.production.figures import Question, stops_by_cause, stops_by_reason

NAMES = {"reason": "name", "machine": "machine", "operator-error": "cause"}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("stops", help="Print the stops of a range by reason, machine or operator error.")(stops)


def stops(
    start: Annotated[str, typer.Option("--from", help="First production day, or a moment with its offset.")],
    end: Annotated[str, typer.Option("--to", help="Last production day (included), or a moment.")],
    factory: FactoryOption = "demo",
    by: Annotated[str, typer.Option(help="reason, machine or operator-error.")] = "reason",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print minutes, number and cumulative share, the longest first."""
    if by not in NAMES:
        raise InvalidInput.at("by", f"Stops can be listed by {', '.join(NAMES)}.")
    with parts() as gemba:
        access = acting(gemba, factory)
        asked = Question(moment(access, start, "from"), moment(access, end, "to", last=True))
        table = (
            stops_by_cause(access, asked) if by == "operator-error" else stops_by_reason(access, asked, (by,))
        )
    rows = [
        {"name": str(name), "minutes": minutes, "stops": int(count), "cumulative_share": share}
        for name, minutes, count, share in zip(
            table[NAMES[by]], table["minutes"], table["stops"], table["cumulative_share"], strict=True
        )
    ]
    if as_json:
        typer.echo(
            orjson.dumps({"factory": factory, "by": by, "rows": rows}, option=orjson.OPT_INDENT_2).decode()
        )
        return
    width = max((len(str(row["name"])) for row in rows), default=0)
    for row in rows:
        typer.echo(
            f"{row['name']:<{width}}  {row['minutes']:>10.1f} min  {row['stops']:>6}  "
            f"{100 * row['cumulative_share']:>6.1f} %"
        )
