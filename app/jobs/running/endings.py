"""How a run ends: done with its effects, failed, cancelled, crashed or put back, while the token matches."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import orjson

from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Gemba
from app.jobs.context import Claim, Effect, LeaseLostError
from app.jobs.running.claims import CANCELLED, DONE, FAILED, LONGEST_WAIT_S, WAITING, change_mine
from data.documents.document import Document
from data.models import Job, to_us

RESULTS: Final = "job_results"
RESULT_BYTES: Final = 65_536
"""A larger result goes to the document store."""
PROBLEM_CHARACTERS: Final = 4_000
FREE: Final[dict[str, Any]] = {"holder": "", "lease_until_us": 0, "ends_us": None}
_chance = secrets.SystemRandom()


def finish(
    gemba: Gemba, claim: Claim, result: dict[str, Any], effects: Sequence[Effect] = (), document: str = ""
) -> None:
    """Write the result and the effects together. LeaseLostError when the job is no longer the claim's."""
    written = orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY)
    plain: dict[str, Any] = orjson.loads(written)
    kept: dict[str, Any] | None = plain
    if len(written) > RESULT_BYTES:
        key = f"{claim.key}-{claim.token}"
        made = Document(key, to_us(gemba.clock()), plain)
        gemba.documents.put(claim.slug, RESULTS, [made])
        kept, document = None, f"{RESULTS}/{key}"
    with gemba.database.write(claim.factory_id) as session:
        now_us = to_us(gemba.clock())
        if not change_mine(
            session, claim, state=DONE, result=kept, document=document, share=1.0, stage="", problem="",
            finished_us=now_us, **FREE,
        ):  # fmt: skip
            raise LeaseLostError("Another runner has this job now.")
        for effect in effects:
            effect(session)


def fail(gemba: Gemba, claim: Claim, problem: str, *, is_final: bool = False) -> bool:
    """Count an error; the job is tried again later, unless it has failed often enough. False: it is lost."""
    return _count(gemba, claim, problem, "error_attempts", is_final)


def crashed(gemba: Gemba, claim: Claim, problem: str) -> bool:
    """Count a death of the process; crashes are counted apart from errors. False: the job is lost."""
    return _count(gemba, claim, problem, "crash_attempts", False)


def cancelled(gemba: Gemba, claim: Claim) -> bool:
    """The job has ended because somebody asked for it."""
    with gemba.database.write(claim.factory_id) as session:
        return change_mine(
            session, claim, state=CANCELLED, finished_us=to_us(gemba.clock()), stage="", **FREE
        )


def put_back(gemba: Gemba, claim: Claim) -> bool:
    """Give a job back that was interrupted by our own stop; that was no attempt."""
    with gemba.database.write(claim.factory_id) as session:
        return change_mine(session, claim, state=WAITING, share=0.0, stage="", **FREE)


def _count(gemba: Gemba, claim: Claim, problem: str, column: str, is_final: bool) -> bool:
    now_us = to_us(gemba.clock())
    with gemba.database.write(claim.factory_id) as session:
        row = session.get(Job, claim.job_id)
        if row is None:
            return False
        attempts = getattr(row, column) + 1
        most = row.most_attempts if column == "error_attempts" else gemba.settings.jobs_crashes
        values: dict[str, Any] = {column: attempts, "problem": problem[:PROBLEM_CHARACTERS]}
        if row.is_cancel_asked:
            values |= {"state": CANCELLED, "finished_us": now_us, "stage": ""}
        elif is_final or attempts >= most:
            values |= {"state": FAILED, "finished_us": now_us, "stage": ""}
        else:
            wait_us = int(_wait_s(gemba, attempts) * MICROSECONDS)
            values |= {"state": WAITING, "not_before_us": now_us + wait_us, "share": 0.0, "stage": ""}
        return change_mine(session, claim, **values, **FREE)


def _wait_s(gemba: Gemba, attempts: int) -> float:
    """Twice as long each time, up to an hour, a quarter more or less so that not all come back at once."""
    doubled = gemba.settings.jobs_retry_s * 2.0 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT_S) * _chance.uniform(0.75, 1.25)
