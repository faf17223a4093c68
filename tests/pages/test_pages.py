"""Every page draws for every role that may open it, empty and with data; without a store it shows a card."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.errors import StoreUnavailable
from app.auth.permissions import ROLES
from app.navigation import PAGES, permitted
from app.production import records
from app.production.plant import plant
from tests.pages.conftest import texts

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def with_record(acting):
    access = acting()
    records.enter(
        access,
        records.RecordDraft(
            plant(access).machine_by_key["m1"].id, NOW - timedelta(hours=6), NOW - timedelta(hours=1),
            5 * 3600, 4 * 3600, 3600, 12_000, 11_400,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "key"),
    [(role, page.key) for role in ("manager", "operator", "viewer") for page in permitted(ROLES[role])],
)
def test_a_page_draws_for_each_role_that_may_open_it(open_page, with_record, key, role):
    app = open_page(key, role)
    assert not app.exception
    assert not app.error, texts(app)


@pytest.mark.parametrize("key", [page.key for page in PAGES])
def test_an_empty_plant_says_how_to_begin(open_page, key):
    app = open_page(key)
    assert not app.exception
    assert not app.error, texts(app)


def test_the_overview_shows_the_records_figures(open_page, with_record):
    app = open_page("overview")
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Availability"] == "80.0\N{NARROW NO-BREAK SPACE}%" or shown["Availability"].startswith(
        "80.0"
    )
    assert shown["Quality"].startswith("95.0")


def test_a_store_that_is_away_gives_a_card_and_no_traceback(open_page, monkeypatch):
    def away(*_args: object, **_kwargs: object) -> None:
        raise StoreUnavailable("the relational store does not answer: connection refused")

    monkeypatch.setattr("app.ui.scene.plant", away)
    app = open_page("oee")
    assert not app.exception
    assert "does not answer" in texts(app)


def test_wrong_values_in_the_address_are_left_out_with_a_note(open_page, with_record):
    app = open_page("overview", f_machine="no-such", t_range="nonsense")
    assert not app.exception
    assert "unknown" in texts(app)


def test_a_viewer_sees_no_button_that_changes_something(open_page, with_record):
    labels = {button.label for button in open_page("machines", "viewer").button}
    assert "Add a machine" not in labels
    labels = {button.label for button in open_page("records", "viewer").button}
    assert "Enter a shift record" not in labels
