"""What the demo plant was made from, kept as audit entries so that any process can continue it."""

from dataclasses import asdict, dataclass
from typing import Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.journal import record
from app.bootstrap import Gemba
from data.models import AuditEntry, from_us

BEGUN: Final = "demo.begin"
FINISHED: Final = "demo.finish"
ACTOR: Final = "system"


@dataclass(frozen=True, slots=True)
class Plan:
    """The seed, the anchor day's ordinal, the days of history before it, and where the history ends."""

    seed: int
    anchor: int
    days: int
    until_us: int


def read_plan(gemba: Gemba, factory_id: int) -> tuple[Plan | None, bool]:
    """The plan of the factory's history, if it was written, and whether all of the plant is made."""
    with gemba.database.read(factory_id) as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.body)
            .where(AuditEntry.action.in_((BEGUN, FINISHED)))
            .order_by(AuditEntry.position)
        ).all()
    bodies = {action: orjson.loads(body) for action, body in rows}
    plan = Plan(**bodies[BEGUN]["after"]) if BEGUN in bodies else None
    return plan, FINISHED in bodies


def note(session: Session, action: str, plan: Plan, slug: str) -> None:
    """Write the plan into the log, in the transaction of what it describes."""
    record(
        session,
        at=from_us(plan.until_us),
        actor=ACTOR,
        action=action,
        subject=("factory", slug),
        after=asdict(plan),
    )
