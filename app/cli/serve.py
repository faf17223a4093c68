"""`serve`: the web server with the parts that are named."""

import os
import sys
import time
from typing import Annotated, NoReturn

import typer

from analytics.errors import StoreUnavailable
from app.backup.staging import refuse_unfinished
from app.cli.context import parts
from app.people.first import first_administrator
from app.settings import ROOT, Settings, load
from data.relational.engine import open_engine
from data.relational.health import unreachable

WAIT_S = 60.0


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("serve", help="Serve the app, or one part of it, until it is stopped.")(serve)


def serve(
    only: Annotated[
        str | None, typer.Option(help="Run only this part: ui, api, ingest or worker (commas join several).")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port; default GEMBA_PORT or 8501.")] = None,
    host: Annotated[str | None, typer.Option(help="The address; default GEMBA_HOST or 127.0.0.1.")] = None,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load(parts=only, port=port, host=host)
    run(settings)


def command(settings: Settings) -> list[str]:
    """The server's command line: one process, because sessions and services live in it."""
    return [
        sys.executable, "-m", "uvicorn", "streamlit_app:app", "--app-dir", str(ROOT),
        "--host", settings.host, "--port", str(settings.port), "--workers", "1",
        "--log-level", "warning", "--timeout-graceful-shutdown", "3", "--no-server-header", "--no-access-log",
        "--ws-max-size", str(settings.import_max_mb * 1024 * 1024),
        "--ws-per-message-deflate", "false",
        "--forwarded-allow-ips", settings.trusted_proxies,
    ]  # fmt: skip


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that the server process reads."""
    named = {
        "GEMBA_HOME": str(settings.home),
        "GEMBA_HOST": settings.host,
        "GEMBA_PORT": str(settings.port),
        "GEMBA_PARTS": settings.parts,
        "GEMBA_DEMO": str(settings.demo).lower(),
    }
    return {**os.environ, **named}


def wait_for_store(settings: Settings) -> None:
    """Give the relational store a minute to come up, as it may start together with this process.

    Raises StoreUnavailable when it has not.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.relational_url)
    until = time.monotonic() + WAIT_S
    said = False
    try:
        while problem := unreachable(engine):
            if time.monotonic() > until:
                raise StoreUnavailable(f"The relational store does not answer: {problem}")
            if not said:
                typer.echo(f"Waiting for the relational store: {problem}", err=True)
                said = True
            time.sleep(1)
    finally:
        engine.dispose()


def tell_first_administrator(settings: Settings) -> None:
    """On a store without accounts make an administrator and print the password, once; not for the demo."""
    if settings.demo:
        return
    with parts() as gemba:
        made = first_administrator(gemba.database, gemba.clock())
    if made is not None:
        typer.echo(f"The first administrator: {made.email}  {made.password}")
        typer.echo("This password is shown once: log in with it and choose another one.")


def run(settings: Settings) -> NoReturn:
    """Become the server, in this folder, so that Streamlit finds its configuration.

    The process is replaced, not accompanied: whoever stops this process stops the server.
    """
    refuse_unfinished(settings.home)
    wait_for_store(settings)
    tell_first_administrator(settings)
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(ROOT)
    os.execve(sys.executable, command(settings), environment(settings))  # noqa: S606 - our own interpreter
