"""Access tokens and refresh tokens of the API, on the same revocable session record as the pages."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from sqlalchemy import select, update

from analytics.errors import NotLoggedIn
from app.audit.journal import record
from app.auth import sessions
from app.auth.given import digest, new_secret
from app.auth.principal import Principal
from app.auth.signing import SigningKeys, Stamp
from data.models import Account, LoginSession, RefreshToken
from data.relational.scope import Database

ALGORITHM: Final = "HS256"
REMEMBER_S: Final = 2.0
MOST_REMEMBERED: Final = 10_000
ENDED: Final = "This log-in has ended. Log in again."


@dataclass(frozen=True, slots=True)
class Lives:
    """How long an access token and a session last."""

    token: timedelta
    session: timedelta


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets: an access token, its life, and the token that gets the next ones."""

    access: str
    expires_in: int
    refresh: str | None
    principal: Principal


class TokenOffice:
    """Issues and checks the tokens of one installation."""

    def __init__(self, database: Database, keys: SigningKeys, lives: Lives) -> None:
        self._database, self._keys, self._lives = database, keys, lives
        self._remembered: OrderedDict[int, tuple[int, float, Principal]] = OrderedDict()
        self._verified: OrderedDict[str, tuple[Stamp, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, account_id: int, factory_id: int, *, client: str, now: datetime) -> Tokens:
        """Begin a session for somebody whose password was right."""
        with self._database.write(factory_id) as session:
            account = session.get_one(Account, account_id)
            row = LoginSession(
                factory_id=factory_id,
                account_id=account_id,
                created_at=now,
                expires_at=now + self._lives.session,
                client=client[:200],
                kind="api",
            )
            session.add(row)
            session.flush()
            refresh = new_secret()
            session.add(RefreshToken(session_id=row.id, digest=digest(refresh), created_at=now))
            record(session, at=now, actor=account.email, action="session.open", subject=("session", row.id))
        principal = sessions.find_open(self._database, row.id, now)
        if principal is None:
            raise NotLoggedIn(ENDED)
        return Tokens(self._signed(principal, now), self._seconds(), refresh, principal)

    def refresh(self, refresh: str, now: datetime) -> Tokens:
        """Swap a refresh token for new tokens; one that was used before ends the whole session.

        Raises NotLoggedIn. A token is used once even when two requests bring it at the same moment.
        """
        following = new_secret()
        with self._database.write(None) as session:
            row = session.scalar(select(RefreshToken).where(RefreshToken.digest == digest(refresh)))
            if row is None:
                raise NotLoggedIn(ENDED)
            used = session.execute(
                update(RefreshToken)
                .where(RefreshToken.id == row.id, RefreshToken.used_at.is_(None))
                .values(used_at=now),
                execution_options={"synchronize_session": False},
            )
            fresh = bool(getattr(used, "rowcount", 0))
            if fresh:
                session.add(RefreshToken(session_id=row.session_id, digest=digest(following), created_at=now))
        if not fresh:
            self._end_stolen(row.session_id, now)
            raise NotLoggedIn("This refresh token was used before; the log-in was ended for safety.")
        principal = sessions.find_open(self._database, row.session_id, now)
        if principal is None:
            raise NotLoggedIn(ENDED)
        return Tokens(self._signed(principal, now), self._seconds(), following, principal)

    def renew(self, principal: Principal, now: datetime) -> Tokens:
        """A new access token for the bearer of a good one, while the session lasts."""
        if principal.session_id is None:
            raise NotLoggedIn("Only a log-in can be refreshed.")
        return Tokens(self._signed(principal, now), self._seconds(), None, principal)

    def at_hand(self, access: str, now: datetime) -> Principal | None:
        """Who holds this access token, if its session was looked up in the last two seconds; asks no store.

        None where it was not, or where this process has written since. Raises NotLoggedIn for a wrong token.
        """
        found = self._remembered.get(self._claims(access, now)["sid"])
        if found is None or found[0] != self._database.writes or time.monotonic() - found[1] > REMEMBER_S:
            return None
        return found[2]

    def identify(self, access: str, now: datetime) -> Principal:
        """Who holds this access token; raises NotLoggedIn. Asks the store for its session."""
        claims = self._claims(access, now)
        number, writes = claims["sid"], self._database.writes
        principal = sessions.find_open(self._database, number, now)
        if principal is None or principal.factory.id != claims["factory_id"]:
            raise NotLoggedIn(ENDED)
        with self._lock:
            self._remembered[number] = (writes, time.monotonic(), principal)
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return principal

    def _end_stolen(self, session_id: int, now: datetime) -> None:
        with self._database.read(None) as session:
            known = session.get_one(LoginSession, session_id)
        with self._database.write(known.factory_id) as session:
            row = session.get_one(LoginSession, session_id)
            if row.revoked_at is None:
                row.revoked_at = now
                account = session.get_one(Account, row.account_id)
                record(
                    session,
                    at=now,
                    actor=account.email,
                    action="session.reuse_detected",
                    subject=("session", row.id),
                )

    def _seconds(self) -> int:
        return int(self._lives.token.total_seconds())

    def _signed(self, principal: Principal, now: datetime) -> str:
        key = self._keys.current(now)
        claims = {
            "sub": str(principal.account_id),
            "factory_id": principal.factory.id,
            "factory_slug": principal.factory.slug,
            "role": principal.role,
            "sid": principal.session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + self._lives.token).timestamp()),
        }
        return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"kid": key.id})

    def _claims(self, access: str, now: datetime) -> dict[str, Any]:
        """The claims of a token that we signed and that has not ended by our clock."""
        keys = self._keys.stamp(now)
        kept = self._verified.get(access)
        if kept is None or kept[0] != keys:
            kept = (keys, self._checked(access, now))
            with self._lock:
                self._verified[access] = kept
                while len(self._verified) > MOST_REMEMBERED:
                    self._verified.popitem(last=False)
        claims = kept[1]
        if datetime.fromtimestamp(claims["exp"], UTC) <= now:
            raise NotLoggedIn("The access token has ended. Refresh it, or log in again.")
        return claims

    def _checked(self, access: str, now: datetime) -> dict[str, Any]:
        """The claims of a token whose signature is ours."""
        required = ["sub", "sid", "exp", "factory_id"]
        try:
            key_id = jwt.get_unverified_header(access).get("kid", "")
            key = self._keys.find(str(key_id), now, self._lives.token)
            if key is None:
                raise NotLoggedIn(ENDED)
            claims: dict[str, Any] = jwt.decode(
                access,
                key.secret,
                algorithms=[ALGORITHM],
                options={"verify_exp": False, "verify_iat": False, "require": required},
            )
        except jwt.PyJWTError as error:
            raise NotLoggedIn("This is no access token of ours. Log in again.") from error
        return claims
