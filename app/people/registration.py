"""People who ask to be let in: the account is made, and an administrator decides."""

from sqlalchemy import select

from analytics.errors import Conflict, FieldProblem, Forbidden, InvalidInput
from app.audit.journal import record
from app.auth.accounts import normal
from app.auth.password_rules import refuse_weak
from app.auth.passwords import hash_password
from app.auth.permissions import Permission
from app.bootstrap import Access, Gemba
from app.people.users import found_member, refuse_role, role_bundles
from data.models import Account, Factory, Membership

WAITING_ROLE = "viewer"


def register(gemba: Gemba, factory_slug: str, email: str, name: str, password: str) -> None:
    """Ask for access to a factory; the person can log in once an administrator agrees.

    An address that is known already gets the same silent answer: nobody learns who has an account. Raises
    Forbidden unless the setting `self_registration` allows it.
    """
    if not gemba.settings.self_registration:
        raise Forbidden("Accounts are made by invitation here. Ask an administrator.")
    _refuse_wrong(email, name)
    refuse_weak(password, email=email, name=name)
    made = hash_password(password)
    now = gemba.clock()
    with gemba.database.read(None) as session:
        factory_id = session.scalar(select(Factory.id).where(Factory.slug == factory_slug))
        known = session.scalar(select(Account.id).where(Account.email == normal(email)))
    if factory_id is None:
        raise InvalidInput.at("factory", "There is no such factory.")
    if known is not None:
        return
    try:
        with gemba.database.write(factory_id) as session:
            account = Account(email=normal(email), name=name.strip(), password_hash=made, created_at=now)
            session.add(account)
            session.flush()
            session.add(
                Membership(
                    factory_id=factory_id, account_id=account.id, role=WAITING_ROLE, deactivated_at=now,
                    requested_at=now,
                )
            )  # fmt: skip
            record(
                session, at=now, actor=account.email, action="user.register", subject=("user", account.id),
                after={"email": account.email, "name": account.name},
            )  # fmt: skip
    except Conflict:
        # Two requests of one address at once: one of them made the account.
        return


def _refuse_wrong(email: str, name: str) -> None:
    problems = []
    if "@" not in email.strip(" @") or len(email) > 254 or any(c.isspace() for c in email.strip()):
        problems.append(FieldProblem("email", "This is not an e-mail address."))
    if not 1 <= len(name.strip()) <= 200:
        problems.append(FieldProblem("name", "Give your name."))
    if problems:
        raise InvalidInput(*problems)


def approve(access: Access, user_id: int, role: str) -> None:
    """Let somebody in who asked for it, with this role."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        account, membership = found_member(access, session, user_id)
        if membership.requested_at is None:
            raise Conflict("This person does not wait for approval any more.")
        refuse_role(access, role_bundles(session), role)
        membership.role, membership.requested_at, membership.deactivated_at = role, None, None
        membership.version += 1
        session.flush()
        after = {"email": account.email, "role": role}
        access.audit(session, "user.approve", ("user", account.id), after=after)
