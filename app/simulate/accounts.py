"""The demo plant's accounts, one per role, with passwords of their own in each installation."""

from typing import Final

from sqlalchemy import select

from app.auth.accounts import create
from app.auth.passwords import hash_password, new_password
from app.bootstrap import Gemba
from data.models import Account

DOMAIN: Final = "demo.gemba.local"
PEOPLE: Final = (
    ("admin", "Ada Admin"),
    ("manager", "Max Manager"),
    ("engineer", "Eva Engineer"),
    ("operator", "Olaf Operator"),
    ("viewer", "Vera Viewer"),
)


def with_new_passwords(gemba: Gemba, slug: str) -> list[dict[str, str]]:
    """Make the accounts that are missing, give all of them new passwords; returns email, password, role."""
    return [_renewed(gemba, slug, role, name) for role, name in PEOPLE]


def _renewed(gemba: Gemba, slug: str, role: str, name: str) -> dict[str, str]:
    email, password = f"{role}@{DOMAIN}", new_password()
    with gemba.database.read(None) as session:
        known = session.scalar(select(Account.id).where(Account.email == email))
    if known is None:
        create(
            gemba.database,
            email=email,
            name=name,
            password=password,
            factory_slug=slug,
            role=role,
            now=gemba.clock(),
        )
    else:
        with gemba.database.write(None) as session:
            session.get_one(Account, known).password_hash = hash_password(password)
    return {"email": email, "password": password, "role": role}
