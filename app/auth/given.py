"""Secrets that are given out once and kept as digests: invitations, resets, keys, refresh tokens."""

import hashlib
import re
import secrets
from typing import Final

_FORM: Final = re.compile(r"([a-z]{2,4})_([0-9]{1,15})_([A-Za-z0-9_-]{43})")


def digest(secret: str) -> str:
    """What is stored of a secret: 256 random bits need no slow digest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def for_factory(kind: str, factory_id: int) -> str:
    """A secret that names its factory, so that it is looked up among that factory's rows only."""
    return f"{kind}_{factory_id}_{new_secret()}"


def factory_of(kind: str, secret: str) -> int | None:
    """The factory that a secret of this kind names, or None where it has not the form of one."""
    found = _FORM.fullmatch(secret)
    return int(found[2]) if found and found[1] == kind else None
