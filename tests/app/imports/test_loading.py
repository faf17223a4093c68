"""Good rows are loaded once, bad ones listed with their reason; the same file twice changes nothing."""

import pytest
from sqlalchemy import select

from analytics.errors import Forbidden, InvalidInput, NotFound
from analytics.vocabulary import State
from app.imports import history, runs
from app.imports.background import Running
from app.imports.intake import choice
from app.imports.layout.kinds import Kind
from app.imports.layout.samples import SAMPLES
from app.imports.plans import plan
from app.imports.rejects import as_csv
from app.imports.runs import ImportCancelledError, execute
from app.production.plant import plant
from data.models import (
    AuditEntry,
    DayRevision,
    IdealCycle,
    ImportReject,
    ImportRun,
    Machine,
    Parameter,
    PerformanceRecord,
    Product,
    ProductionCount,
    Reason,
    RecordStop,
    StateEvent,
)
from tests.app.imports.files import choices, counts, load, planned, reasons, rows, text, utc
from tests.conftest import make_factory

STATES = (
    "Machine,Start,End,State,Reason\n"
    "m1,2026-03-01 06:00,2026-03-01 07:00,running,\n"
    "m1,2026-03-01 07:00,2026-03-01 07:30,down,jam\n"
    "m2,2026-03-01 06:00,,idle,\n"
)


def audit(access):
    with access.read() as session:
        return session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)).all()


def days(access):
    with access.read() as session:
        return dict(session.execute(select(DayRevision.day, DayRevision.revision)).all())


def test_state_events_are_stored_as_they_stand_in_the_file(acting):
    access = acting()
    assert counts(load(access, text(STATES))) == (3, 0, 0, 0)
    jam = plant(access).reason_by_code["jam"].id
    machines = plant(access).machine_by_key
    found = [(e.machine_id, e.start_us, e.end_us, e.state, e.reason_id) for e in rows(access, StateEvent)]
    six, seven = utc("2026-03-01T06:00+01:00"), utc("2026-03-01T07:00+01:00")
    assert found == [
        (machines["m1"].id, six, seven, State.RUNNING, None),
        (machines["m1"].id, seven, utc("2026-03-01T07:30+01:00"), State.DOWN, jam),
        (machines["m2"].id, six, None, State.IDLE, None),
    ]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DOWNTIME])
def test_the_same_file_twice_changes_nothing(acting, kind):
    access = acting()
    for needed in (Kind.MACHINES, Kind.PRODUCTS, Kind.REASONS):
        load(access, text(SAMPLES[needed]))
    first = load(access, text(SAMPLES[kind]))
    before, revisions = _everything(access), days(access)
    again = load(access, text(SAMPLES[kind]))
    assert first.tally.rejected == 0
    assert again.tally.unchanged == first.tally.new + first.tally.unchanged > 0
    assert (again.tally.new, again.tally.changed, again.tally.rejected) == (0, 0, 0)
    assert _everything(access) == before
    assert days(access) == revisions


def _everything(access):
    models = (Machine, Product, IdealCycle, Reason, PerformanceRecord, StateEvent, ProductionCount, Parameter)
    tables = [
        [{k: v for k, v in vars(row).items() if not k.startswith("_")} for row in rows(access, model)]
        for model in models
    ]
    telemetry = access.gemba.telemetry.read(access.factory.slug, 0, utc("2027-01-01T00:00+00:00"))
    return tables, telemetry.to_dict("list")


def test_a_changed_row_replaces_the_stored_one_and_moves_its_days(acting):
    access = acting()
    load(access, text(STATES))
    before = days(access)
    done = load(access, text(STATES.replace("07:30,down", "07:45,down")))
    assert counts(done) == (0, 2, 1, 0)
    assert utc("2026-03-01T07:45+01:00") in [event.end_us for event in rows(access, StateEvent)]
    day = utc("2026-03-01T00:00+00:00") // 86_400_000_000
    assert days(access)[day] == before[day] + 1


