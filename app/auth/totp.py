"""Time-based one-time codes (RFC 6238): six digits, 30 seconds, SHA-1, as authenticator apps know them."""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.auth.vault import VERSION, Vault
from data.models import Account

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
STEPS_OFF: Final = 1
"""How many steps a phone's clock may be off."""


def new_secret() -> str:
    """A secret in base 32, as it is typed into an authenticator app."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(vault: Vault, account_id: int, secret: str) -> str:
    """The secret as it is stored: without the key in the state folder nobody makes codes from it."""
    return vault.seal(secret, f"totp:{account_id}")


def opened(vault: Vault, account: Account) -> str:
    """The secret of an account, or nothing; one from before secrets were sealed is taken as it is."""
    stored = account.totp_sealed or ""
    return vault.open(stored, f"totp:{account.id}") if stored.startswith(VERSION) else stored


def address(secret: str, email: str) -> str:
    """The otpauth address that a QR code carries."""
    return f"otpauth://totp/Gemba:{quote(email)}?secret={secret}&issuer=Gemba&digits={DIGITS}&period={STEP_S}"


def code_at(secret: str, step: int) -> str:
    """The code of one time step."""
    key = base64.b32decode(secret)
    return TOTP(key, DIGITS, SHA1(), STEP_S).generate(step * STEP_S).decode()  # noqa: S303 - RFC 6238


def matching_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """The time step whose code this is, at most one off and later than `after`; None for a wrong code."""
    present = int(now.timestamp()) // STEP_S
    given = code.strip().replace(" ", "").encode()
    for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given) and (after is None or step > after):
            return step
    return None


def use(session: Session, account_id: int, step: int) -> bool:
    """Note that a step's code was used; False when somebody used it, or a later one, in the meantime."""
    done = session.execute(
        update(Account)
        .where(
            Account.id == account_id,
            or_(Account.totp_last_step.is_(None), Account.totp_last_step < step),
        )
        .values(totp_last_step=step),
        execution_options={"synchronize_session": False},
    )
    return bool(getattr(done, "rowcount", 0))
