"""`check`: whether the stores answer and the figures add up."""

from typing import Annotated

import orjson
import typer

from app.bootstrap import Gemba
from app.cli.context import acting, parts
from app.health import report
from app.jobs.kinds.identity import look
from data.queries.plant import factory_slugs


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("check", help="Check settings and stores; exit code 1 when something is wrong.")(check)


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    identity: Annotated[
        bool, typer.Option("--identity", help="Also check that yesterday's figures add up, in all factories.")
    ] = False,
) -> None:
    """Print each store's state, and on demand what does not add up."""
    with parts() as gemba:
        state = report(gemba)
        found = _identities(gemba) if identity else {}
    if identity:
        state["identity"] = found
    if as_json:
        typer.echo(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, store in state["stores"].items():
            typer.echo(f"{name}: {'ok' if store['reachable'] else 'AWAY'}  {store}")
        for slug, told in found.items():
            typer.echo(f"figures of {slug}, {told['day']}: {told['violations'] or 'no'} violations")
    if state["status"] != "ok" or any(told["violations"] for told in found.values()):
        raise typer.Exit(1)


def _identities(gemba: Gemba) -> dict[str, dict[str, object]]:
    """Yesterday's check of each factory by its slug."""
    with gemba.database.read(None) as session:
        slugs = factory_slugs(session)
    checked = {slug: look(acting(gemba, slug)) for slug in slugs}
    return {
        slug: {"day": one.day.isoformat(), "cells": one.cells, "violations": len(one.violations)}
        for slug, one in checked.items()
    }