def test_a_column_that_the_file_does_not_have_keeps_what_is_stored(acting):
    access = acting()
    load(access, text(STATES))
    bare = "Machine,Start,State\nm1,2026-03-01 07:00,down\n"
    assert counts(load(access, text(bare))) == (0, 1, 0, 0)
    assert rows(access, StateEvent)[1].reason_id is not None


def test_an_open_event_moves_every_day_that_it_reaches(acting):
    access = acting()
    load(access, text("Machine,Start,State\nm1,2026-03-01 12:00,down\n"))
    first, now = (
        utc("2026-03-01T11:00+00:00") // 86_400_000_000,
        utc("2026-03-04T12:00+00:00") // 86_400_000_000,
    )
    assert set(range(first, now + 1)) <= days(access).keys()


def test_each_bad_row_is_listed_with_its_line_field_reason_and_text(acting):
    content = (
        "Machine,Start,End,State,Reason\n"
        "m1,2026-03-01 06:00,2026-03-01 05:00,running,\n"
        "nobody,2026-03-01 06:00,2026-03-01 07:00,running,\n"
        "m1,soon,2026-03-01 07:00,running,\n"
        "m1,2026-03-01 06:00,2026-03-01 07:00,dancing,\n"
        "m1,2026-03-01 06:00,2026-03-01 07:00,down,gremlins\n"
        "m1,2026-03-29 02:30,2026-03-29 04:00,down,\n"
        "m1,2025-10-26 02:30,2025-10-26 04:00,down,\n"
        "m1,1970-01-01 02:30,1970-01-01 04:00,down,\n"
        "m1,2026-12-01 02:30,2026-12-01 04:00,down,\n"
        ",2026-03-01 06:00,2026-03-01 07:00,running,\n"
        "m1,2026-03-01 06:00,2026-03-01 07:00,running\n"
        "m1,2026-03-01 08:00,2026-03-01 09:00,running,\n"
    )
    access = acting()
    done = load(access, text(content))
    assert reasons(done) == [
        (2, "end"), (3, "machine"), (4, "start"), (5, "state"), (6, "reason"), (7, "start"), (8, "start"),
        (9, "start"), (10, "start"), (11, "machine"), (12, "row"),
    ]  # fmt: skip
    messages = " ".join(reject.message for reject in done.rejects)
    for words in ("does not lie after", "no machine 'nobody'", "--create-machines", "no date and time",
                  "no known state", "There is no reason 'gremlins'", "comes twice", "in the future",
                  "before 2000", "is empty", "4 cells"):  # fmt: skip
        assert words in messages
    assert done.rejects[1].row == "nobody,2026-03-01 06:00,2026-03-01 07:00,running,"
    assert [(r.line, r.field) for r in rows(access, ImportReject)] == reasons(done)
    assert counts(done) == (1, 0, 0, 11)


def test_a_time_that_does_not_exist_when_the_clock_goes_forward_is_rejected(acting):
    done = load(acting(), text("Machine,Start,State\nm1,2025-03-30 02:30,down\n"))
    assert "does not exist" in done.rejects[0].message


def test_rows_of_one_file_that_contradict_each_other_keep_the_first(acting):
    content = STATES + "m1,2026-03-01 07:00,2026-03-01 07:40,down,jam\nm2,2026-03-01 06:00,,idle,\n"
    access = acting()
    for expected in ((3, 1, 0, 1), (0, 4, 0, 1)):
        done = load(access, text(content))
        assert counts(done) == expected
        assert reasons(done) == [(5, "row")]


