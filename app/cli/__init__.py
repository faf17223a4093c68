"""The command line: thin commands over the same services that pages use."""

import sys

import typer

from analytics.errors import GembaError, InvalidInput
from app.cli import (
    audit,
    backup,
    benchmark,
    check,
    demo,
    imports,
    insights,
    keys,
    kpis,
    oee,
    reference,
    report,
    serve,
    sources,
    stops,
    worker,
)

cli = typer.Typer(
    name="gemba",
    help="Gemba: factory operations and analytics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    demo,
    serve,
    worker,
    imports,
    sources,
    oee,
    kpis,
    insights,
    stops,
    keys,
    check,
    audit,
    report,
    backup,
    benchmark,
    reference,
):
    part.register(cli)


def main() -> None:
    """Run one command; a refused input ends with its message on standard error and exit code 2."""
    try:
        cli()
    except InvalidInput as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.field}: {problem.message}\n")
        sys.exit(2)
    except GembaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
