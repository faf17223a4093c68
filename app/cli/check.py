"""`check`: whether the stores answer and the figures add up."""

from typing import Annotated

import orjson
import typer

from app.cli.context import parts
from app.health import report


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("check", help="Check settings and stores; exit code 1 when something is wrong.")(check)


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print each store's state."""
    with parts() as gemba:
        state = report(gemba)
    if as_json:
        typer.echo(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, store in state["stores"].items():
            typer.echo(f"{name}: {'ok' if store['reachable'] else 'AWAY'}  {store}")
    if state["status"] != "ok":
        raise typer.Exit(1)
