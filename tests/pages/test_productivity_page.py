"""The page Productivity with events: figures, pseudonyms, and names for a reason only."""

from datetime import timedelta

import pytest

from app.production.camera.directory import name_workers
from app.production.camera.intake import ingest_activities
from app.ui.productivity.tables import show_names
from data.contracts.messages import ActivityMessage
from data.models import to_us
from tests.pages.conftest import texts

MINUTE = 60_000_000


@pytest.fixture
def watched(acting):
    access = acting()
    start = to_us(access.now - timedelta(hours=3))
    ingest_activities(
        access.gemba,
        access.factory,
        [
            ActivityMessage("m1", start + minute * MINUTE, kind, "W1", 0.9, units)
            for minute, kind, units in ((0, "working", None), (30, "product_count", 6.0), (45, "idle", None))
        ],
    )
    with access.write() as session:
        name_workers(session, access.now, {"W1": "Ana Diaz"})
    return access


def test_the_figures_stand_on_tiles_and_workers_have_pseudonyms(open_page, watched):
    app = open_page("productivity", "viewer")
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Units"] == "6"
    assert shown["Productive time"].startswith("0.8")
    assert workers_of(app) == ["Worker 01"]
    assert not [button for button in app.button if button.label == "Show names"]


def test_names_appear_after_a_reason_and_go_again(open_page, watched, monkeypatch):
    """The dialog itself is tried in a browser; here its reason is given at once."""
    monkeypatch.setattr(
        "app.ui.productivity.tables._ask_reason", lambda at: show_names(at, "Accident report of today")
    )
    app = open_page("productivity", "manager")
    app.button(key="show-names").click().run()
    app.run()
    assert workers_of(app) == ["Ana Diaz"]
    app.button(key="hide-names").click().run()
    assert workers_of(app) == ["Worker 01"]


def workers_of(app):
    [table] = [frame.value["Worker"].tolist() for frame in app.dataframe if "Worker" in frame.value]
    return table


def test_without_events_the_page_says_how_to_send_them(open_page):
    app = open_page("productivity", "viewer")
    assert "/api/events" in texts(app)
