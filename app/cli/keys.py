"""`keys`: the keys that sign access tokens."""

from typing import Annotated

import typer

from app.auth.signing import SigningKeys
from app.clock import system_clock
from app.settings import load


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("rotate-keys", help="Sign access tokens with a new key from now on.")(rotate_keys)


def rotate_keys(
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Make every access token that is out there worth nothing.")
    ] = False,
) -> None:
    """Make a new signing key; running servers take it up by themselves."""
    keys = SigningKeys(load().home)
    made = keys.rotate(system_clock(), at_once=at_once)
    typer.echo(f"Access tokens are signed with the key {made.id} from now on ({keys.path}).")
