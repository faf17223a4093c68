"""`demo`: the demo plant, made at the first start and kept from then on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app import demo_accounts
from app.bootstrap import wire
from app.cli.demo_plant.floor import add_demo_floor
from app.cli.demo_plant.models import add_demo_models
from app.cli.demo_plant.rules import add_demo_rules
from app.cli.demo_plant.scores import add_demo_scores
from app.cli.demo_plant.shop import add_demo_shop
from app.cli.serve import run
from app.settings import Settings, load
from app.simulate.demo import SLUG, create

BAR = 32


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("demo", help="Make the demo plant if there is none, then serve it.")(demo)


def demo(
    port: Annotated[int | None, typer.Option(help="The port; default GEMBA_PORT or 8501.")] = None,
    home: Annotated[Path | None, typer.Option(help="The state folder; default GEMBA_HOME or var.")] = None,
    days: Annotated[int, typer.Option(help="Days of history to make.", min=1, max=400)] = 90,
    seed: Annotated[int, typer.Option(help="The plant's seed.")] = 7,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make the plant, serve nothing.")] = False,
) -> None:
    """Make what is missing, print the address and the log-ins, serve."""
    settings = load(port=port, home=home.resolve() if home else None, demo=True)
    prepare(settings, days, seed)
    address = f"http://{settings.host}:{settings.port}"
    show(settings, address)
    if not no_serve:
        run(settings)


def prepare(settings: Settings, days: int, seed: int) -> None:
    """Make the plant where it is missing or unfinished."""
    gemba = wire(settings)
    try:
        accounts = create(gemba, slug=SLUG, days=days, seed=seed, progress=progress_bar(sys.stderr.isatty()))
        add_demo_rules(gemba, SLUG)
        add_demo_shop(gemba, SLUG)
        add_demo_floor(gemba, SLUG)
        add_demo_models(gemba, SLUG)
        add_demo_scores(gemba, SLUG, days)
    finally:
        gemba.close()
    known = demo_accounts.demo_accounts(settings.home)
    address = f"http://{settings.host}:{settings.port}"
    demo_accounts.write(settings.home, address, SLUG, accounts or known)


def show(settings: Settings, address: str) -> None:
    """Print the address and the log-ins."""
    typer.echo(f"\n  Gemba is at  {address}\n")
    for account in demo_accounts.demo_accounts(settings.home):
        typer.echo(f"  {account['role']:<12} {account['email']:<32} {account['password']}")
    typer.echo("\n  Stop with Ctrl+C.\n")


def progress_bar(in_place: bool) -> Callable[[float, str], None]:
    """A bar that moves in place on a terminal and prints a line per stage elsewhere."""
    last = [""]

    def on_terminal(share: float, stage: str) -> None:
        filled = round(share * BAR)
        end = "\n" if share >= 1 else ""
        sys.stderr.write(f"\r  [{'#' * filled}{'.' * (BAR - filled)}] {share:4.0%} {stage:<32}{end}")
        sys.stderr.flush()

    def in_lines(share: float, stage: str) -> None:
        if stage != last[0]:
            last[0] = stage
            sys.stderr.write(f"  {share:4.0%} {stage}\n")

    return on_terminal if in_place else in_lines
