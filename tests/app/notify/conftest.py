"""A plant that notifies: real mail and web servers on this machine, people with channels."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile, service
from app.bootstrap import Access, Gemba
from app.notify.delivery import send_next
from app.notify.outbox import Notice, post
from app.notify.spread import spread
from data.models import Account, Factory, Membership, to_us
from tests.app.notify.box import Box, mail_server
from tests.app.notify.receiver import Receiver, web_server

NUMBERS = count(1)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def smtp(box: Box) -> Iterator[str]:
    with mail_server(box) as address:
        yield address


@pytest.fixture
def web() -> Iterator[Receiver]:
    with web_server() as receiver:
        yield receiver


@pytest.fixture
def given(gemba: Gemba) -> Callable[..., Gemba]:
    """The same parts with other settings."""

    def make(**settings: object) -> Gemba:
        return replace(gemba, settings=gemba.settings.model_copy(update=settings))

    return make


@pytest.fixture
def plant(given: Callable[..., Gemba], smtp: str, web: Receiver, factory_id: int) -> Gemba:
    """Parts whose mail, Twilio and web addresses are the test servers."""
    return given(
        smtp_url=f"smtp://{smtp}",
        mail_from="gemba@plant.test",
        notify_allow_hosts=web.host,
        twilio_url=f"http://{web.host}",
        twilio_account="AC1",
        twilio_token="t0ken",
        twilio_sms_from="+15550001",
        twilio_whatsapp_from="+15550002",
    )


@pytest.fixture
def person(plant: Gemba, factory_id: int) -> Callable[..., Access]:
    """Make a person with a role in a factory and act as them."""
    return lambda role="operator", in_factory=factory_id, gemba=plant: make_person(gemba, role, in_factory)


def make_person(gemba: Gemba, role: str, factory_id: int) -> Access:
    email = f"{role}{next(NUMBERS)}@plant.test"
    with gemba.database.write(None) as session:
        account = Account(email=email, name=role.title(), password_hash="", created_at=gemba.clock())
        session.add(account)
        session.flush()
        session.add(Membership(factory_id=factory_id, account_id=account.id, role=role))
        factory = session.get_one(Factory, factory_id)
    who = Principal(account.id, email, role.title(), role, ROLES[role], profile(factory))
    return Access(gemba, who)


def notice(gemba: Gemba, **changes: object) -> Notice:
    """FactoryOps' own example, at the clock's time."""
    given: dict[str, object] = {
        "kind": "alert_raised", "severity": "critical", "subject": "Spindle Overheat", "machine_key": "M01",
        "machine_name": "CNC Mill - Station A", "at_us": to_us(gemba.clock()),
        "sentence": "Spindle temperature 82.5 °C is above 80 °C",
        "values": {"spindle_temp": "82.5 °C", "coolant_flow": "3.2 L/min"}, "alert_id": next(NUMBERS),
        "channels": {}, **changes,
    }  # fmt: skip
    return Notice(**given)  # type: ignore[arg-type]


def tell(gemba: Gemba, factory_id: int, *notices: Notice) -> None:
    """Post notices in one transaction."""
    with gemba.database.write(factory_id) as session:
        for one in notices:
            post(session, gemba.clock(), one)


def run(gemba: Gemba, slug: str = "north") -> int:
    """Spread and send all that is due; returns how many attempts were made."""
    principal = service(gemba.database, slug, "test")
    assert principal is not None
    while spread(gemba, principal.factory):
        continue
    tries = 0
    while send_next(gemba, principal.factory):
        tries += 1
    return tries
