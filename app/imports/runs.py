"""Loading a file: transaction by transaction, each good row once, every rejected row listed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from analytics.errors import GembaError, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Mapping, problems
from app.imports.plans import opened
from app.imports.reading.source import Source
from app.imports.reading.table import Reject
from app.imports.rows.faults import Note
from app.imports.rows.job import Job
from app.imports.rows.lookup import Lookup
from app.imports.walk import Progress, Tally, Walk, silent, walked
from data.models import ImportReject, ImportRun, to_us

LONGEST_NAME: Final = 255


class ImportCancelledError(GembaError):
    """Somebody stopped the import; what was loaded stays, and loading the file again completes it."""

    code = "cancelled"


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. `rejects` holds at most 10,000 rows; `tally.rejected` counts all of them."""

    run_id: int
    file_name: str
    kind: Kind
    tally: Tally
    rejects: tuple[Reject, ...]
    notes: tuple[Note, ...]

    @property
    def loaded(self) -> int:
        """Rows (points, for telemetry) that were new or changed."""
        return self.tally.new + self.tally.changed


def execute(
    access: Access,
    source: Source,
    mapping: Mapping,
    progress: Progress = silent,
    *,
    look: Lookup | None = None,
) -> Summary:
    """Load the file as the mapping says.

    Rows are committed in portions with the revision of the days that they touch. A row that is stored
    already changes nothing, so an import that was interrupted is completed by running it again. One audit
    entry is written with the last portion. InvalidInput when the mapping does not fit the file.
    """
    access.require(Permission.IMPORT_DATA)
    if mapping.create_machines:
        access.require(Permission.MANAGE_MACHINES)
    table = opened(access, source, mapping.sheet)
    wrong = problems(mapping, table.header)
    if wrong:
        raise InvalidInput(*wrong)
    digest = source.digest()
    run_id = _begin(access, source, mapping, digest)
    job = Job(access, mapping, look or Lookup.of(access), to_us(access.now), load=True)
    walk = Walk()
    for passed, session, rejected in walked(job, table, access.write, progress):
        walk = passed
        _keep(session, run_id, walk, rejected)
    _finish(access, run_id, walk, source, mapping, digest)
    progress(1.0, "Done")
    return Summary(run_id, source.name, mapping.kind, walk.tally, tuple(walk.rejects), tuple(walk.notes))


def _begin(access: Access, source: Source, mapping: Mapping, digest: str) -> int:
    with access.write() as session:
        run = ImportRun(
            kind=mapping.kind.value,
            file_name=source.name[:LONGEST_NAME],
            file_digest=digest,
            actor=access.principal.email,
            started_at=access.now,
        )
        session.add(run)
        session.flush()
        return run.id


def _keep(session: Session, run_id: int, walk: Walk, rejected: list[Reject]) -> None:
    """Store a portion's rejected rows and how far the run has come, in the portion's transaction."""
    session.add_all(
        ImportReject(run_id=run_id, line=r.line, field=r.field[:100], message=r.message, row=r.row)
        for r in rejected
    )
    _count(session, run_id, walk, None)


def _count(session: Session, run_id: int, walk: Walk, finished_at: datetime | None) -> None:
    tally = walk.tally
    session.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id)
        .values(
            rows=tally.rows,
            loaded=tally.new + tally.changed,
            unchanged=tally.unchanged,
            rejected=tally.rejected,
            finished_at=finished_at,
        ),
        execution_options={"synchronize_session": False},
    )


def _finish(access: Access, run_id: int, walk: Walk, source: Source, mapping: Mapping, digest: str) -> None:
    with access.write() as session:
        _count(session, run_id, walk, access.now)
        after = {
            "kind": mapping.kind.value,
            "file_name": source.name,
            "file_digest": digest,
            **asdict(walk.tally),
        }
        access.audit(session, "import.run", ("import_run", run_id), after=after)
