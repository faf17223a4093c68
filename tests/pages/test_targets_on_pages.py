"""Where a target is set, the pages that show its figure show the target and the gap."""

from dataclasses import replace
from datetime import date

import pytest

from analytics.kpis import BY_ID
from app.production.masters.lines import lines, save_line
from app.shifts.targets import TargetDraft, save_target
from app.ui.kpis.table import gap

BEGUN = date(2026, 1, 1)


@pytest.fixture
def aims(acting, with_record):
    def kept(**targets):
        for figure, value in targets.items():
            save_target(acting("manager"), TargetDraft(figure, value, BEGUN))

    return kept


def test_the_kpi_page_shows_target_and_gap_of_the_kpis_that_have_one(open_page, aims):
    aims(availability=0.85, quality=0.9)
    page = open_page("kpis")
    table = page.dataframe[0].value.set_index("KPI")
    assert plain(table, "Availability") == ["85.0 %", "5.0 pp worse"]
    assert plain(table, "OOE") == ["", ""]
    page = open_page("kpis", k_group="Quality")
    table = page.dataframe[0].value.set_index("KPI")
    assert plain(table, "Quality ratio") == ["90.0 %", "5.0 pp better"]


@pytest.mark.parametrize(
    ("kpi", "value", "goal", "words"),
    [("scrap_ratio", 0.05, 0.02, "3.0 pp worse"), ("scrap_ratio", 0.01, 0.02, "1.0 pp better"),
     ("mtbf", 120.0, 200.0, "80.00 h worse"), ("energy_per_part", 1.4, 1.4, "met"), ("mtbf", None, 1.0, "")],
)  # fmt: skip
def test_the_gap_says_whether_it_is_good(kpi, value, goal, words):
    assert gap(BY_ID[kpi], value, goal, "EUR").replace("\u202f", " ") == words


def test_without_a_target_the_table_has_no_such_column(open_page, with_record):
    assert "Target" not in open_page("kpis", k_group="Quality").dataframe[0].value


def plain(table, kpi):
    return [table[name][kpi].replace("\u202f", " ") for name in ("Target", "Gap")]


def test_the_breakdown_of_the_oee_shows_the_gap_to_the_target(open_page, aims):
    aims(oee=0.9, availability=0.85)
    page = open_page("oee")
    tables = [one.value for one in page.dataframe]
    shown = next(table for table in tables if "gap" in table.columns).set_index("Machine")
    row = shown.loc["M1"]
    assert row["target"] == pytest.approx(90)
    assert row["gap"] == pytest.approx(row["oee"] - 90)


def test_figures_by_area_are_offered_where_lines_stand_in_one_with_the_target_of_its_line(
    open_page, aims, acting
):
    assert "Area" not in choices(open_page("oee"))
    access = acting("manager")
    line = lines(access)[0]
    save_line(access, replace(line.draft, area="Hall 2", oee_target=0.7), line)
    save_target(access, TargetDraft("availability", 0.85, BEGUN))
    page = open_page("oee", o_by="Area")
    assert "Area" in choices(page)
    shown = next(one.value for one in page.dataframe if "gap" in one.value.columns).set_index("Area")
    assert shown["target"].to_dict() == {"Hall 2": pytest.approx(70)}


def choices(page):
    return next(one for one in page.get("button_group") if one.label == "Break down by").options