def test_an_interrupted_import_is_completed_by_running_it_again(acting, monkeypatch):
    access = acting()
    monkeypatch.setattr(choice, "DEFAULT_CHUNK_ROWS", 500)
    lines = [f"m1,{stamp},running" for stamp in _minutes(2_000)]
    source = text("Machine,Start,State\n" + "\n".join(lines) + "\n")
    mapping = planned(access, source).mapping

    def stop(share, _stage):
        if share > 0.4:
            raise ImportCancelledError("stopped")

    with pytest.raises(ImportCancelledError):
        execute(access, source, mapping, stop)
    kept = len(rows(access, StateEvent))
    assert kept in (500, 1_000)
    assert [run.finished_at for run in history.runs(access)] == [None]
    assert "import.run" not in audit(access)
    assert counts(execute(access, source, mapping)) == (2_000 - kept, kept, 0, 0)
    assert len(rows(access, StateEvent)) == 2_000
    assert audit(access).count("import.run") == 1


def _minutes(number):
    return [f"2026-03-{1 + n // 1_440:02d} {n // 60 % 24:02d}:{n % 60:02d}" for n in range(number)]


def test_unknown_machines_are_made_only_when_that_is_asked_for(acting):
    access = acting()
    source = text("Machine,Start,State\nnew-1,2026-03-01 06:00,down\nbad key!,2026-03-01 06:00,down\n")
    assert counts(load(access, source)) == (0, 0, 0, 2)
    done = load(access, source, choices(create=True))
    assert counts(done) == (1, 0, 0, 1)
    assert "new-1" in plant(access).machine_by_key


def test_counts_take_scrap_from_the_total_and_refuse_what_cannot_be(acting):
    content = (
        "Machine,Start,End,Total,Good,Product\n"
        "m1,2026-03-01 06:00,2026-03-01 07:00,100,97,p1\n"
        "m1,2026-03-01 07:00,2026-03-01 08:00,100,101,p1\n"
        "m1,2026-03-01 08:00,2026-03-10 08:00,1,1,p1\n"
        "m1,2026-03-01 09:00,2026-03-01 10:00,-5,-5,p1\n"
        "m1,2026-03-01 10:00,2026-03-01 11:00,5,5,p9\n"
        "m1,2026-03-01 11:00,2026-03-01 12:00,5,5,\n"
    )
    access = acting()
    done = load(access, text(content))
    assert reasons(done) == [(3, "good"), (4, "end"), (5, "total"), (6, "product")]
    assert [(c.good, c.scrap, c.product_id is None) for c in rows(access, ProductionCount)] == [
        (97, 3, False), (5, 0, True),
    ]  # fmt: skip
    assert counts(load(access, text(content))) == (0, 2, 0, 4)


RECORDS = "Machine,Start,End,Planned (min),Downtime (min),Output,Good\n"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("m1,2026-03-01 06:00,2026-03-01 14:00,400,410,10,10", "downtime"),
        ("m1,2026-03-01 06:00,2026-03-01 14:00,400,10,10,11", "good"),
        ("m1,2026-03-01 06:00,2026-03-01 14:00,500,10,10,10", "planned"),
        ("m1,2026-03-01 06:00,2026-03-01 05:00,400,10,10,10", "end"),
        ("m1,2026-02-01 06:00,2026-02-10 05:00,400,10,10,10", "end"),
        ("m1,2026-03-01 06:00,2026-03-01 14:00,400,10,x,10", "output"),
        ("m1,2026-03-01 06:00,2026-03-01 14:00,400,10,,10", "output"),
        ("m1,2026-03-01 06:00,2026-03-01 14:00,400,-1,10,10", "downtime"),
    ],
)
def test_a_record_that_cannot_be_is_rejected_at_its_field(acting, row, field):
    access = acting()
    assert reasons(load(access, text(RECORDS + row + "\n"))) == [(2, field)]
    assert rows(access, PerformanceRecord) == []


def test_records_that_overlap_are_rejected_also_over_several_files(acting):
    access = acting()
    first = "m1,2026-03-01 06:00,2026-03-01 14:00,480,0,1,1\n"
    inside = "m1,2026-03-01 13:00,2026-03-01 15:00,120,0,1,1\n"
    assert reasons(load(access, text(RECORDS + first + inside))) == [(3, "start")]
    assert reasons(load(access, text(RECORDS + inside))) == [(2, "start")]
    assert len(rows(access, PerformanceRecord)) == 1


