"""A report shows what pages show, and says which data it is of."""

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import orjson
import pytest

from analytics.errors import InvalidInput
from app.insights.findings import findings
from app.production.figures import Question, broken_down, totals
from app.production.measured.energy import energy
from app.reports.content.document import plain
from app.reports.drafts import FORMATS, SECTIONS, ReportDraft, checked, parameters
from app.reports.gathering import gather
from app.reports.making import made
from app.reports.periods import last_ended
from app.reports.proof.seals import unsealed
from data.models import Prediction, ScanSession, from_us
from data.queries.plant import bump

RATIOS = ("OEE", "Availability", "Performance", "Quality")


@pytest.fixture
def json_report(busy, span):
    body, _ = made(busy, "k", ReportDraft("North", "json"), span)
    return orjson.loads(body)["report"]


def section(report, key):
    return next(one for one in report["sections"] if one["key"] == key)


def rows_of(report, key):
    found = next(t for s in report["sections"] for t in s["tables"] if t["key"] == key)
    heads = [column["name"] for column in found["columns"]]
    return [dict(zip(heads, row, strict=True)) for row in found["rows"]]


def test_the_figures_are_those_of_the_pages_bit_for_bit(busy, span, json_report):
    asked = Question(*span)
    page = totals(busy, asked).iloc[0]
    facts = {one["name"]: one["value"] for one in section(json_report, "summary")["facts"]}
    assert [facts[name] for name in RATIOS] == [float(page[name.lower()]) for name in RATIOS]
    assert facts["Energy"] == float(energy(busy, asked)["kwh"].sum())
    machines = broken_down(busy, asked, ("machine",)).set_index("machine")["oee"]
    assert {row["Key"]: row["OEE"] for row in rows_of(json_report, "machines")} == machines.to_dict()
    assert 0 < facts["OEE"] < 1


def test_excel_and_csv_have_the_same_figures_bit_for_bit(busy, span, json_report):
    expected = [row["OEE"] for row in rows_of(json_report, "machines")]
    body, _ = made(busy, "k", ReportDraft("North", "excel"), span)
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Machines"]
    rows = list(sheet.iter_rows(values_only=True))
    place = rows[0].index("OEE")
    assert [row[place] for row in rows[1:]] == expected
    body, _ = made(busy, "k", ReportDraft("North", "csv"), span)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        name = next(one for one in archive.namelist() if one.endswith("-machines.csv"))
        lines = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert [float(one["OEE"]) for one in lines] == expected


def test_a_workbook_has_typed_cells_frozen_heads_and_native_charts(busy, span):
    body, _ = made(busy, "k", ReportDraft("North", "excel"), span)
    book = openpyxl.load_workbook(io.BytesIO(body))
    days = book["Figures by day"]
    assert days.freeze_panes == "A2"
    assert isinstance(days["A2"].value, datetime | date)
    assert days["B2"].number_format == "0.0%"
    assert sum(len(sheet._charts) for sheet in book.worksheets) >= 4
    assert book.sheetnames[0] == "Summary"
    assert book.sheetnames[-1] == "Evidence"


