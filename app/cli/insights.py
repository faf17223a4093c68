"""`ask` and `insights`: a question in plain words, and what changed."""

from typing import Annotated

import typer

from app.cli.context import FactoryOption, acting, parts
from app.cli.oee import moment
from app.insights.answering import answer
from app.insights.findings import findings
from app.production.figures import Question


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command("ask", help="Answer a question in plain words from the KPI registry and the stores.")(ask)
    cli.command("insights", help="Print what changed against the time before, the costliest first.")(insights)


def ask(
    question: Annotated[str, typer.Argument(help='Such as "OEE of the press last week by day".')],
    factory: FactoryOption = "demo",
) -> None:
    """Print the answer and the query that was understood."""
    with parts() as gemba:
        found = answer(acting(gemba, factory), question)
    typer.echo(found.sentence)
    typer.echo(f"Asked: {found.query}")
    if found.unknown:
        typer.echo(f"Not understood: {', '.join(found.unknown)}")


def insights(
    start: Annotated[str, typer.Option("--from", help="First production day, or a moment with its offset.")],
    end: Annotated[str, typer.Option("--to", help="Last production day (included), or a moment.")],
    factory: FactoryOption = "demo",
) -> None:
    """Print one finding a line."""
    with parts() as gemba:
        access = acting(gemba, factory)
        asked = Question(moment(access, start, "from"), moment(access, end, "to", last=True))
        for one in findings(access, asked):
            typer.echo(f"- {one.text}")
