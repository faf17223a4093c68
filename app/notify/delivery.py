"""Sending what is due: each attempt ends as sent, tried later, refused or given up, and is in the log."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import GembaError, InvalidInput
from app.auth.principal import FactoryProfile
from app.auth.sessions import service
from app.bootstrap import Gemba
from app.notify.claims import Result, claim_next, hold, mark
from app.notify.message import Told, worded
from app.notify.outcome import DeliveryRefused, TryLater
from app.notify.recipients import Recipient, recipients
from app.notify.spread import QUIETLY, spread
from app.notify.ways.senders import Parcel, hand_over
from data.models import NotifyMessage, NotifyNotice, NotifyPart, to_us

log = structlog.get_logger()

ACTOR: Final = "notifier"
AT_ONCE: Final = 200
SWEPT: Final = 5_000
OPEN: Final = ("waiting", "held", "sending")
GONE: Final = "The recipient is no longer told: the channel is off or gone, or the person has left."


def round_of(gemba: Gemba, slugs: Sequence[str]) -> None:
    """Make the messages of what is new and send what is due, in all factories."""
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is None:
            continue
        while not gemba.closing.is_set() and spread(gemba, principal.factory):
            continue
        for _ in range(AT_ONCE):
            if gemba.closing.is_set() or not send_next(gemba, principal.factory):
                break


def send_next(gemba: Gemba, factory: FactoryProfile) -> bool:
    """Send the message that is due the longest; False when none is."""
    claim = claim_next(gemba, factory.id)
    if claim is None:
        return False
    with gemba.database.read(factory.id) as session:
        row = session.get(NotifyMessage, claim.message_id)
        known = recipients(session, factory.id, row.channel_id or 0) if row is not None else []
        told = told_by(session, claim.message_id)
    if row is None or not known or not told:
        mark(gemba, claim, Result("given_up", GONE))
        return True
    until = known[0].held_until(row.severity, gemba.clock(), factory.zone)
    if until is not None and row.kind != "test":
        hold(gemba, claim, to_us(until))
    else:
        mark(gemba, claim, _tried(gemba, factory, row, known[0], told))
    return True


def told_by(session: Session, message_id: int) -> list[Told]:
    """What a message tells, the earliest first."""
    asked = (
        select(NotifyNotice)
        .join(NotifyPart, NotifyPart.notice_id == NotifyNotice.id)
        .where(NotifyPart.message_id == message_id)
        .order_by(NotifyNotice.at_us, NotifyNotice.id)
    )
    return [
        Told(
            one.kind, one.severity, one.subject, one.machine_key, one.machine_name, one.at_us, one.sentence,
            one.readings, one.alert_id,
        )
        for one in session.scalars(asked)
    ]  # fmt: skip


def _tried(
    gemba: Gemba, factory: FactoryProfile, row: NotifyMessage, to: Recipient, told: Sequence[Told]
) -> Result:
    """One attempt. A receiver that fails in an unknown way is tried again; the log has the traceback."""
    begun = monotonic()
    outcome, wait_s = "later", 0.0
    try:
        detail = hand_over(gemba.settings, to.channel.kind, _parcel(gemba, factory, row, to, told))
        outcome = "sent"
    except TryLater as error:
        detail, wait_s = str(error), error.after_s
    except (DeliveryRefused, InvalidInput) as error:
        outcome, detail = "refused", str(error)
    except GembaError as error:
        detail = str(error)
    except Exception as error:
        log.exception("sending a message broke", message=row.id, channel=to.channel.kind)
        detail = f"{type(error).__name__}; the server's log has the details."
    return Result(outcome, detail, int(1_000 * (monotonic() - begun)), wait_s)


def _parcel(
    gemba: Gemba, factory: FactoryProfile, row: NotifyMessage, to: Recipient, told: Sequence[Told]
) -> Parcel:
    secret = gemba.vault.open(to.channel.secret, belongs_to(factory.id))
    words = worded(row.kind, told, factory.name, factory.zone)
    name = f"gemba-{factory.slug}-{row.id}"
    return Parcel(name, row.kind, secret or to.channel.address, factory.name, row.severity, words, told)


def belongs_to(factory_id: int) -> str:
    """What the secrets of a factory's channels are bound to."""
    return f"notify/{factory_id}"


def sweep(gemba: Gemba, slugs: Sequence[str]) -> None:
    """Forget finished messages, and notices that no message tells any more, after their days."""
    before = gemba.clock() - timedelta(days=gemba.settings.notify_keep_days)
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is None:
            continue
        with gemba.database.write(principal.factory.id) as session:
            _sweep(session, to_us(before))


def _sweep(session: Session, before_us: int) -> None:
    row, notice = NotifyMessage, NotifyNotice
    old = select(row.id).where(row.created_us < before_us, row.state.not_in(OPEN)).limit(SWEPT)
    ids = list(session.scalars(old))
    session.execute(delete(row).where(row.id.in_(ids)), execution_options=QUIETLY)
    told = select(NotifyPart.notice_id).distinct()
    done = select(notice.id).where(notice.created_us < before_us, notice.is_spread, notice.id.not_in(told))
    ids = list(session.scalars(done.limit(SWEPT)))
    session.execute(delete(notice).where(notice.id.in_(ids)), execution_options=QUIETLY)
