"""Every page draws for every role that may open it, empty and with data; without a store it shows a card."""

import pytest

from analytics.errors import StoreUnavailable
from app.auth.permissions import ROLES
from app.navigation import PAGES, permitted
from app.production.records import entry as records
from tests.conftest import relational
from tests.pages.conftest import texts


@pytest.fixture(params=["sqlite", "mariadb"])
def relational_url(request, tmp_path):
    with relational(request.param, request, tmp_path) as url:
        yield url


@pytest.mark.parametrize("relational_url", ["sqlite"], indirect=True)
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
    app = open_page(key, "super_admin")
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


def test_an_empty_range_offers_the_days_with_data_and_shows_no_figures(open_page, with_record):
    app = open_page("overview", t_range="custom", t_days=["2020-01-01", "2020-01-07"])
    assert "Nothing was recorded in this range" in texts(app)
    assert not app.metric
    app.button(key="empty-empty-range-action").click().run()
    assert not app.exception
    assert app.metric


def test_the_loss_in_the_address_chooses_what_is_listed(open_page, with_record):
    app = open_page("oee", d_loss="Defects")
    assert "Defects by machine" in texts(app)


def test_a_record_that_was_taken_back_is_kept_while_entering_it_again_is_refused(
    open_page, acting, with_record
):
    access = acting()
    stored = records.listed(access, 0, 2**61)[0]
    app = open_page("records")
    app.session_state["records-gone"] = stored.draft
    app.run()
    app.button(key="undo").click().run()
    assert "covers part of this time already" in texts(app)
    assert app.session_state["records-gone"] == stored.draft
    records.take_back(access, stored.id, stored.version)
    app.button(key="undo").click().run()
    assert "records-gone" not in app.session_state
    assert [again.draft for again in records.listed(access, 0, 2**61)] == [stored.draft]


def test_buttons_for_one_row_wait_until_a_row_is_chosen(open_page, with_record):
    app = open_page("machines")
    assert app.button(key="edit-machine").disabled
    assert not app.button(key="add-machine").disabled
