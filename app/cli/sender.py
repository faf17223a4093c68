"""`sender`: the program that sends from a gateway and keeps what it cannot send."""

import typer

from app.ingest import program


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("sender", help="Print the program that sends from a gateway, with a buffer of its own.")(
        sender
    )


def sender() -> None:
    """Print it; it needs Python and nothing else."""
    typer.echo(program.text(), nl=False)
