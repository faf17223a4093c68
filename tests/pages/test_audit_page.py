"""The audit page: what it lists, what it proves, and what it says when the log was changed."""

import pytest
from sqlalchemy import text

from app.evidence.signing import Signer
from tests.pages.conftest import texts


@pytest.fixture
def entries(acting, gemba):
    access = acting()
    with access.write() as session:
        for i in range(60):
            access.audit(
                session,
                "machine.change",
                ("machine", i),
                {"name": "A", "speed": 1},
                {"name": "A", "speed": i},
            )
    Signer(gemba).round(["north"])


def test_entries_are_listed_a_page_at_a_time(open_page, entries):
    page = open_page("audit")
    assert not page.exception
    assert "60 entries, 60 signed in 1 checkpoint." in texts(page)
    table = page.dataframe[0].value
    assert table["No."].tolist()[:2] == [59, 58]
    assert table["Changed"].iloc[0] == "speed"
    page.button(key="a-older").click().run()
    assert page.dataframe[0].value["No."].tolist() == list(range(9, -1, -1))


def test_a_search_finds_by_word_and_says_when_nothing_fits(open_page, entries):
    page = open_page("audit")
    page.text_input(key="a_q").input('"speed":42').run()
    assert page.dataframe[0].value["No."].tolist() == [42]
    page.text_input(key="a_q").input("no such word").run()
    assert "No entry fits" in texts(page)


def test_the_check_says_sound_and_names_the_first_bad_entry(open_page, entries, gemba):
    page = open_page("audit")
    page.button(key="a-verify").click().run()
    assert "60 entries whole and unchanged" in "\n".join(one.value for one in page.success)
    with gemba.database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor = 'x@example.test' WHERE position = 7"))
    page.button(key="a-verify").click().run()
    assert "entry 7" in "\n".join(one.value for one in page.error)


def test_the_blocks_show_the_chain(open_page, entries):
    page = open_page("audit", a_view="Blocks")
    assert page.dataframe[0].value["Entries"].tolist() == ["0 to 59"]


def test_an_engineer_has_no_such_page(open_page, entries):
    with pytest.raises(ValueError, match="audit"):
        open_page("audit", "engineer")
