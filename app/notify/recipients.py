"""Who is told: the factory's channels, and those of its members, with their wishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.notify.outbox import RANK
from app.notify.quiet import quiet_until
from data.models import Account, Membership, NotifyChannel, NotifyPreference


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel that is on, with its owner's quiet hours."""

    channel: NotifyChannel
    preference: NotifyPreference | None

    def wants(self, severity: str, kinds: Mapping[str, bool]) -> bool:
        """Whether a notice of this severity, for these kinds of channel, is for this one."""
        is_asked = not kinds or bool(kinds.get(self.channel.kind))
        return is_asked and RANK[severity] >= RANK[self.channel.least_severity]

    def held_until(self, severity: str, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When a message of this severity may go out, where its owner's quiet hours hold it now."""
        kept = self.preference
        if kept is None or (severity == "critical" and kept.critical_breaks):
            return None
        return quiet_until(now, zone, kept.quiet_start_min, kept.quiet_end_min)


def recipients(session: Session, factory_id: int, channel_id: int | None = None) -> list[Recipient]:
    """The channels that are told now, all or one: the factory's own and those of its active members."""
    asked = (
        select(NotifyChannel, NotifyPreference)
        .outerjoin(
            NotifyPreference,
            (NotifyPreference.account_id == NotifyChannel.account_id)
            & (NotifyPreference.factory_id == NotifyChannel.factory_id),
        )
        .where(
            NotifyChannel.is_on,
            or_(NotifyChannel.account_id.is_(None), NotifyChannel.account_id.in_(_members(factory_id))),
        )
        .order_by(NotifyChannel.id)
    )
    if channel_id is not None:
        asked = asked.where(NotifyChannel.id == channel_id)
    return [Recipient(channel, preference) for channel, preference in session.execute(asked)]


def _members(factory_id: int) -> Select[int]:
    return (
        select(Membership.account_id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.factory_id == factory_id,
            Membership.deactivated_at.is_(None),
            Membership.requested_at.is_(None),
            Account.is_active,
        )
    )
