"""`benchmark`: measures on this machine, as ratios against a plain version in the same run."""

import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Annotated

import typer

from analytics.errors import GembaError, InvalidInput

PARTS = {
    "oee": 10_000_000,
    "telemetry": 10_000_000,
    "telemetry_load": 100_000_000,
    "pages": 50,
    "audit": 1_000_000,
    "api": 100,
    "stores": 10_000_000,
    "rules": 200,
    "ingest": 500,
    "analytics": 10_000,
    "productivity": 10_000_000,
    "twin": 365,
    "lathes": 20,
    "soak": 100,
    "jobs": 100,
    "cost": 6,
    "report": 50,
    "timeline": 50,
}

PLACES = {
    "telemetry": "stores.telemetry",
    "telemetry_load": "stores.load",
    "pages": "pages.overview",
    "stores": "stores.engines",
    "ingest": "live.ingest",
    "soak": "soak.hour",
    "cost": "needs.cost",
    "timeline": "pages.timeline",
}
"""Where a part stands in `app.benchmark`, unless under its own name."""

SMALL = {
    "stores": 100_000,
    "ingest": 50,
    "rules": 50,
    "analytics": 2_000,
    "api": 20,
    "pages": 10,
    "jobs": 20,
    "audit": 20_000,
}
"""What `benchmark` without a part runs, one after the other, each small."""

NAMES = ", ".join(PARTS)


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("benchmark", help=f"Measure a part, or without one a small round of most: {NAMES}.")(
        benchmark
    )


def benchmark(
    part: Annotated[str, typer.Argument(help=NAMES)] = "",
    size: Annotated[
        int | None,
        typer.Option(help="Events, points, pages, entries, machines, rules, lathes, jobs, hours or days."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="How long messages are offered; ingest only (20).")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="How long `soak` runs, in minutes; default 60.", min=1.0)
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the lines in docs/benchmarks.md.")] = False,
) -> None:
    """Print one line per measurement."""
    if part and part not in PARTS:
        raise InvalidInput.at("part", f"There is no benchmark '{part}': choose from {', '.join(PARTS)}.")
    if seconds is not None and (part != "ingest" or not 1 <= seconds <= 86_400):
        raise InvalidInput.at("seconds", "Only ingest takes a length: 1 to 86,400 seconds.")
    length = {"seconds": seconds, "minutes": minutes if part == "soak" else None}
    given = {name: value for name, value in length.items() if value is not None}
    signal.signal(signal.SIGTERM, _leave)
    if part:
        _measured(part, size or PARTS[part], given, write=write)
        return
    for name, small in SMALL.items():
        typer.echo(f"\n{name}")
        try:
            _measured(name, size or small, {}, write=write)
        except GembaError as error:
            typer.echo(f"not measured: {error}")


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave as on Ctrl+C: what a part has started is ended, and what it has written is removed."""
    sys.exit(128 + number)


def _measured(part: str, size: int, given: dict[str, float], *, write: bool) -> None:
    lines = []
    for row in import_module(f"app.benchmark.{PLACES.get(part, part)}").run(size, **given):
        typer.echo(row)
        lines.append(str(row))
    if write:
        lengths = "".join(f" --{name} {value:g}" for name, value in given.items())
        asked = f"benchmark {part} --size {size}{lengths}"
        import_module("app.benchmark.written").keep(part, asked, lines)
