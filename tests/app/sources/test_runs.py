"""Reading again and again: nothing is lost or doubled, whatever stops it, and every change leaves a trace."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from analytics.errors import ConfigurationError, Conflict, Forbidden, InvalidInput, NotFound, StoreUnavailable
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.settings import Settings
from app.sources import runs, store, watch
from app.sources.drafts import Draft
from app.sources.lease import hold
from app.sources.presets.preset import mapping
from app.sources.runs import Run, cancel_run, read_source
from app.sources.schedule import due, round_of
from app.sources.streams import Stream, as_json, from_json
from app.sources.trying import preview
from data.models import AuditEntry, Machine, ProductionCount, Source, SourceRun, StateEvent
from data.queries.plant import CONFIGURATION_DAY, bump
from tests.app.sources.plants import run_sql
from tests.conftest import make_factory

STATES = mapping(
    Kind.STATES, {"machine": "machine", "start": "at", "state": "state", "reason": "reason"}, zone="UTC"
)
VALUES = mapping(Kind.TELEMETRY, {"machine": "machine", "time": "at"}, zone="UTC")
COUNTS = mapping(
    Kind.COUNTS,
    {"machine": "machine", "start": "at", "good": "good"},
    constants={"duration": "60"},
    units={"duration": "s"},
    zone="UTC",
)
STREAMS = (
    Stream("States", STATES, "state", order="id"),
    Stream("Counts", COUNTS, "state", order="id", where=(("state", "running"),)),
    Stream("Values", VALUES, "value", order="at", rest=True, units={"power": "kW"}),
)


@pytest.fixture
def plant_file(access: Access) -> str:
    """A SQLite file of the plant with 60 states and 500 rows of two values."""
    folder = access.gemba.settings.sources_folder / access.factory.slug
    folder.mkdir(parents=True)
    address = f"sqlite:///{folder / 'plant.db'}"
    run_sql(
        address,
        "CREATE TABLE state (id INTEGER PRIMARY KEY, machine TEXT, at TEXT, state TEXT, reason TEXT,"
        " good INTEGER)",
        "CREATE TABLE value (at TEXT, machine TEXT, power REAL, label TEXT)",
        "INSERT INTO state VALUES "
        + ", ".join(
            f"({i}, 'm{1 + i % 2}', '2026-03-01 {i // 6:02}:{i % 6}0:00', "
            f"'{'running' if i % 3 else 'down'}', {'NULL' if i % 3 else repr('jam')}, {i})"
            for i in range(60)
        ),
        "INSERT INTO value VALUES "
        + ", ".join(f"('2026-03-01 {i // 60:02}:{i % 60:02}:00', 'm1', {i / 8}, 'x')" for i in range(500)),
    )
    return address


def draft(**changes: Any) -> Draft:
    return replace(
        Draft("Plant", "sqlite:///plant.db", streams=STREAMS, page_rows=100, overlap_s=3_600), **changes
    )


@pytest.fixture
def source(access: Access, plant_file: str) -> int:
    return store.add_source(access, draft())


def stored(access: Access) -> tuple[int, int, int]:
    """How many states, counts and points there are."""
    with access.read() as session:
        states = len(list(session.scalars(select(StateEvent.id))))
        counts = len(list(session.scalars(select(ProductionCount.id))))
    points = access.gemba.telemetry.read(access.factory.slug, 0, 2**60, None, None)
    return states, counts, len(points)


def test_states_counts_and_values_come_in_once(
    access: Access, source: int, read: Callable[[int], Run]
) -> None:
    first = read(source)
    assert (first.tally.new, first.tally.rejected) == (60 + 40 + 500, 0)
    assert stored(access) == (60, 40, 500)
    second = read(source)
    assert (second.tally.new, second.tally.changed) == (0, 0)
    assert stored(access) == (60, 40, 500)


def test_a_reading_that_breaks_off_goes_on_where_it_was(
    access: Access, source: int, monkeypatch: pytest.MonkeyPatch, read: Callable[[int], Run]
) -> None:
    real = runs.opened

    class Breaking:
        def __init__(self, inner: Any) -> None:
            self._inner = inner
            self.left = 3

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def pages(self, extract: Any, rows: int) -> Iterator[Any]:
            for page in self._inner.pages(extract, rows):
                self.left -= 1
                if self.left < 0:
                    raise StoreUnavailable("the source does not answer: gone")
                yield page

    from contextlib import contextmanager

    @contextmanager
    def breaking(*given: Any) -> Iterator[Any]:
        with real(*given) as connector:
            yield Breaking(connector)

    monkeypatch.setattr(runs, "opened", breaking)
    failed = read_source(access, source)
    assert (failed.state, failed.problem) == ("failed", "the source does not answer: gone")
    assert failed.finished_at is not None
    part = stored(access)
    assert part[:2] == (60, 40)
    assert 0 < part[2] < 500
    monkeypatch.setattr(runs, "opened", real)
    whole = read(source)
    assert stored(access) == (60, 40, 500)
    assert failed.tally.new + whole.tally.new == 600


def test_a_row_that_was_committed_late_is_found_inside_the_overlap(
    access: Access, source: int, plant_file: str, read: Callable[[int], Run]
) -> None:
    read(source)
    run_sql(plant_file, "INSERT INTO value VALUES ('2026-03-01 08:00:30', 'm1', 7.5, 'late')")
    assert read(source).tally.new == 1


def test_a_row_that_changed_inside_the_overlap_is_corrected(
    access: Access, source: int, plant_file: str, read: Callable[[int], Run]
) -> None:
    read(source)
    run_sql(plant_file, "UPDATE state SET good = 99 WHERE id = 58")
    assert read(source).tally.changed == 1
    with access.read() as session:
        assert 99 in list(session.scalars(select(ProductionCount.good)))


def test_a_row_that_cannot_be_taken_is_listed_once_and_taken_when_the_machine_is_there(
    access: Access, source: int, plant_file: str, read: Callable[[int], Run]
) -> None:
    run_sql(plant_file, "INSERT INTO state VALUES (60, 'm9', '2026-03-02 00:00:00', 'running', NULL, 1)")
    assert read(source).tally.rejected == 2
    read(source)
    found = watch.rejected(access, source)
    assert [(one.stream, one.field) for one in found] == [("Counts", "machine"), ("States", "machine")]
    assert "m9" in found[0].row
    with access.write() as session:
        session.add(Machine(device_key="m9", name="M9", created_at=access.now, updated_at=access.now))
        bump(session, {CONFIGURATION_DAY})
    store.read_again(access, source)
    again = read(source)
    assert (again.tally.new, again.tally.rejected) == (2, 0)
    assert watch.rejected(access, source) == []


def test_only_one_process_reads_a_source_at_a_time(access: Access, source: int) -> None:
    with hold(access, source), pytest.raises(Conflict, match="being read already"):
        read_source(access, source)
    assert read_source(access, source).state == "done"


def test_a_killed_run_is_called_interrupted_by_the_next_one(access: Access, source: int) -> None:
    with access.write() as session:
        session.add(SourceRun(source_id=source, actor="x", started_at=access.now))
    read_source(access, source)
    assert [run.state for run in watch.runs(access, source)] == ["done", "interrupted"]


def test_a_reading_can_be_stopped_and_goes_on_later(
    access: Access, source: int, read: Callable[[int], Run]
) -> None:
    with pytest.raises(Conflict):
        cancel_run(access, source)
    told: list[Run] = []

    def watching(run: Run) -> None:
        told.append(run)

    real = runs._Reading._tell

    def tell(self: Any, stage: str, part: float | None) -> None:
        real(self, stage, part)
        if len(told) == 2:
            cancel_run(access, source)

    runs._Reading._tell = tell  # type: ignore[method-assign]
    try:
        stopped = read_source(access, source, watching)
    finally:
        runs._Reading._tell = real  # type: ignore[method-assign]
    assert stopped.state == "cancelled"
    read(source)
    assert stored(access) == (60, 40, 500)


def test_progress_is_told_while_it_reads(access: Access, source: int) -> None:
    told: list[Run] = []
    read_source(access, source, told.append)
    shares = [run.share for run in told if run.share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "rows" in told[0].stage


def test_the_password_is_nowhere_in_the_clear(access: Access) -> None:
    number = store.add_source(access, draft(address="mysql://reader:s3cret-word@db.plant/steel", streams=()))
    with access.read() as session:
        row = session.get_one(Source, number)
        everything = str({c.name: getattr(row, c.name) for c in Source.__table__.columns})
        log = " ".join(session.scalars(select(AuditEntry.body)))
    assert "s3cret-word" not in everything + log + str(store.get_source(access, number))
    assert (row.address, row.user) == ("mysql://db.plant/steel", "reader")
    assert store.password_of(access, number) == "s3cret-word"
    assert store.get_source(access, number).has_password


def test_a_password_does_not_open_in_another_factory_or_with_another_key(
    access: Access, tmp_path: Path
) -> None:
    number = store.add_source(access, draft(address="mysql://reader:s3cret@db.plant/steel", streams=()))
    with access.read() as session:
        sealed = session.get_one(Source, number).secret
    with pytest.raises(ConfigurationError):
        access.gemba.vault.open(sealed, "source/999")
    key = access.gemba.settings.home / "keys" / "secrets.key"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    with pytest.raises(ConfigurationError, match="give the secret again"):
        store.password_of(access, number)


def test_editing_keeps_the_password_but_never_sends_it_to_another_server(access: Access) -> None:
    number = store.add_source(access, draft(address="mysql://reader:s3cret@db.plant/steel", streams=()))
    kept = draft(name="Renamed", address="mysql://db.plant/steel", user="reader", streams=())
    store.edit_source(access, number, 1, kept)
    assert store.password_of(access, number) == "s3cret"
    with pytest.raises(InvalidInput) as caught:
        store.edit_source(access, number, 2, replace(kept, address="mysql://evil.example/steel"))
    assert caught.value.problems[0].field == "password"
    with pytest.raises(Conflict):
        store.edit_source(access, number, 1, kept)


def test_each_change_of_a_source_has_its_audit_entry(access: Access, source: int) -> None:
    store.switch_source(access, source, is_on=True)
    store.edit_source(access, source, 2, draft(every_s=60))
    store.read_again(access, source)
    store.remove_source(access, source)
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)))
    assert actions == ["source.add", "source.on", "source.edit", "source.read_again", "source.remove"]


@pytest.mark.parametrize("role", ["manager", "engineer", "operator", "viewer"])
def test_only_administrators_have_to_do_with_sources(
    acting: Callable[..., Access], access: Access, source: int, role: str
) -> None:
    who = acting(role)
    for attempt in (
        lambda: store.list_sources(who),
        lambda: store.add_source(who, draft(name="x")),
        lambda: store.remove_source(who, source),
        lambda: store.switch_source(who, source, is_on=True),
        lambda: store.want_run(who, source),
        lambda: store.read_again(who, source),
        lambda: store.password_of(who, source),
        lambda: read_source(who, source),
        lambda: cancel_run(who, source),
        lambda: preview(who, draft(), STREAMS[0]),
        lambda: watch.runs(who, source),
        lambda: watch.rejected(who, source),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_another_factorys_source_is_not_there(
    acting: Callable[..., Access], access: Access, source: int
) -> None:
    other = acting("admin", make_factory(access.gemba, "south"))
    assert store.list_sources(other) == []
    for attempt in (
        lambda: store.get_source(other, source),
        lambda: store.edit_source(other, source, 1, draft()),
        lambda: store.remove_source(other, source),
        lambda: store.read_again(other, source),
        lambda: store.password_of(other, source),
        lambda: watch.positions(other, source),
        lambda: watch.rejected(other, source),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(InvalidInput, match="no such file"):
        preview(other, draft(), STREAMS[0])


def test_gembas_own_stores_and_foreign_hosts_are_no_sources(access: Access) -> None:
    settings = Settings(
        home=access.gemba.settings.home,
        database_url="mysql+pymysql://g:p@db.plant:3306/gemba",
        telemetry_url="mongodb://127.0.0.1/telemetry",
        sources_hosts="db.plant, localhost",
    )
    who = replace(access, gemba=replace(access.gemba, settings=settings))
    for address in (
        "mysql://db.plant/gemba", "mysql://x:y@DB.plant:3306/GEMBA", "mongodb://localhost:27017/",
        "mongodb://localhost/telemetry",
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=r"own data|not allowed"):
            store.add_source(who, draft(name=address, address=address, streams=()))
    with pytest.raises(InvalidInput, match="not allowed"):
        store.add_source(who, draft(address="mysql://elsewhere/steel", streams=()))
    assert store.add_source(who, draft(address="mysql://db.plant/steel", streams=()))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"every_s": 1}, "every_s"),
        ({"page_rows": 10}, "page_rows"),
        ({"address": "ftp://x/y"}, "address"),
        ({"streams": (STREAMS[0], STREAMS[0])}, "streams[1].name"),
        ({"streams": (replace(STREAMS[0], item=""),)}, "streams[0].item"),
    ],
)
def test_a_wrong_source_is_refused_at_its_field(access: Access, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        store.add_source(access, draft(**changes))
    assert field in [problem.field for problem in caught.value.problems]


def test_a_name_is_taken_once(access: Access, source: int) -> None:
    with pytest.raises(InvalidInput, match="has this name"):
        store.add_source(access, draft())


def test_a_preview_shows_what_would_come_and_stores_nothing(access: Access, plant_file: str) -> None:
    found = preview(access, draft(), STREAMS[0])
    assert (found.tally.new, found.places, found.problems) == (60, ("state",), ())
    assert list(found.rows["State"])[:2] == ["Down", "Running"]
    assert list(found.raw.columns) == ["id", "machine", "at", "state", "reason", "good"]
    assert stored(access)[0] == 0


def test_a_preview_names_a_column_that_is_not_there(access: Access, plant_file: str) -> None:
    wrong = replace(
        STREAMS[0], mapping=mapping(Kind.STATES, {"machine": "machine", "start": "when", "state": "state"})
    )
    found = preview(access, draft(), wrong)
    assert found.problems[0].field == "start"
    assert "no column 'when'" in found.problems[0].message
    gone = preview(access, draft(), replace(STREAMS[0], item="nothing{n}"))
    assert "Nothing is called like" in gone.problems[0].message


def test_a_mapping_that_does_not_fit_fails_the_run_with_the_reason(access: Access, plant_file: str) -> None:
    wrong = replace(STREAMS[0], order="nr")
    number = store.add_source(access, draft(streams=(wrong,)))
    run = read_source(access, number)
    assert run.state == "failed"
    assert "'nr'" in run.problem


def test_streams_survive_being_stored() -> None:
    for stream in STREAMS:
        assert from_json(as_json(stream)) == stream
    with pytest.raises(InvalidInput):
        from_json({"name": "x", "mapping": {"kind": "no such"}})


def test_sources_are_read_when_their_time_has_come(access: Access, source: int, clock: Any) -> None:
    assert due(access) == []
    store.switch_source(access, source, is_on=True)
    assert due(access) == [source]
    round_of(access.gemba, [access.factory.slug])
    assert due(access) == []
    clock.forward(seconds=299)
    assert due(access) == []
    clock.forward(seconds=2)
    assert due(access) == [source]
    store.switch_source(access, source, is_on=False)
    assert due(access) == []
    store.want_run(access, source)
    assert due(access) == [source]
    assert [run.actor for run in watch.runs(access, source)] == ["source"]


def test_the_plant_may_ask_for_zones_and_numbers_as_text(access: Access, plant_file: str) -> None:
    naive = replace(STREAMS[0], mapping=replace(STATES, zone=""))
    found = preview(access, draft(), naive)
    assert found.tally.rejected == 60
    assert found.rejects[0].field == "zone"
