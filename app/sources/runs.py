"""Reading a source: page by page, each stored before the position moves, so that a crash loses nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, GembaError, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.intake.choice import intake_of
from app.imports.layout.kinds import Kind
from app.imports.reading.table import Reject
from app.imports.rows.faults import Faults
from app.imports.rows.job import Job
from app.imports.rows.lookup import Lookup
from app.imports.walk import Tally, Walk
from app.sources.drafts import Known
from app.sources.lease import Held, hold
from app.sources.store import found, known
from app.sources.streams import LATE, Place, Stream, chunk_of, stream_problems
from app.sources.trying import opened
from data.models import Source, SourcePosition, SourceReject, SourceRun, to_us
from data.sources.marks import share, value_of
from data.sources.opening import earlier, kind_of
from data.sources.protocol import Connector, Page

log = structlog.get_logger()

MOST_REJECTS: Final = 5_000
KEPT_RUNS: Final = 300
PLANT: Final = frozenset({Kind.MACHINES, Kind.PARAMETERS, Kind.PRODUCTS, Kind.REASONS, Kind.RECORDS})
"""What changes the plant's configuration or its records: a page that does leaves an audit entry."""


class RunCancelledError(GembaError):
    """Somebody stopped the reading; what is stored stays, and the next one goes on from there."""

    code = "cancelled"

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__("The reading was stopped.")


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of a source, running or over. `share` is how far it is, None where nobody can tell."""

    id: int
    source_id: int
    actor: str
    state: str
    stage: str
    share: float | None
    tally: Tally
    problem: str
    started_at: datetime
    finished_at: datetime | None


def read_source(access: Access, source_id: int, watch: Callable[[Run], None] | None = None) -> Run:
    """Read what is new in a source; returns how it went.

    Conflict while it is being read by another process. A source that fails ends the run as failed, with
    the reason; what was stored until then stays, and the next run goes on behind it.
    """
    access.require(Permission.MANAGE_SOURCES)
    with hold(access, source_id) as held:
        run_id = _begin(access, source_id)
        reading = _Reading(access, source_id, run_id, held, watch)
        state, problem = "done", ""
        try:
            reading.all()
        except RunCancelledError as error:
            state = error.state
        except GembaError as error:
            state, problem = "failed", str(error)
        except Exception:
            log.exception("source run broke", source=source_id)
            state, problem = "failed", "An error in Gemba itself; the log has the details."
        return _finish(access, run_id, state, problem)


def _begin(access: Access, source_id: int) -> int:
    with access.write() as session:
        row = found(session, source_id)
        row.wanted_at = None
        session.execute(
            update(SourceRun)
            .where(SourceRun.source_id == source_id, SourceRun.state == "running")
            .values(state="interrupted", finished_at=access.now),
            execution_options={"synchronize_session": False},
        )
        run = SourceRun(source_id=source_id, actor=access.principal.email, started_at=access.now)
        session.add(run)
        session.flush()
        return run.id


def _finish(access: Access, run_id: int, state: str, problem: str) -> Run:
    with access.write() as session:
        run = session.get_one(SourceRun, run_id)
        run.state, run.problem, run.finished_at = state, problem[:1000], access.now
        run.share = 1.0 if state == "done" else run.share
        run.stage = "" if state == "done" else run.stage
        _forget_old_runs(session, run)
        return as_run(run)


def _forget_old_runs(session: Session, run: SourceRun) -> None:
    """Keep the newest 300 runs of a source."""
    old = (
        select(SourceRun.id)
        .where(SourceRun.source_id == run.source_id)
        .order_by(SourceRun.id.desc())
        .offset(KEPT_RUNS)
        .limit(1)
    )
    last = session.scalar(old)
    if last is not None:
        session.execute(
            delete(SourceRun).where(SourceRun.source_id == run.source_id, SourceRun.id <= last),
            execution_options={"synchronize_session": False},
        )


class _Reading:
    """One run over all streams of a source."""

    def __init__(
        self, access: Access, source_id: int, run_id: int, held: Held, watch: Callable[[Run], None] | None
    ) -> None:
        self._access, self._run_id, self._held, self._watch = access, run_id, held, watch
        with access.read() as session:
            self._source: Known = known(session.get_one(Source, source_id))
        self._is_schemaless = kind_of(self._source.address) == "mongodb"
        self._look = Lookup.of(access)
        self._done = self._all = 0

    def all(self) -> None:
        """Read every stream, in the order in which kinds need one another."""
        kinds = list(Kind)
        streams = [one for one in self._source.streams if one.is_on]
        with opened(self._access, self._source) as connector:
            items = connector.items() if any(stream.item for stream in streams) else []
            work = [(stream, place) for stream in streams for place in stream.places(items)]
            work.sort(key=lambda pair: kinds.index(pair[0].kind))
            self._all = len(work)
            for stream in streams:
                if not stream.places(items):
                    raise InvalidInput.at(stream.name, f"Nothing is called like '{stream.item}' there.")
            for stream, place in work:
                self._item(connector, stream, place)
                self._done += 1

    def _item(self, connector: Connector, stream: Stream, place: Place) -> None:
        header = [one.name for one in connector.columns(stream.extract(place))]
        wrong = stream_problems(stream, header, is_schemaless=self._is_schemaless)
        if wrong and (header or not self._is_schemaless):
            raise InvalidInput(*wrong)
        began = self._access.now
        stored = self._position(stream, place)
        after = earlier(self._source.address, stored, self._source.overlap_s) if stored else ""
        last = connector.last_mark(stream.extract(place))
        first, row = "", 1
        for page in connector.pages(stream.extract(place, after), self._source.page_rows):
            first = first or after or page.mark
            self._take(stream, place, page, row)
            row += len(page)
            stage = f"{stream.name}: {place.item}, {row - 1:,} rows"
            self._tell(stage, share(first, page.mark, last) if page.mark and last else None)
        if not stream.order:
            self._forget_solved(stream, place, began)

    def _take(self, stream: Stream, place: Place, page: Page, row: int) -> None:
        """Store one page, then its position; rows that are stored already count as unchanged."""
        job = Job(
            self._access, stream.mapping_for(place, page), self._look, to_us(self._access.now), load=True
        )
        chunk, walk = chunk_of(page, row, stream.used()), Walk()
        faults, intake = Faults(chunk), intake_of(job)
        with self._access.write() as session:
            walk.add(intake.take(chunk, session, faults))
            walk.reject(chunk, faults)
            if stream.kind not in LATE:
                self._keep(session, stream, place, page, walk)
        if stream.kind in LATE:
            walk.add(intake.settle(last=True))
            with self._access.write() as session:
                self._keep(session, stream, place, page, walk)
        self._held.renew()
        if self._access.gemba.closing.is_set():
            raise RunCancelledError("interrupted")

    def _keep(self, session: Session, stream: Stream, place: Place, page: Page, walk: Walk) -> None:
        """Write the counts, the rejected rows and the position."""
        run = session.get_one(SourceRun, self._run_id)
        if run.is_cancelled:
            raise RunCancelledError("cancelled")
        tally = walk.tally
        run.rows += tally.rows
        run.new += tally.new
        run.changed += tally.changed
        run.unchanged += tally.unchanged
        run.rejected += tally.rejected
        _keep_rejects(self._access, session, self._source.id, stream, place, walk.rejects)
        if page.mark:
            _move(self._access, session, self._source.id, stream, place, page)
        if stream.kind in PLANT and tally.new + tally.changed:
            counts = {"new": tally.new, "changed": tally.changed}
            after = {"stream": stream.name, "kind": stream.kind.value, **counts}
            self._access.audit(session, "source.load", ("source", self._source.id), after=after)

    def _position(self, stream: Stream, place: Place) -> str:
        with self._access.read() as session:
            row = _position_row(session, self._source.id, stream, place)
            return row.mark if row is not None and stream.order else ""

    def _tell(self, stage: str, part: float | None) -> None:
        whole = None if part is None else (self._done + part) / max(self._all, 1)
        with self._access.write() as session:
            run = session.get_one(SourceRun, self._run_id)
            run.stage, run.share = stage[:300], whole
            if self._watch is not None:
                self._watch(as_run(run))

    def _forget_solved(self, stream: Stream, place: Place, began: datetime) -> None:
        """Rows that a whole reading did not reject any more are rejected no more."""
        with self._access.write() as session:
            session.execute(
                delete(SourceReject).where(
                    SourceReject.source_id == self._source.id,
                    SourceReject.stream == stream.name,
                    SourceReject.item == place.item,
                    SourceReject.last_at < began,
                ),
                execution_options={"synchronize_session": False},
            )


def _position_row(session: Session, source_id: int, stream: Stream, place: Place) -> SourcePosition | None:
    return session.scalar(
        select(SourcePosition).where(
            SourcePosition.source_id == source_id,
            SourcePosition.stream == stream.name,
            SourcePosition.item == place.item,
        )
    )


def _move(access: Access, session: Session, source_id: int, stream: Stream, place: Place, page: Page) -> None:
    """Note how far an item was read; rows that are read again do not take it back."""
    row = _position_row(session, source_id, stream, place)
    if row is None:
        row = SourcePosition(
            source_id=source_id, stream=stream.name, item=place.item, mark=page.mark, updated_at=access.now
        )
        session.add(row)
    elif _is_later(page.mark, row.mark):
        row.mark = page.mark
    row.rows += len(page)
    row.updated_at = access.now


def _is_later(mark: str, than: str) -> bool:
    new, old = value_of(mark), value_of(than)
    try:
        return bool(new > old)
    except TypeError:
        return True


def _keep_rejects(
    access: Access, session: Session, source_id: int, stream: Stream, place: Place, rejects: list[Reject]
) -> None:
    if not rejects:
        return
    told = {_digest(stream, place, one): one for one in rejects}
    rows = session.scalars(
        select(SourceReject).where(
            SourceReject.source_id == source_id, SourceReject.digest.in_(list(told)[:MOST_REJECTS])
        )
    )
    for row in rows:
        one = told.pop(row.digest)
        row.last_at, row.field, row.message = access.now, one.field[:100], one.message
    room = MOST_REJECTS - int(
        session.scalar(select(func.count(SourceReject.id)).where(SourceReject.source_id == source_id)) or 0
    )
    session.add_all(
        SourceReject(
            source_id=source_id,
            digest=digest,
            stream=stream.name,
            item=place.item,
            field=one.field[:100],
            message=one.message,
            row=one.row,
            first_at=access.now,
            last_at=access.now,
        )
        for digest, one in list(told.items())[: max(0, room)]
    )


def _digest(stream: Stream, place: Place, reject: Reject) -> str:
    return hashlib.sha256("\x1f".join((stream.name, place.item, reject.row)).encode()).hexdigest()


def as_run(row: SourceRun) -> Run:
    """A stored run."""
    tally = Tally(row.rows, row.new, row.unchanged, row.changed, row.rejected)
    return Run(
        row.id, row.source_id, row.actor, row.state, row.stage, row.share, tally, row.problem,
        row.started_at, row.finished_at,
    )  # fmt: skip


def cancel_run(access: Access, source_id: int) -> None:
    """Stop the reading that runs now, after the page that it stores."""
    access.require(Permission.MANAGE_SOURCES)
    with access.write() as session:
        found(session, source_id)
        stopped = session.execute(
            update(SourceRun)
            .where(SourceRun.source_id == source_id, SourceRun.state == "running")
            .values(is_cancelled=True),
            execution_options={"synchronize_session": False},
        )
        if not stopped.rowcount:  # type: ignore[attr-defined]
            raise Conflict("This source is not being read now.")
        access.audit(session, "source.stop", ("source", source_id))
