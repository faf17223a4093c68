"""Whose a message is while it is sent, and what its attempts came to.

A message is claimed before it is sent and marked after it. A process that is killed in between leaves a claim
that ends by itself; the message is then sent again, so none is lost and at most the one in hand comes twice.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.bootstrap import Gemba
from app.notify.spread import QUIETLY
from data.models import NotifyAttempt, NotifyMessage, to_us

LEASE_US: Final = 180_000_000
"""Longer than the slowest attempt takes; what a killed process had in hand waits no longer."""
LONGEST_WAIT_S: Final = 3_600.0
CANDIDATES: Final = 8
_chance = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send now."""

    factory_id: int
    message_id: int
    attempt: int
    holder: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt came to: sent, later, refused or given_up; `wait_s` is what the receiver asked for."""

    outcome: str
    detail: str
    took_ms: int = 0
    wait_s: float = 0.0


def claim_next(gemba: Gemba, factory_id: int) -> Claim | None:
    """Take the message that is due the longest, or one whose process died; None when there is none.

    The take is a compare-and-swap: it counts only if nobody has touched the row since it was read.
    """
    now_us = to_us(gemba.clock())
    row = NotifyMessage
    due = or_(
        and_(row.state.in_(("waiting", "held")), row.next_at_us <= now_us),
        and_(row.state == "sending", row.lease_until_us <= now_us),
    )
    asked = select(row.id, row.attempts, row.state, row.holder).where(due)
    with gemba.database.read(factory_id) as session:
        candidates = session.execute(asked.order_by(row.next_at_us, row.id).limit(CANDIDATES)).all()
    for message_id, attempts, state, holder in candidates:
        claim = Claim(factory_id, message_id, attempts + 1, secrets.token_hex(16))
        seen = and_(row.id == message_id, row.attempts == attempts, row.state == state, row.holder == holder)
        taken = update(row).where(seen).values(
            state="sending", attempts=claim.attempt, holder=claim.holder, lease_until_us=now_us + LEASE_US
        )  # fmt: skip
        with gemba.database.write(factory_id) as session:
            done = session.execute(taken, execution_options=QUIETLY)
            if not done.rowcount:  # type: ignore[attr-defined]
                continue
            if state == "sending":
                detail = "The process that sent it ended before the answer; it may have arrived."
                note(gemba, session, message_id, attempts, Result("interrupted", detail))
        return claim
    return None


def mark(gemba: Gemba, claim: Claim, result: Result) -> None:
    """Write what an attempt came to. Where another process has taken over meanwhile, only the log has it."""
    now_us = to_us(gemba.clock())
    values: dict[str, object] = {"problem": "" if result.outcome == "sent" else result.detail[:500]}
    if result.outcome == "later" and claim.attempt < gemba.settings.notify_attempts:
        values |= {"state": "waiting", "next_at_us": now_us + int(_wait_s(gemba, claim, result) * 1e6)}
    else:
        state = {"sent": "sent", "refused": "failed"}.get(result.outcome, "given_up")
        values |= {"state": state, "finished_us": now_us}
    with gemba.database.write(claim.factory_id) as session:
        _change(session, claim, values)
        note(gemba, session, claim.message_id, claim.attempt, result)


def hold(gemba: Gemba, claim: Claim, until_us: int) -> None:
    """Put a message back until its recipient's quiet hours end; that was no attempt."""
    with gemba.database.write(claim.factory_id) as session:
        _change(session, claim, {"state": "held", "next_at_us": until_us, "attempts": claim.attempt - 1})


def note(gemba: Gemba, session: Session, message_id: int, number: int, result: Result) -> None:
    """Write a line of the delivery log."""
    session.add(
        NotifyAttempt(
            message_id=message_id,
            number=number,
            at=gemba.clock(),
            outcome=result.outcome,
            detail=result.detail[:500],
            took_ms=result.took_ms,
        )
    )


def _change(session: Session, claim: Claim, values: dict[str, object]) -> None:
    row = NotifyMessage
    mine = and_(row.id == claim.message_id, row.state == "sending", row.holder == claim.holder)
    session.execute(
        update(row).where(mine).values(holder="", lease_until_us=0, **values), execution_options=QUIETLY
    )


def _wait_s(gemba: Gemba, claim: Claim, result: Result) -> float:
    """Twice as long each time, up to an hour, a quarter more or less so that not all come back at once."""
    doubled = gemba.settings.notify_retry_s * 2.0 ** min(claim.attempt - 1, 20)
    return max(min(doubled, LONGEST_WAIT_S) * _chance.uniform(0.75, 1.25), result.wait_s)
