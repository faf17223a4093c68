"""`backup` and `restore`: everything of this installation in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from app.backup.restoring import restore as put_back
from app.backup.writing import write
from app.cli.context import parts
from app.settings import load


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command("backup", help="Write everything of this installation into one file.")(backup)
    cli.command("restore", help="Fill an empty installation from a backup.")(restore)


def backup(path: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")]) -> None:
    """Tables, telemetry, documents, keys, evidence, models and reports; works while the server runs."""
    with parts() as gemba:
        made = write(gemba, path)
    rows = sum(made.rows.values())
    typer.echo(f"{path}: {len(made.factories)} factories, {rows:,} rows, {path.stat().st_size:,} bytes.")
    typer.echo("It holds secrets (keys, password hashes): keep it where only you can read it.")
    for one in made.left_out:
        typer.echo(f"Not in it: {one}.")


def restore(path: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Into the empty place that the settings name."""
    settings = load()
    made = put_back(settings, path)
    typer.echo(f"{settings.home}: {len(made.factories)} factories, {sum(made.rows.values()):,} rows.")
    typer.echo("Check it: python -m app audit verify")