def test_records_by_date_and_shift_or_times_end_on_the_right_day(acting):
    access = acting()
    content = "Machine,Date,Shift,Output,Good\nm1,2026-03-01,Night,10,9\nm1,2026-03-02,noon,1,1\n"
    done = load(access, text(content))
    assert reasons(done) == [(3, "shift")]
    clock = "Machine,Date,Start time,End time,Output,Good\nm2,2026-03-01,22:55,1900-01-01 01:05:00,1,1\n"
    noted = load(access, text(clock)).notes
    assert [note.line for note in noted] == [2, 2]
    found = [(r.start_us, r.end_us, r.planned_s) for r in rows(access, PerformanceRecord)]
    assert found == [
        (utc("2026-03-01T22:00+01:00"), utc("2026-03-02T06:00+01:00"), 8 * 3600),
        (utc("2026-03-01T22:55+01:00"), utc("2026-03-02T01:05+01:00"), 130 * 60),
    ]


BATCHES = "Batch,Date,Start time,End time\nb1,2026-03-01,06:00,08:00\nb2,2026-03-01,08:00,09:00\n"
FACTORS = "Batch,Factor jam,Factor 2\nb1,15,5\nb2,,\nb9,1,\nb2,61,\n"


def test_downtime_by_reason_goes_to_the_record_of_the_batch(acting):
    access = acting()
    said = choices("machine=m1")
    load(access, text("Code,Name\n1,Jam\n2,Change\n"))
    load(access, text(BATCHES), said)
    downtime = text(FACTORS.replace("jam", "1"))
    assert planned(access, downtime).tally.rejected == 2
    done = load(access, downtime)
    assert reasons(done) == [(4, "batch"), (5, "downtime")]
    record = rows(access, PerformanceRecord)[0]
    assert (record.planned_s, record.operating_s, record.downtime_s) == (7_200, 6_000, 1_200)
    assert sorted(stop.duration_s for stop in rows(access, RecordStop)) == [300, 900]
    assert counts(load(access, text(BATCHES), said)) == (0, 2, 0, 0)
    assert rows(access, PerformanceRecord)[0].downtime_s == 1_200


def test_downtime_with_an_unknown_reason_or_an_ambiguous_batch_is_rejected(acting):
    access = acting()
    load(access, text(BATCHES), choices("machine=m1"))
    load(access, text(BATCHES), choices("machine=m2"))
    load(access, text("Code,Name\n1,Jam\n"))
    done = load(access, text("Batch,Factor 1,Factor 2\nb1,5,\nb2,,5\n"))
    assert reasons(done) == [(2, "batch"), (3, "Factor 2")]
    assert "name the machine" in done.rejects[0].message
    assert counts(load(access, text("Batch,Factor 1,Factor 2\nb1,5,\n"), choices("machine=m1")))[0] == 1


def test_machines_products_and_reasons_are_added_and_changed_by_their_key(acting):
    access = acting()
    load(access, text("Machine,Name,Line,Ideal cycle (s)\nm1,Press,Line A,2\nm9,Saw,Line B,\n"))
    load(access, text("Product,Name,Ideal cycle (min)\np1,Bar,1.5\n"), choices("machine=m9"))
    load(
        access,
        text("Code,Name,Category,Operator error\njam,Jam!,planned,yes\nnew,New,,no\nbad,Bad,silly,no\n"),
    )
    known = plant(access)
    assert (known.machine_by_key["m1"].name, known.machine_by_key["m1"].ideal_cycle_s) == ("Press", 2)
    assert known.line_name(known.machine_by_key["m9"]) == "Line B"
    assert [cycle.cycle_s for cycle in known.rows.cycles] == [90]
    assert (known.reason_by_code["jam"].category, known.reason_by_code["jam"].is_operator_error) == (
        "planned",
        True,
    )
    assert known.reason_by_code["new"].category == "unplanned"
    assert "bad" not in known.reason_by_code


