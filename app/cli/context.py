"""What a command needs: the wired parts, and an operator's identity for the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from analytics.errors import NotFound
from app.auth.sessions import service
from app.bootstrap import Access, Gemba, wire
from app.settings import load

FactoryOption = Annotated[str, typer.Option("--factory", "-f", help="The factory's slug.")]
COMMAND_LINE = "command line"


@contextmanager
def parts(*, write_telemetry: bool = False) -> Iterator[Gemba]:
    """The stores of the state folder; telemetry is opened for reading unless a command writes it."""
    gemba = wire(load(), telemetry_read_only=not write_telemetry)
    try:
        yield gemba
    finally:
        gemba.close()


def acting(gemba: Gemba, slug: str) -> Access:
    """Act in a factory as whoever may use this command line: the owner of the state folder."""
    principal = service(gemba.database, slug, COMMAND_LINE)
    if principal is None:
        raise NotFound(f"There is no factory '{slug}'. `python -m app demo` makes the demo plant.")
    return Access(gemba, principal)
