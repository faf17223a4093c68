"""Files are recognised by their titles, and what only a person can know is asked."""

import pytest

from analytics.errors import InvalidInput
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Choices, Given
from app.imports.layout.samples import sample
from app.imports.plans import suggested
from app.imports.reading.source import Source
from data.models import ImportRun, StateEvent
from tests.app.imports.files import choices, load, planned, rows, text, workbook


def mapping(access, content, said=None):
    return suggested(access, text(content), None, said)[1].mapping


@pytest.mark.parametrize("kind", list(Kind))
def test_the_sample_of_each_kind_is_recognised(acting, kind):
    found = suggested(acting(), Source.of_bytes("sample.csv", sample(kind)))[1]
    assert found.kind is kind
    assert found.confidence > 0.5


def test_titles_are_recognised_in_any_case_with_units_and_other_spellings(acting):
    found = mapping(
        acting(), "DEVICE_ID;startTime;End Time;Downtime [h];planned_min;Actual output;Good units\n"
    )
    assert found.kind is Kind.RECORDS
    assert found.columns["machine"] == Given("DEVICE_ID")
    assert found.columns["start"] == Given("startTime")
    assert found.columns["downtime"] == Given("Downtime [h]", "h")
    assert found.columns["planned"] == Given("planned_min", "min")


def test_a_data_dictionary_is_of_no_kind(acting):
    content = "Table,Field,Description\nProducts,Product,Unique product ID\n"
    assert suggested(acting(), text(content))[1].kind is None


def test_a_choice_goes_over_what_was_recognised(acting):
    said = choices("machine=m1", maps=("start=Begin", "planned[h]=P"))
    found = mapping(acting(), "Date,Start,End,Begin,P,Batch\n2026-03-01,06:00,14:00,x,1,7\n", said)
    assert found.columns["start"] == Given("Begin")
    assert found.columns["planned"] == Given("P", "h")
    assert found.constants["machine"] == Given("m1")


@pytest.mark.parametrize("wrong", ["start", "=x", "start=", "start[days]=x", "nonsense=x"])
def test_a_choice_that_says_nothing_is_refused(wrong):
    with pytest.raises(InvalidInput):
        Choices.parsed([wrong], [], "", create_machines=False)


def open_fields(plan):
    return [problem.field for problem in plan.problems]


def test_a_naive_time_is_an_open_question_until_the_zone_is_named(acting):
    source = text("Machine,Start,State\nm1,2026-03-01 06:00,down\n")
    access = acting()
    assert open_fields(planned(access, source, choices(zone=""))) == ["zone"]
    assert open_fields(planned(access, source, choices(zone="Mars/Olympus"))) == ["zone"]
    assert planned(access, source).ready
    zoned = text("Machine,Start,State\nm1,2026-03-01T06:00+01:00,down\n")
    assert planned(access, zoned, choices(zone="")).ready


def test_swappable_dates_numbered_states_and_missing_units_are_asked(acting):
    access = acting()
    dates = text("Machine,Start,State\nm1,03/04/2025 06:00,down\n")
    assert open_fields(planned(access, dates)) == ["date_order"]
    assert planned(access, dates, choices("date_order=day")).preview["Start"][0].month == 4
    numbers = text("Machine,Start,State\nm1,2026-03-01 06:00,6\n")
    assert open_fields(planned(access, numbers)) == ["state_numbers"]
    assert planned(access, numbers, choices("state_numbers=packml")).preview["State"][0] == "Running"
    units = text("Machine,Start,End,Downtime,Output,Good\nm1,2026-03-01 06:00,2026-03-01 14:00,30,9,9\n")
    assert open_fields(planned(access, units)) == ["downtime"]
    assert planned(access, units, choices(maps=("downtime[min]=Downtime",))).ready


def test_a_missing_column_and_an_unknown_kind_are_said(acting):
    access = acting()
    assert open_fields(planned(access, text("Start,State\n2026-03-01 06:00,down\n"))) == ["machine"]
    assert open_fields(planned(access, text("colour,mood\nred,fine\n"))) == ["kind"]
    gone = choices(maps=("machine=Nowhere",))
    assert open_fields(planned(access, text("Machine,Start,State\nm1,2026-03-01 06:00,down\n"), gone)) == [
        "machine"
    ]


def test_a_plan_writes_nothing(acting):
    access = acting()
    found = planned(access, text("Machine,Start,State\nm1,2026-03-01 06:00,down\n"))
    assert found.tally.new == 1
    assert rows(access, StateEvent) == []
    assert rows(access, ImportRun) == []


def test_a_workbook_is_read_like_a_text_file(acting):
    access = acting()
    titles = ("Machine", "Start", "State")
    book = workbook(titles, ("m1", "2026-03-01 06:00", "down"), before=(("Report",),))
    assert planned(access, book).notes[0].line == 2
    assert load(access, book).tally.new == 1
    again = load(access, text("Machine,Start,State\nm1,2026-03-01 06:00,down\n"))
    assert (again.tally.new, again.tally.unchanged) == (0, 1)
