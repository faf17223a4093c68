"""Keeping channels and quiet hours: changes are audited, web addresses checked and encrypted."""

from dataclasses import dataclass
from datetime import timedelta
from re import compile as pattern
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound, Throttled
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.notify.delivery import belongs_to
from app.notify.guard import allowed_hosts, checked
from app.notify.outbox import RANK
from app.notify.outcome import DeliveryRefused
from app.notify.spread import QUIETLY
from app.notify.ways.senders import SENDERS, in_sandbox
from data.models import NotifyChannel, NotifyMessage, NotifyNotice, NotifyPart, NotifyPreference, to_us

PHONES: Final = frozenset({"whatsapp", "sms"})
WEB: Final = frozenset({"slack", "teams", "webhook"})
MAIL: Final = pattern(r"[^@\s<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,180}")
PHONE: Final = pattern(r"\+[1-9][0-9]{6,14}")
TESTS: Final = 5
TESTS_IN: Final = timedelta(minutes=10)
DAY_MIN: Final = 1_440


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel as a person describes it. `address` None keeps the stored one."""

    kind: str
    name: str
    address: str | None
    least_severity: str = "high"
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it is stored, without its secret."""

    id: int
    kind: str
    name: str
    address: str
    """What may be shown: a mail address, a number, or only the host of a web address."""
    least_severity: str
    is_on: bool
    is_of_factory: bool
    version: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """A person's quiet hours in minutes of the factory's local day; None: none. `version` 0: never set."""

    start_min: int | None = None
    end_min: int | None = None
    critical_breaks: bool = True
    version: int = 0


def my_channels(access: Access) -> list[Channel]:
    """One's own channels in this factory."""
    account_id = _person(access)
    with access.read() as session:
        asked = select(NotifyChannel).where(NotifyChannel.account_id == account_id)
        return [_known(row) for row in session.scalars(asked.order_by(NotifyChannel.id))]


def factory_channels(access: Access) -> list[Channel]:
    """The factory's channels."""
    access.require(Permission.MANAGE_NOTIFICATIONS)
    with access.read() as session:
        asked = select(NotifyChannel).where(NotifyChannel.account_id.is_(None))
        return [_known(row) for row in session.scalars(asked.order_by(NotifyChannel.id))]


def add_channel(access: Access, draft: Draft, *, of_factory: bool = False) -> int:
    """Keep a new channel, one's own or the factory's; returns its id."""
    account_id = None if of_factory else _person(access)
    if of_factory:
        access.require(Permission.MANAGE_NOTIFICATIONS)
    _refuse(draft)
    if not draft.address:
        raise InvalidInput.at("address", "Say where messages go.")
    shown, secret = _taken(access, draft.kind, draft.address)
    with access.write() as session:
        row = NotifyChannel(
            account_id=account_id,
            name=draft.name.strip(),
            kind=draft.kind,
            address=shown,
            secret=access.gemba.vault.seal(secret, belongs_to(access.factory.id)),
            least_severity=draft.least_severity,
            is_on=draft.is_on,
            created_at=access.now,
            updated_at=access.now,
        )
        session.add(row)
        session.flush()
        access.audit(session, "channel.add", ("channel", row.id), after=_told(row))
        return row.id


def edit_channel(access: Access, channel_id: int, version: int, draft: Draft) -> None:
    """Change a channel. Conflict when somebody changed it since `version`."""
    _refuse(draft)
    taken = _taken(access, draft.kind, draft.address) if draft.address else None
    with access.write() as session:
        row = found_channel(access, session, channel_id)
        if row.version != version:
            raise Conflict("Somebody changed this channel meanwhile: load it again.")
        if draft.kind != row.kind and taken is None:
            raise InvalidInput.at("address", "The kind is another one: give the address again.")
        before = _told(row)
        row.name, row.kind = draft.name.strip(), draft.kind
        row.least_severity, row.is_on = draft.least_severity, draft.is_on
        if taken is not None:
            row.address = taken[0]
            row.secret = access.gemba.vault.seal(taken[1], belongs_to(access.factory.id))
        row.version += 1
        row.updated_at = access.now
        access.audit(session, "channel.edit", ("channel", row.id), before, _told(row))


def remove_channel(access: Access, channel_id: int) -> None:
    """Forget a channel; what waited for it is given up, what was sent stays in the log."""
    with access.write() as session:
        row = found_channel(access, session, channel_id)
        waiting = (NotifyMessage.channel_id == channel_id, NotifyMessage.state.in_(("waiting", "held")))
        session.execute(
            update(NotifyMessage)
            .where(*waiting)
            .values(state="given_up", finished_us=to_us(access.now), problem="The channel was removed."),
            execution_options=QUIETLY,
        )
        access.audit(session, "channel.remove", ("channel", row.id), before=_told(row))
        session.delete(row)


def send_test(access: Access, channel_id: int) -> int:
    """Have a test message sent; returns its id in the delivery log. Throttled after five in ten minutes."""
    now_us = to_us(access.now)
    with access.write() as session:
        row = found_channel(access, session, channel_id)
        if not row.is_on:
            raise Conflict("The channel is off: switch it on first.")
        since = now_us - int(TESTS_IN.total_seconds()) * 1_000_000
        recent = select(func.count(NotifyMessage.id)).where(
            NotifyMessage.kind == "test", NotifyMessage.created_us > since,
            NotifyMessage.channel_id == channel_id,
        )  # fmt: skip
        if (session.scalar(recent) or 0) >= TESTS:
            raise Throttled("Five tests in ten minutes are enough; try again later.", 600)
        message = _test_message(access, session, row, now_us)
        access.audit(session, "channel.test", ("channel", row.id))
        return message.id


