"""The process of one job: it acts as whoever asked, and writes how it ended itself.

It ends at once when its runner is gone; what it has not committed by then does not count.
"""

import gc
import os
import resource
import signal
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

import structlog
from sqlalchemy.orm import configure_mappers

from analytics.errors import Forbidden, GembaError, InvalidInput, NotEvaluable, NotFound, StoreUnavailable
from app.auth.permissions import Permission, from_names
from app.auth.principal import Principal
from app.auth.sessions import member, service
from app.bootstrap import Access, Gemba, wire
from app.jobs.context import Claim, JobCancelledError, JobContext, LeaseLostError
from app.jobs.registry import Kind, kind, load
from app.jobs.running import endings
from app.logs import set_up
from app.settings import Settings
from data.models import Job

log = structlog.get_logger()
configure_mappers()

CANCEL: Final = "cancel"
ORPHAN: Final = 70
LASTING: Final = (InvalidInput, NotFound, NotEvaluable, Forbidden)
"""Errors that another attempt would meet again."""
MB: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is started with."""

    settings: Settings
    claim: Claim
    modules: tuple[str, ...]


def main(order: Order, connection: Connection) -> None:
    """Run the claimed job in this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cancel = Event()
    Thread(target=_listen, args=(connection, cancel), daemon=True).start()
    set_up(order.settings)
    load(order.modules)
    gemba = wire(order.settings, telemetry_read_only=True, is_up_to_date=True)
    try:
        run(gemba, order.claim, connection, cancel)
    finally:
        gemba.close()


def _listen(connection: Connection, cancel: Event) -> None:
    """Hear the runner; when it is gone nobody keeps the lease, so this process ends."""
    try:
        while connection.recv() == CANCEL:
            cancel.set()
    except (EOFError, OSError):
        os._exit(ORPHAN)


def run(gemba: Gemba, claim: Claim, connection: Connection, cancel: Event) -> None:
    """Do the work and write what came of it."""
    try:
        _work(gemba, claim, connection, cancel)
    except JobCancelledError:
        endings.cancelled(gemba, claim)
    except LeaseLostError as error:
        log.warning("a job was lost", job=claim.key, error=str(error))
    except MemoryError:
        gc.collect()
        endings.fail(gemba, claim, f"It needed more than its {kind(claim.kind).memory_mb} MB of memory.")
    except StoreUnavailable as error:
        endings.fail(gemba, claim, str(error))
    except LASTING as error:
        endings.fail(gemba, claim, str(error), is_final=True)
    except GembaError as error:
        endings.fail(gemba, claim, str(error))
    except Exception as error:
        log.exception("a job broke", job=claim.key, kind=claim.kind)
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        endings.fail(gemba, claim, f"{type(error).__name__}: {error} ({where}); the log has the details.")


def _work(gemba: Gemba, claim: Claim, connection: Connection, cancel: Event) -> None:
    wanted = kind(claim.kind)
    with gemba.database.read(claim.factory_id) as session:
        row = session.get_one(Job, claim.job_id)
    access = Access(gemba, _acting(gemba, claim, row, wanted))

    def tell(share: float, stage: str) -> None:
        connection.send((share, stage))

    context = JobContext(access, claim, dict(row.parameters), tell, cancel)
    _limit_memory(wanted)
    result: dict[str, Any] = wanted.run(context)
    if context.cancelled():
        raise JobCancelledError("The job was cancelled.")
    endings.finish(gemba, claim, result, context.effects, next(iter(context.documents), ""))


def _acting(gemba: Gemba, claim: Claim, row: Job, wanted: Kind) -> Principal:
    """Who asked, with what was allowed then and still is; a key or a schedule acts as a service."""
    allowed = from_names(row.permissions)
    if row.account_id is None:
        found = service(gemba.database, claim.slug, row.asked_by)
    else:
        found = member(gemba.database, row.account_id, claim.factory_id)
    if found is None:
        raise Forbidden(f"{row.asked_by} asked for it and may no longer act in this factory.")
    held: frozenset[Permission] = found.permissions & allowed
    acting = Principal(found.account_id, found.email, found.name, found.role, held, found.factory)
    acting.require(wanted.permission)
    return acting


def _limit_memory(wanted: Kind) -> None:
    """Data beyond what the process holds already may grow by the kind's limit; more raises MemoryError."""
    held = used_mb(os.getpid(), "VmData") or 0
    most = int((held + wanted.memory_mb) * MB)
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def used_mb(pid: int, what: str = "VmRSS") -> float | None:
    """The memory of a process in MB, where the system tells it."""
    try:
        lines: Iterable[str] = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{what}:")]
    return int(found[0]) / 1024 if found else None
