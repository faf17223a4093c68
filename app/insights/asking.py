"""A question asked: the plain answer, and a model's wording of it where one is configured."""

from dataclasses import dataclass

from analytics.errors import InvalidInput
from analytics.kpis import KPIS
from app.bootstrap import Access
from app.insights.answering import Answer, answer
from app.insights.phrasing import phrased, reworded

MORE = ("parts made", "good parts", "energy", "downtime", "losses")


@dataclass(frozen=True, slots=True)
class Reply:
    """`answer` is ours; `wording` a model's, empty without one; `asked` is the question as it reworded it."""

    answer: Answer
    wording: str = ""
    asked: str = ""


def ask(access: Access, text: str) -> Reply:
    """Answer a question; one that the parser does not understand is reworded once by the model, if any."""
    settings, asked = access.gemba.settings, ""
    try:
        found = answer(access, text)
    except InvalidInput:
        asked = reworded(settings, text, [*(one.name for one in KPIS), *MORE])
        if not asked:
            raise
        found = answer(access, asked)
    return Reply(found, phrased(settings, text, found.sentence), asked)