def _test_message(access: Access, session: Session, row: NotifyChannel, now_us: int) -> NotifyMessage:
    notice = NotifyNotice(
        dedup_key=f"test:{row.id}:{now_us}", kind="test", severity="low", subject="Test of notifications",
        machine_key="", machine_name="Gemba", at_us=now_us, readings={}, created_us=now_us, is_spread=True,
        sentence=f"{access.principal.name} tries the channel '{row.name}'. Alerts will arrive like this.",
    )  # fmt: skip
    message = NotifyMessage(
        channel_id=row.id, account_id=row.account_id, channel_name=row.name, channel_kind=row.kind,
        kind="test", severity="low", subject=notice.subject, machine_key="", next_at_us=now_us,
        created_us=now_us,
    )  # fmt: skip
    session.add_all([notice, message])
    session.flush()
    session.add(NotifyPart(message_id=message.id, notice_id=notice.id))
    return message


def my_quiet(access: Access) -> Quiet:
    """One's own quiet hours in this factory."""
    account_id = _person(access)
    with access.read() as session:
        row = session.scalar(select(NotifyPreference).where(NotifyPreference.account_id == account_id))
    if row is None:
        return Quiet()
    return Quiet(row.quiet_start_min, row.quiet_end_min, row.critical_breaks, row.version)


def set_quiet(access: Access, quiet: Quiet) -> None:
    """Set one's quiet hours. Conflict when they were changed since `quiet.version`."""
    account_id = _person(access)
    _refuse_quiet(quiet)
    with access.write() as session:
        row = session.scalar(select(NotifyPreference).where(NotifyPreference.account_id == account_id))
        if (row.version if row else 0) != quiet.version:
            raise Conflict("Your quiet hours were changed meanwhile: load them again.")
        if row is None:
            row = NotifyPreference(account_id=account_id, version=0)
            session.add(row)
        before = _hours(row)
        row.quiet_start_min, row.quiet_end_min = quiet.start_min, quiet.end_min
        row.critical_breaks = quiet.critical_breaks
        row.version += 1
        access.audit(session, "quiet_hours.set", ("account", account_id), before, _hours(row))


def found_channel(access: Access, session: Session, channel_id: int) -> NotifyChannel:
    """One's own channel, or with the permission one of the factory's; NotFound for any other."""
    access.require(Permission.SEE_PLANT)
    row = session.get(NotifyChannel, channel_id)
    if row is None or (row.account_id is not None and row.account_id != access.principal.account_id):
        raise NotFound("There is no such channel.")
    if row.account_id is None:
        access.require(Permission.MANAGE_NOTIFICATIONS)
    return row


def _refuse(draft: Draft) -> None:
    problems = []
    if draft.kind not in SENDERS:
        problems.append(FieldProblem("kind", f"A channel is one of {', '.join(SENDERS)}."))
    if not 1 <= len(draft.name.strip()) <= 120:
        problems.append(FieldProblem("name", "Give the channel a name of at most 120 characters."))
    if draft.least_severity not in RANK:
        problems.append(FieldProblem("least_severity", f"A severity is one of {', '.join(RANK)}."))
    if problems:
        raise InvalidInput(*problems)


def _refuse_quiet(quiet: Quiet) -> None:
    if (quiet.start_min is None) != (quiet.end_min is None):
        raise InvalidInput.at("quiet", "Quiet hours need a beginning and an end.")
    for minute in (quiet.start_min, quiet.end_min):
        if minute is not None and not 0 <= minute < DAY_MIN:
            raise InvalidInput.at("quiet", "Quiet hours begin and end between 00:00 and 23:59.")
    if quiet.start_min is not None and quiet.start_min == quiet.end_min:
        raise InvalidInput.at("quiet", "Quiet hours end at another time than they begin.")


def _taken(access: Access, kind: str, given: str) -> tuple[str, str]:
    """What may be shown of an address, and what is kept encrypted; InvalidInput for one of no use."""
    address = given.strip()
    if kind == "email":
        if not MAIL.fullmatch(address):
            raise InvalidInput.at("address", "Write one mail address: name@example.com.")
        return address, ""
    if kind in PHONES:
        number = "".join(letter for letter in address if letter not in " -/()")
        if not PHONE.fullmatch(number):
            raise InvalidInput.at("address", "Write the number with its country: +49 170 1234567.")
        return number, ""
    if kind in WEB:
        target = checked(address, allowed_hosts(access.gemba.settings.notify_allow_hosts))
        return f"{target.scheme}://{target.host}/…", address
    if len(address) > 2_000:
        raise InvalidInput.at("address", "An Apprise address has at most 2,000 characters.")
    try:
        name = in_sandbox(access.gemba.settings, {"url": address, "subject": "", "text": "", "check": True})
    except DeliveryRefused as error:
        raise InvalidInput.at("address", str(error)) from error
    return f"{urlsplit(address).scheme}://… ({name})"[:254], address


def _person(access: Access) -> int:
    access.require(Permission.SEE_PLANT)
    if not access.principal.account_id:
        raise Forbidden("An API key has no channels of its own.")
    return access.principal.account_id


def _known(row: NotifyChannel) -> Channel:
    return Channel(
        row.id, row.kind, row.name, row.address, row.least_severity, row.is_on, row.account_id is None,
        row.version,
    )  # fmt: skip


def _told(row: NotifyChannel) -> dict[str, Any]:
    """What the audit log keeps of a channel: everything but its secret."""
    names = ("account_id", "kind", "name", "address", "least_severity", "is_on")
    return {name: getattr(row, name) for name in names}


def _hours(row: NotifyPreference) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("quiet_start_min", "quiet_end_min", "critical_breaks")}
