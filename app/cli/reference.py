"""`docs`: the reference of the command line, as `docs/cli.md` holds it."""

from collections.abc import Iterator
from typing import Any

import typer

import app.cli

HEAD = """# Command line

`python -m app COMMAND --help` says the same. This page is written by `python -m app docs > docs/cli.md`;
a test compares it with the commands.
"""


def register(cli: typer.Typer) -> None:
    """Add the command."""

    def docs() -> None:
        """Print the page."""
        typer.echo(reference(app.cli.cli()), nl=False)

    cli.command("docs", help="Print the reference of the command line in Markdown.")(docs)


def reference(cli: typer.Typer) -> str:
    """Every command with its arguments and options, in Markdown."""
    group: Any = typer.main.get_command(cli)
    return HEAD + "".join(f"\n{one}" for one in _commands(group, ""))


def _commands(group: Any, before: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield _command(f"{before}{name}", command)


def _command(name: str, command: Any) -> str:
    rows = [_row(one) for one in command.params if one.name != "help"]
    text = " ".join((command.help or "").split())
    table = "\n| given | what |\n|---|---|\n" + "".join(rows) if rows else ""
    return f"## {name}\n{text}\n{table}"


def _row(one: Any) -> str:
    is_option = one.param_type_name == "option"
    shown = (
        ", ".join(f"`{word}`" for word in (*one.opts, *one.secondary_opts))
        if is_option
        else f"`{one.name.upper()}`"
    )
    text = " ".join((getattr(one, "help", "") or "").split()).rstrip(".")
    notes = [
        word
        for word, holds in (("needed", one.required), ("may be repeated", one.multiple or one.nargs == -1))
        if holds
    ]
    if isinstance(one.default, int | float | str) and not isinstance(one.default, bool) and one.default != "":
        notes.append(f"default {one.default}")
    return f"| {shown} | {text}{' (' + ', '.join(notes) + ')' if notes else ''} |\n"
