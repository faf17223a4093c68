"""Who reads the broker, and how it goes: told by the reading processes, shown by all."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from app.auth.permissions import Permission
from app.bootstrap import Access, Gemba
from data.models import IngestClient

SILENT_AFTER: Final = timedelta(seconds=15)
KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """What a reading process last told of itself; totals are since it started."""

    client_id: str
    broker: str
    is_connected: bool
    problem: str
    backlog: int
    messages: int
    points: int
    refused: int
    messages_per_s: float
    points_per_s: float
    told_at: datetime

    def is_silent(self, now: datetime) -> bool:
        """Whether it has told nothing for so long that it does not run."""
        return now - self.told_at > SILENT_AFTER


def tell(gemba: Gemba, told: Told) -> None:
    """Note how a reading process does. Raises StoreUnavailable."""
    values = {**asdict(told), "problem": told.problem[:300], "broker": told.broker[:300]}
    with gemba.database.write(None) as session:
        row = session.get(IngestClient, told.client_id)
        if row is None:
            session.add(IngestClient(**values))
            session.execute(
                delete(IngestClient).where(IngestClient.told_at < told.told_at - KEPT),
                execution_options={"synchronize_session": False},
            )
        else:
            for name, value in values.items():
                setattr(row, name, value)


def readers(access: Access) -> list[Told]:
    """The processes that read a broker, or did within the last week, by name."""
    access.require(Permission.MANAGE_MACHINES)
    with access.gemba.database.read(None) as session:
        rows = session.scalars(select(IngestClient).order_by(IngestClient.client_id)).all()
    return [Told(**{one.name: getattr(row, one.name) for one in fields(Told)}) for row in rows]