def test_texts_of_the_plant_are_never_formulas(busy, span, acting):
    from app.maintenance.orders import OrderDraft
    from app.maintenance.working import Finish, finish_order, open_order

    number = open_order(busy, OrderDraft("m1", '=HYPERLINK("http://x")'))
    finish_order(busy, number, 1, Finish(span[0] + 1, span[0] + 2))
    body, _ = made(busy, "k", ReportDraft("North", "csv", ("maintenance",)), span)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        text = b"".join(archive.read(one) for one in archive.namelist()).decode()
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_the_same_data_has_the_same_fingerprint_and_other_data_another(busy, span):
    draft = ReportDraft("", "json", ("summary", "oee"))
    first, second = (gather(busy, "k", draft, span).fingerprint for _ in range(2))
    assert first == second
    with busy.write() as session:
        from data.models import StateEvent

        row = session.query(StateEvent).order_by(StateEvent.start_us.desc()).first()
        row.start_us += 60_000_000
        bump(session, {row.start_us // 86_400_000_000})
    assert gather(busy, "k", draft, span).fingerprint != first


@pytest.mark.parametrize("form", FORMATS)
def test_every_section_is_in_every_format_of_a_plant_with_data_and_of_an_empty_one(acting, busy, span, form):
    for start in (span[0], span[0] - 40 * 86_400_000_000):
        body, facts = made(busy, "k", ReportDraft("", form), (start, start + 86_400_000_000))
        assert unsealed(body).evidence["file"]["index"] == facts["log_position"] + 1
    document = gather(busy, "k", ReportDraft(), span)
    assert [one.key for one in document.sections] == list(SECTIONS)
    assert plain(document)["start"] == from_us(span[0]).astimezone(busy.factory.zone).isoformat()


def test_lines_and_machines_narrow_a_report(busy, span):
    document = gather(busy, "k", ReportDraft(machines=("m2",)), span)
    assert document.machines == ("m2",)
    [table] = next(one for one in document.sections if one.key == "machines").tables
    assert [row[1] for row in table.rows] == ["m2"]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("sections", {"sections": ["gossip"]}),
        ("format", {"format": "docx"}),
        ("machines", {"machines": ["m9"]}),
        ("lines", {"lines": ["z"]}),
        ("start_us", {"period": None}),
        ("end_us", {"period": None, "start_us": 5, "end_us": 5}),
        ("period", {"period": "year"}),
        ("period", {"start_us": 5, "end_us": 6}),
        ("recipients", {"recipients": ["nobody"]}),
        ("title", {"title": "x" * 300}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_wrong_wish_is_refused_at_its_field(busy, field, given):
    with pytest.raises(InvalidInput) as refused:
        checked(busy, {"period": "day", **given})
    assert refused.value.problems[0].field == field


def test_periods_are_the_last_that_ended_by_the_factorys_clock(busy):
    zone = busy.factory.zone
    words = {
        period: [f"{from_us(edge).astimezone(zone):%a %d %H:%M}" for edge in last_ended(busy, period)]
        for period in ("shift", "day", "week", "month")
    }
    assert words == {
        "shift": ["Tue 03 22:00", "Wed 04 06:00"],
        "day": ["Tue 03 06:00", "Wed 04 06:00"],
        "week": ["Mon 23 06:00", "Mon 02 06:00"],
        "month": ["Sun 01 06:00", "Sun 01 06:00"],
    }


def test_a_draft_survives_the_way_through_a_job(busy, span):
    draft = ReportDraft("A  title", "excel", ("oee", "summary"), ("m1",), (), *span)
    given = checked(busy, parameters(draft))
    assert given["sections"] == ["summary", "oee"]
    assert given["title"] == "A title"
    assert checked(busy, given) == given


def test_what_changed_and_what_was_predicted_is_told_as_on_the_pages(busy, span):
    with busy.write() as session:
        for made_us, chance, came in ((span[0], 0.2, True), (span[0] + 1, 0.7, None), (span[1], 0.9, None)):
            session.add(
                Prediction(
                    job_key=str(chance), kind="failure", machine_key="m1", model="m1 v1", made_us=made_us,
                    until_us=made_us + 8 * 3_600_000_000, chance=chance, naive=0.1, has_happened=came,
                )
            )  # fmt: skip
    body, _ = made(busy, "k", ReportDraft("North", "json", sections=SECTIONS), span)
    report = orjson.loads(body)["report"]
    [told] = rows_of(report, "risks")
    assert (told["Chance of a failure"], told["A failure came"]) == (0.7, "not known yet")
    expected = [one.text for one in findings(busy, Question(*span))]
    changes = [t for s in report["sections"] for t in s["tables"] if t["key"] == "changes"]
    assert [row[0] for t in changes for row in t["rows"]] == expected
    said = section(report, "analytics")["sentences"]
    assert said[0] == (expected[0] if expected else "Nothing changed much against the time before.")


def test_a_scan_says_what_it_looked_at_and_by_which_method(busy, span):
    with busy.write() as session:
        for place, method in enumerate(("pca", "records:isolation_forest")):
            session.add(
                ScanSession(
                    job_key=str(place), machine_key="m1", method=method, status="complete",
                    normal_start_us=0, normal_end_us=span[0], start_us=span[0], end_us=span[1],
                    begun_us=span[1] - place, finished_us=span[1], asked_by="admin@example.test",
                )
            )  # fmt: skip
    body, _ = made(busy, "k", ReportDraft("North", "json", sections=SECTIONS), span)
    told = rows_of(orjson.loads(body)["report"], "scans")
    assert [(row["Looked at"], row["Method"]) for row in told] == [
        ("signals", "pca"), ("records", "isolation_forest"),
    ]  # fmt: skip
