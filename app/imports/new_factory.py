"""A factory made for imported data, from the command line only: its user owns the state folder."""

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from app import demo_accounts
from app.audit.journal import record
from app.bootstrap import Gemba
from app.imports.layout.mapping import is_zone
from data.models import Factory, Membership
from data.relational.scope import begin_factory

LONGEST_SLUG = 60


def slug_of(name: str) -> str:
    """The name in lower-case letters, digits and dashes.

    >>> slug_of("Soda Line No. 1")
    'soda-line-no-1'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")


def new_factory(gemba: Gemba, name: str, zone: str, actor: str) -> tuple[str, bool]:
    """Make the factory, or find it when it was made before; returns its slug and whether it is new.

    Where there is a demo plant, its accounts get the same role here. InvalidInput for a name without a
    letter, an unknown zone, or a factory of that name in another zone.
    """
    slug = slug_of(name)
    if not slug:
        raise InvalidInput.at("new-factory", f"'{name}' has no letter or digit to make a short name of.")
    if not is_zone(zone):
        raise InvalidInput.at(
            "new-factory-zone", f"'{zone}' is no time zone; use a name such as Europe/Berlin."
        )
    with gemba.database.read(None) as session:
        found = session.scalar(select(Factory).where(Factory.slug == slug))
    if found is not None:
        if found.timezone != zone:
            raise InvalidInput.at(
                "new-factory-zone", f"The factory '{slug}' exists and is in {found.timezone}."
            )
        return slug, False
    with gemba.database.write(None) as session:
        row = Factory(slug=slug, name=name.strip(), timezone=zone, created_at=gemba.clock())
        factory_id = begin_factory(session, row)
        _admit(gemba, session, factory_id)
        after = {"slug": slug, "name": name.strip(), "timezone": zone}
        subject = ("factory", factory_id)
        record(session, at=gemba.clock(), actor=actor, action="factory.add", subject=subject, after=after)
    return slug, True


def _admit(gemba: Gemba, session: Session, factory_id: int) -> None:
    """Give the accounts of the demo plant their role in the new factory too."""
    document = demo_accounts.read(gemba.settings.home)
    if document is None and not gemba.settings.demo:
        return
    statement = select(Membership).where(Membership.factory_id != factory_id).order_by(Membership.id)
    if document is not None:
        statement = statement.join(Factory, Factory.id == Membership.factory_id).where(
            Factory.slug == document["factory"]
        )
    roles = {member.account_id: member.role for member in session.scalars(statement)}
    session.add_all(
        Membership(factory_id=factory_id, account_id=account, role=role) for account, role in roles.items()
    )
