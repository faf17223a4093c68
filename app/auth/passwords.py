"""Password digests: bcrypt over SHA-256, so that a long pass phrase counts whole."""

import base64
import hashlib
import secrets
from functools import cache

import bcrypt

ROUNDS = 12
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def _prepared(password: str) -> bytes:
    return base64.b64encode(hashlib.sha256(password.encode()).digest())


def hash_password(password: str) -> str:
    """The digest to store."""
    return bcrypt.hashpw(_prepared(password), bcrypt.gensalt(ROUNDS)).decode()


def verify(password: str, stored: str | None) -> bool:
    """Whether the password is right; without a stored digest the same work is done, for nothing."""
    known = stored is not None
    right = bcrypt.checkpw(_prepared(password), (stored or _nobody()).encode())
    return known and right


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def new_password(groups: int = 4) -> str:
    """A random password that can be read aloud: groups of five from 32 letters (25 bits each)."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(groups))
