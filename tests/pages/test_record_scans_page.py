"""Scans of shift records on the page of anomalies, and what the overview tells of the last day."""

import pytest
from sqlalchemy import select

from app.predict.anomaly.scans import episodes, label_episode, scans
from data.models import Job
from tests.app.predict.test_labels import signals
from tests.app.predict.test_record_scans import shifts
from tests.pages.conftest import texts
from tests.pages.test_predict_pages import press, run

__all__ = ["run"]


@pytest.fixture
def scanned(acting, clock, run):
    """Half a plant: m1 has records with an odd shift, m2 has too few; no signals anywhere."""
    shifts(acting(), clock)
    shifts(acting(), clock, count=20, machine="m2")
    run("anomaly", source="records", days=3)


def test_an_episode_of_records_is_shown_over_their_parts_and_judged(open_page, scanned, acting):
    page = open_page("anomalies")
    assert not page.exception
    found, made = page.dataframe[0].value, page.dataframe[-1].value
    assert (found["Machine"].tolist(), found["Looked at"].tolist()) == (["M1"], ["Shift records"])
    said = texts(page)
    assert "Isolation forest in shift records" in said
    assert "Mostly: " in said
    assert "per planned hour" in said or "Operating time of planned time" in said
    assert "Score over the parts of shift records that contributed most" in said
    assert made["Looked at"].tolist() == ["Shift records", "Shift records"]
    assert any("at least 60 are needed" in one for one in made["Problem"])
    press(page, "an-false")
    assert page.dataframe[0].value["Judged"].tolist() == ["false alarm"]


def test_the_scan_form_asks_for_records_with_their_own_usual_values(open_page, acting, clock):
    page = open_page("anomalies")
    press(page, "an-new")
    assert page.radio(key="an-source").options == ["Signals", "Shift records"]
    assert page.selectbox(key="an-method-signals").value == "pca"
    page.radio(key="an-source").set_value("records")
    press(page, "an-new")
    assert page.selectbox(key="an-method-records").value == "isolation_forest"
    assert "The 180 days before them are taken as normal" in texts(page)
    page.button(key="an-start").click()
    press(page, "an-new")
    with acting().read() as session:
        [asked] = session.scalars(select(Job))
    assert (asked.parameters["source"], asked.parameters["days"]) == ("records", 7.0)


def test_a_scan_of_signals_says_so(open_page, gemba, clock, run):
    signals(gemba, clock)
    run("anomaly", machines=["m1"], days=0.25)
    page = open_page("anomalies")
    assert page.dataframe[0].value["Looked at"].tolist() == ["Signals"]
    assert "Score over the signals that contributed most" in texts(page)


def test_the_overview_counts_the_anomalies_of_the_last_day_that_nobody_called_false(
    open_page, scanned, acting
):
    assert "[1 anomaly in 24 h](/anomalies?an_judged=open&an_judged=real)" in texts(open_page("overview"))
    [one] = episodes(acting())
    label_episode(acting(), one.scan.id, one.position, is_true=False)
    assert "in 24 h" not in texts(open_page("overview"))


def test_the_overview_of_a_plant_without_scans_says_nothing_of_them(open_page, with_record, acting):
    assert scans(acting()) == []
    assert "in 24 h" not in texts(open_page("overview"))
