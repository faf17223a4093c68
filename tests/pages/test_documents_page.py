"""Documents of other systems: filtered, with what they hold as columns, and nothing of our own among them."""

from datetime import timedelta

import pytest

from analytics.errors import NotFound
from app.documents.listing import collections, documents, severity
from data.documents.document import Document
from data.documents.protocol import Search
from data.models import to_us
from tests.pages.conftest import NOW, texts

MINUTE_US = 60_000_000
ODD = {"score": -0.31, "parts": {"torque": [1, 2]}, "Time": "as written", "Key": "theirs"}


@pytest.fixture
def logged(gemba, acting):
    """Two anomalies, one of a machine that is not here, a log of changes, and a scan of our own."""
    slug, at_us = acting().factory.slug, to_us(NOW)
    put = gemba.documents.put
    put(
        slug,
        "press_anomaly_logs",
        [
            Document("a", at_us, ODD, "m1"),
            Document("b", at_us - MINUTE_US, {"score": 0.2, "parts": 7}, "elsewhere"),
        ],
    )
    put(slug, "press_audit_logs", [Document("c", at_us, {"user": "admin"})])
    put(slug, "scan_sessions", [Document("own", at_us, {"episodes": []})])


def test_without_documents_the_page_says_where_they_come_from(open_page, factory_id):
    page = open_page("documents")
    assert not page.exception
    assert "No documents yet" in texts(page)


def test_documents_are_listed_with_their_columns_and_how_bad_they_are(open_page, logged):
    page = open_page("documents")
    assert not page.exception
    found = page.dataframe[0].value
    assert found["Machine"].tolist() == ["M1", "elsewhere"]
    assert found["Severity"].tolist() == ["high", "normal"]
    assert found["score"].tolist() == [-0.31, 0.2]
    assert found["parts"].tolist()[0] == '{"torque": [1, 2]}'
    assert found["Time (document)"].tolist()[0] == "as written"
    assert (found["Key"].tolist(), found["Key (document)"].tolist()[0]) == (["a", "b"], "theirs")
    assert page.selectbox[0].options == ["press_anomaly_logs (2)", "press_audit_logs (1)"]
    page.selectbox[1].select("m1").run()
    assert page.dataframe[0].value["Key"].tolist() == ["a"]
    page.selectbox[1].select("m2").run()
    assert "No document fits" in texts(page)


def test_days_are_those_of_the_factory_and_the_last_counts_whole(open_page, gemba, acting, logged):
    """NOW is noon UTC of 4 March; half past eleven in the evening UTC is the next day in Berlin."""
    late = to_us(NOW.replace(hour=23, minute=30))
    gemba.documents.put(acting().factory.slug, "press_anomaly_logs", [Document("late", late, {}, "m1")])
    page = open_page("documents")
    page.date_input[0].set_value((NOW.date(), NOW.date())).run()
    assert page.dataframe[0].value["Key"].tolist() == ["a", "b"]
    page.date_input[0].set_value((NOW.date(), NOW.date() + timedelta(days=1))).run()
    assert page.dataframe[0].value["Key"].tolist() == ["late", "a", "b"]


def test_an_address_that_names_no_collection_shows_the_first(open_page, logged):
    page = open_page("documents", do_collection="nonsense", do_machine="nobody")
    assert not page.exception
    assert len(page.dataframe[0].value) == 2


def test_logs_of_changes_take_the_permission_to_see_the_audit_log(open_page, logged, acting):
    page = open_page("documents", "viewer")
    assert not page.exception
    assert page.selectbox[0].options == ["press_anomaly_logs (2)"]
    assert [one.name for one in collections(acting("viewer"))] == ["press_anomaly_logs"]
    for hidden in ("press_audit_logs", "scan_sessions", "nonsense"):
        with pytest.raises(NotFound):
            documents(acting("viewer"), hidden, Search())


@pytest.mark.parametrize(
    ("collection", "body", "told"),
    [
        ("anomaly_logs", {"Score": "-0.11"}, "medium"), ("anomaly_logs", {"anomaly_score": -0.26}, "high"),
        ("anomaly_logs", {"score": "none"}, ""), ("anomaly_logs", {"score": None}, ""),
        ("anomaly_logs", {"score": "nan"}, ""), ("quality_logs", {"score": -0.9}, ""),
    ],
)  # fmt: skip
def test_only_scores_of_anomalies_are_told_as_severities(collection, body, told):
    assert severity(collection, Document("a", 0, body)) == told
