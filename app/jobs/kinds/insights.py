"""Insights as a job: what changed, and the answer to a question in plain words."""

from dataclasses import asdict
from typing import Any, Final

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.insights.asking import ask
from app.insights.findings import findings
from app.insights.questions import LONGEST
from app.jobs.context import JobContext
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown
from app.jobs.registry import job
from app.production.figures import Question
from data.models import to_us

PARAMETERS: Final = frozenset({"question", "days", "start_us", "end_us", "machines", "device_ids", "mode"})
DAY_US: Final = 86_400_000_000


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, PARAMETERS)
    text = given.get("question", "")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise InvalidInput.at("question", f"A question is a text of at most {LONGEST} letters.")
    number(given, "days", 7, 0.1, 92)
    machine_keys(access, given)
    first, last = moment(given, "start_us"), moment(given, "end_us")
    if (first is None) != (last is None):
        raise InvalidInput.at("end_us", "Give start_us and end_us, or neither.")
    if first is not None and last is not None and not 0 < last - first <= 92 * DAY_US:
        raise InvalidInput.at("end_us", "The end must be after the start, by at most 92 days.")
    return {name: value for name, value in given.items() if value is not None}


@job("ai_copilot", title="Insights", check=_checked, time_limit_s=600)
def tell(context: JobContext) -> dict[str, Any]:
    """Rank what changed in a range against the time before; answer the question, if one was asked."""
    access, given = context.access, context.parameters
    end = given.get("end_us", to_us(access.now))
    start = given.get("start_us", end - int(given.get("days", 7) * DAY_US))
    named = given.get("machines") or given.get("device_ids")
    machines = tuple(machine_keys(access, given)) if named else ()
    context.progress(0.1, "comparing with the time before")
    found = findings(access, Question(start, end, machines=machines))
    result: dict[str, Any] = {
        "start_us": start,
        "end_us": end,
        "insights": [asdict(one) for one in found],
        "summary": " ".join(one.text for one in found[:3])
        or "Nothing changed by more than 1 % of planned time.",
    }
    if given.get("question"):
        context.progress(0.8, "answering the question")
        reply = ask(access, given["question"])
        result["answer"] = {
            "sentence": reply.answer.sentence,
            "wording": reply.wording,
            "query": reply.answer.query,
            "rows": list(reply.answer.rows),
            "unknown": list(reply.answer.unknown),
        }
    return result
