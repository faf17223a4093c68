"""The page of imports: nothing is stored before it was seen, bad files give a card, results can be read."""

import time

import pytest
from sqlalchemy import select

from app.imports.layout.kinds import Kind
from app.imports.layout.samples import sample
from data.models import ImportRun, ProductionCount, StateEvent
from tests.pages.conftest import texts

STATES = (
    "Machine,Start,End,State\n"
    "m1,2026-03-02 06:00:00,2026-03-02 07:00:00,running\n"
    "m1,2026-03-02 07:00:00,2026-03-02 07:30:00,down\n"
    "nobody,2026-03-02 07:30:00,2026-03-02 08:00:00,running\n"
)


def upload(app, *files):
    app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files])
    return app.run()


def answer_zone(app, zone="Europe/Berlin"):
    app.selectbox(key="i-zone").set_value(zone)
    return app.run()


def load(app):
    app.button(key="i-load").click().run()
    for _ in range(100):
        if app.session_state["imports-running"].done:
            return app.run()
        time.sleep(0.05)
    raise AssertionError("the import did not end")


def stored(access, model):
    with access.read() as session:
        return len(session.scalars(select(model.id)).all())


def test_before_a_file_is_chosen_the_page_offers_a_sample_of_each_kind(open_page):
    app = open_page("imports")
    assert not app.exception
    assert "Choose files above" in texts(app)


def test_the_page_asks_for_the_zone_and_stores_nothing_before(open_page, acting):
    app = upload(open_page("imports"), ("states.csv", STATES.encode()))
    assert not app.exception
    assert "name no zone" in texts(app)
    assert app.button(key="i-load").disabled
    assert stored(acting(), ImportRun) == 0


def test_a_file_is_loaded_and_its_rejected_row_is_listed(open_page, acting):
    app = answer_zone(upload(open_page("imports"), ("states.csv", STATES.encode())))
    assert not app.button(key="i-load").disabled
    app = load(app)
    assert not app.exception
    assert stored(acting(), StateEvent) == 2
    assert "without the rejected rows" in texts(app)
    reasons = [text for frame in app.dataframe if "Reason" in frame.value for text in frame.value["Reason"]]
    assert [text for text in reasons if "There is no machine 'nobody'" in text]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.csv", bytes(range(256)) * 8, "neither a text file"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook", "not a readable Excel workbook"),
        ("empty.csv", b"", "is empty"),
    ],
)
def test_a_wrong_file_gives_a_card_and_no_traceback(open_page, acting, name, content, words):
    app = upload(open_page("imports"), (name, content))
    assert not app.exception
    assert words in texts(app).replace("\\", "")
    assert stored(acting(), ImportRun) == 0


def test_a_file_of_no_known_kind_is_asked_about(open_page):
    app = upload(open_page("imports"), ("notes.csv", b"colour,mood\nred,fine\n"))
    assert not app.exception
    assert app.button(key="i-load").disabled


def test_several_files_are_listed_in_the_order_of_loading_and_loaded_together(open_page, acting):
    files = [(f"{kind}.csv", sample(kind)) for kind in (Kind.COUNTS, Kind.MACHINES, Kind.PRODUCTS)]
    app = answer_zone(upload(open_page("imports"), *files))
    listed = next(frame.value for frame in app.dataframe if "Open" in frame.value)
    assert list(listed["File"]) == ["machines.csv", "products.csv", "counts.csv"]
    assert list(listed["Open"]) == ["ready"] * 3
    assert list(listed["Rejected"]) == [0, 0, 0]
    assert not load(app).exception
    assert stored(acting(), ProductionCount) == 2
    assert stored(acting(), ImportRun) == 3


def test_one_machine_can_be_named_for_files_without_a_machine_column(open_page, acting):
    content = b"Start,End,State\n2026-03-02 06:00,2026-03-02 07:00,down\n"
    app = answer_zone(upload(open_page("imports"), ("states.csv", content)))
    assert app.button(key="i-load").disabled
    assert "choose its column" in texts(app)
    assert "--set" not in texts(app)
    app.selectbox(key="i-machine").set_value("m2").run()
    assert not load(app).exception
    assert stored(acting(), StateEvent) == 1


def test_a_file_of_which_no_row_would_be_taken_cannot_be_loaded(open_page):
    content = b"Machine,Start,State\nnobody,2026-03-02 06:00,down\n"
    app = answer_zone(upload(open_page("imports"), ("states.csv", content)))
    assert not app.exception
    assert app.button(key="i-load").disabled


@pytest.mark.parametrize("kind", list(Kind))
def test_every_sample_is_recognised_as_what_it_is(open_page, kind):
    app = upload(open_page("imports"), ("sample.csv", sample(kind)))
    assert not app.exception
    chosen = [box.value for box in app.selectbox if box.label == "What the file holds"]
    assert chosen == [kind]
