"""The command line: thin commands over the same services that pages use."""

import sys
from importlib import import_module
from typing import Final

import typer

from analytics.errors import GembaError, InvalidInput

PARTS: Final = {
    "demo": "demo",
    "serve": "serve",
    "worker": "worker",
    "import": "imports",
    "sources": "sources",
    "oee": "oee",
    "kpis": "kpis",
    "ask": "insights",
    "insights": "insights",
    "stops": "stops",
    "rotate-keys": "keys",
    "sender": "sender",
    "check": "check",
    "audit": "audit",
    "report": "report",
    "backup": "backup",
    "restore": "backup",
    "benchmark": "benchmark",
    "docs": "reference",
}
"""The module of each command, in the order of the help; a command loads its own and no other."""


def cli(command: str = "") -> typer.Typer:
    """The command line with one command, or with all where none has that name (help, a mistyped one)."""
    made = typer.Typer(
        name="gemba",
        help="Gemba: factory operations and analytics.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # With one command alone typer would take its name for an argument of it.
    made.callback()(_nothing)
    for module in dict.fromkeys([PARTS[command]] if command in PARTS else PARTS.values()):
        import_module(f"app.cli.{module}").register(made)
    return made


def _nothing() -> None:
    """Gemba: factory operations and analytics."""


def main() -> None:
    """Run one command; a refused input ends with its message on standard error and exit code 2."""
    try:
        cli(sys.argv[1] if len(sys.argv) > 1 else "")()
    except InvalidInput as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.field}: {problem.message}\n")
        sys.exit(2)
    except GembaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
