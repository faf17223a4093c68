"""`benchmark`: measures on this machine, as ratios against a plain version in the same run."""

from importlib import import_module
from typing import Annotated

import typer

from analytics.errors import InvalidInput

PARTS = {
    "oee": 10_000_000,
    "telemetry": 10_000_000,
    "pages": 50,
    "audit": 1_000_000,
    "api": 100,
    "stores": 10_000_000,
}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("benchmark", help="Measure a part: oee, telemetry, stores, pages, audit or api.")(benchmark)


def benchmark(
    part: Annotated[str, typer.Argument(help="oee, telemetry, stores, pages, audit or api.")],
    size: Annotated[int | None, typer.Option(help="Events, points, open pages, entries or machines.")] = None,
) -> None:
    """Print one line per measurement."""
    if part not in PARTS:
        raise InvalidInput.at("part", f"There is no benchmark '{part}': choose from {', '.join(PARTS)}.")
    rows = import_module(f"app.benchmark.{part}").run(size or PARTS[part])
    for row in rows:
        typer.echo(row)
