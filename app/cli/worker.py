"""`worker`: a Celery worker that runs jobs."""

import typer

from app.cli.context import parts


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("worker", help="Run jobs as a Celery worker; GEMBA_JOBS_BROKER names the broker.")(worker)


def worker() -> None:
    """Work until it is stopped; what runs then goes back into the queue."""
    from app.jobs.own import modules_of, prepare
    from app.jobs.running.worker import serve
    from app.logs import set_up

    with parts() as gemba:
        set_up(gemba.settings)
        prepare(gemba.settings)
        serve(gemba, modules_of(gemba.settings))