def test_one_audit_entry_tells_what_a_run_did(acting):
    access = acting()
    before = len(audit(access))
    done = load(access, text(STATES))
    with access.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.position.desc())).first()
    assert len(audit(access)) == before + 1
    assert (entry.action, entry.object_id) == ("import.run", str(done.run_id))
    assert '"new":3' in entry.body


def test_history_lists_the_runs_and_their_rejected_rows_to_this_factory_only(acting, gemba):
    access = acting()
    done = load(access, text("Machine,Start,State\nx,2026-03-01 06:00,down\n"))
    assert [(run.file_name, run.rejected) for run in history.runs(access)] == [("file.csv", 1)]
    assert [reject.line for reject in history.rejected_rows(access, done.run_id)] == [2]
    neighbour = acting("admin", make_factory(gemba, "south"))
    assert history.runs(neighbour) == []
    with pytest.raises(NotFound):
        history.rejected_rows(neighbour, done.run_id)


def test_an_operator_may_neither_plan_nor_load_nor_look_back(acting):
    access, source = acting("operator"), text(STATES)
    mapping = planned(acting(), source).mapping
    for attempt in (
        lambda: plan(access, source),
        lambda: execute(access, source, mapping),
        lambda: history.runs(access),
        lambda: history.rejected_rows(access, 1),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert rows(access, ImportRun) == []


def test_a_mapping_of_another_file_is_refused_and_nothing_is_stored(acting):
    access = acting()
    mapping = planned(access, text(STATES)).mapping
    with pytest.raises(InvalidInput, match="There is no column"):
        execute(access, text("a,b\n1,2\n"), mapping)
    assert rows(access, ImportRun) == []


def test_no_more_than_the_kept_rejects_are_stored_and_all_are_counted(acting, monkeypatch):
    monkeypatch.setattr("app.imports.walk.MOST_REJECTS", 3)
    access = acting()
    done = load(access, text("Machine,Start,State\n" + "x,2026-03-01 06:00,down\n" * 5))
    assert (len(done.rejects), done.tally.rejected, len(rows(access, ImportReject))) == (3, 5, 3)


def test_the_file_of_rejected_rows_runs_no_formula(acting):
    done = load(acting(), text('Machine,Start,State\n"=cmd|x",2026-03-01 06:00,down\n'))
    lines = as_csv(("file.csv", reject) for reject in done.rejects).decode("utf-8-sig").splitlines()
    assert lines[1].endswith('"\'=cmd|x,2026-03-01 06:00,down"')


def test_an_import_beside_the_page_ends_or_stops_and_says_why(acting, monkeypatch):
    access = acting()
    source = text(STATES)
    mapping = planned(access, source).mapping
    running = Running(access, [(source, mapping), (source, mapping)])
    running.wait(30)
    assert running.done
    assert running.error is None
    assert [counts(done) for done in running.summaries] == [(3, 0, 0, 0), (0, 3, 0, 0)]
    access.gemba.closing.set()
    stopped = Running(access, [(source, mapping)])
    with pytest.raises(ImportCancelledError, match="completes it"):
        stopped.wait(30)
    assert isinstance(stopped.error, runs.ImportCancelledError)


def test_documents_are_not_imported_among_those_that_gemba_writes(acting):
    access = acting()
    source = text(
        "Collection,Timestamp,Key,Machine,Score\n"
        "scan_sessions,2026-03-02T08:00:00Z,a,m1,-0.31\n"
        "press_logs,2026-03-02T08:00:00Z,a,m1,-0.31\n"
    )
    found = load(access, source)
    assert counts(found) == (1, 0, 0, 1)
    assert [one.message for one in rows(access, ImportReject)] == [
        "Gemba keeps its own documents in scan_sessions: name another."
    ]
    store, slug = access.gemba.documents, access.factory.slug
    assert store.collections(slug) == ["press_logs"]
