"""The job `ai_copilot`: insights and an answer as its result, kept; wrong parameters refused."""

import pytest

from analytics.errors import InvalidInput
from app.jobs.asking import Asked, ask
from tests.app.insights.test_answering import access, weeks
from tests.app.predict.conftest import north, run

__all__ = ["access", "north", "run", "weeks"]


def test_insights_and_an_answer_are_the_jobs_result(run, weeks):
    told = run(
        "ai_copilot", question="availability of m1 yesterday", start_us=weeks.start_us, end_us=weeks.end_us
    )
    assert told["insights"][0]["cause"] == "Jam"
    assert told["summary"].startswith("M1 lost 21.0 h by jam")
    assert "87.5 %" in told["answer"]["sentence"]
    assert told["answer"]["query"] == "measure=availability machines=m1 range=yesterday"


@pytest.mark.parametrize(
    "given",
    [
        {"days": 0},
        {"start_us": 5},
        {"start_us": 9, "end_us": 5},
        {"question": 3},
        {"machines": ["no"]},
        {"x": 1},
    ],
)
def test_wrong_parameters_are_refused_when_the_job_is_asked_for(north, given):
    with pytest.raises(InvalidInput):
        ask(north, Asked("ai_copilot", given))
