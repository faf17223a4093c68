"""Insights: what changed is told, a question is answered, and one that is not understood is told so."""

from tests.app.insights.test_answering import access, weeks
from tests.pages.conftest import texts

__all__ = ["access", "weeks"]


def test_what_changed_stands_in_sentences(open_page, weeks):
    said = texts(open_page("insights")).replace("\\", "")
    assert "M1 lost 18.0 h by jam" in said
    assert "The level changed on Wed 25 Feb: from 60 min to 2.6 h a day" in said
    assert "Oil pressure falls as it rises" in said


def test_a_question_is_answered_with_its_query(open_page, weeks):
    page = open_page("insights", "viewer", i_question="availability by machine yesterday")
    said = texts(page)
    assert "M1 87.5 %" in said
    assert "measure=availability range=yesterday by=machine" in said
    assert page.dataframe[0].value["Machine"].tolist() == ["M1", "M2"]


def test_a_question_that_means_nothing_is_told_what_can_be_asked(open_page, weeks):
    page = open_page("insights", i_question="where is *Kim*")
    assert not page.exception
    assert "I do not know what 'kim' asks for" in texts(page).replace("\\", "")


def test_an_example_is_asked_by_one_tap(open_page, weeks):
    page = open_page("insights")
    next(one for one in page.button if one.label == "OEE last week by machine").click().run()
    assert "OEE of the plant by machine, last week" in texts(page)
