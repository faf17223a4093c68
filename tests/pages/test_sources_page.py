"""Sources: a plant's database is added, tried, mapped, read and removed without leaving the page."""

import pytest

from app.sources import store, watch
from app.sources.schedule import round_of
from tests.app.sources import plants
from tests.pages.conftest import texts


@pytest.fixture
def plant_file(gemba, factory_id):
    plants.productivity(gemba.settings.sources_folder / "north" / "productivity.db")


def choose(page, label, value):
    next(one for one in page.selectbox if one.label == label).set_value(value)


def write(page, label, value):
    next(one for one in page.text_input if one.label == label).set_value(value)


def press(page, label):
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception


def test_an_empty_plant_is_told_what_can_be_read(open_page):
    assert "No source yet" in texts(open_page("sources"))


@pytest.mark.parametrize("role", ["manager", "engineer", "operator", "viewer"])
def test_only_administrators_have_the_page(open_page, role):
    with pytest.raises(ValueError, match="sources"):
        open_page("sources", role)


def test_a_known_system_is_added_tried_previewed_and_read(open_page, acting, gemba, plant_file):
    page = open_page("sources")
    press(page, "Add a source")
    choose(page, "System", "productivity")
    page.run()
    write(page, "Name", "Cameras")
    write(page, "Address", "sqlite:///productivity.db")
    page.run()
    press(page, "Connect and find the streams")
    assert not page.error
    press(page, "Preview")
    assert any("As it would be stored" in one.value for one in page.caption)
    press(page, "Save and read it")
    [source] = store.list_sources(acting())
    assert (source.name, source.is_on, len(source.streams)) == ("Cameras", True, 3)
    round_of(gemba, ["north"])
    assert watch.runs(acting(), source.id)[0].tally.new == 8
    page = open_page("sources")
    assert page.dataframe[0].value["Outcome"].tolist() == ["done"]
    assert page.dataframe[1].value["Rows so far"].tolist() == [0, 0, 4]


def test_any_table_is_mapped_by_hand(open_page, acting, gemba, plant_file):
    page = open_page("sources")
    press(page, "Add a source")
    write(page, "Name", "Stations")
    write(page, "Address", "sqlite:///productivity.db")
    page.run()
    press(page, "Test the connection")
    press(page, "Add a stream")
    write(page, "Name of the stream", "Stations")
    choose(page, "What it brings", "machines")
    choose(page, "Table, collection or measurement", "workstations")
    page.run()
    choose(page, "Key *", "station_id")
    choose(page, "Name", "name")
    page.run()
    press(page, "Save")
    [source] = store.list_sources(acting())
    stream = source.streams[0]
    assert (stream.item, {name: one.text for name, one in stream.mapping.columns.items()}) == (
        "workstations", {"device_key": "station_id", "name": "name"},
    )  # fmt: skip
    assert not source.is_on


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(open_page, acting):
    page = open_page("sources")
    press(page, "Add a source")
    write(page, "Address", "ftp://somewhere/x")
    page.run()
    press(page, "Save")
    said = texts(page)
    assert "Give the source a name" in said
    assert "An address begins with one of" in said
    assert next(one for one in page.text_input if one.label == "Address").value == "ftp://somewhere/x"
    assert store.list_sources(acting()) == []


def test_a_source_that_does_not_answer_is_a_card(open_page):
    page = open_page("sources")
    press(page, "Add a source")
    write(page, "Name", "Away")
    write(page, "Address", "mongodb://127.0.0.1:1/x")
    page.run()
    press(page, "Test the connection")
    assert any("does not answer" in one.value for one in page.error)


def test_a_failed_reading_says_why(open_page, acting, gemba, plant_file):
    from app.sources.drafts import Draft

    store.add_source(acting(), Draft("Gone", "sqlite:///gone.db"))
    [source] = store.list_sources(acting())
    store.want_run(acting(), source.id)
    round_of(gemba, ["north"])
    page = open_page("sources")
    assert any("no such file" in one.value for one in page.error)
