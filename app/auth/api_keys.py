"""Who an API key stands for: a service of a factory, or one of its machines."""

import threading
import time
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update

from app.auth.given import digest, factory_of
from app.auth.permissions import Permission, from_names
from app.auth.principal import Principal
from app.auth.sessions import profile
from data.models import ApiKey, Factory, Machine
from data.relational.scope import Database

KIND: Final = "gmb"
NAMED: Final = "key:"
ROLE: Final = "api_key"
REMEMBER_S: Final = 2.0
MOST_REMEMBERED: Final = 10_000
NOTE_USE_EVERY: Final = timedelta(minutes=1)


class KeyOffice:
    """Finds the holders of API keys; a key is looked up every two seconds, its use noted every minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: OrderedDict[str, tuple[int, float, Principal]] = OrderedDict()
        self._lock = threading.Lock()

    def identify(self, key: str, now: datetime) -> Principal | None:
        """The holder, or None for a key that is unknown, revoked or past its end."""
        factory_id = factory_of(KIND, key)
        if factory_id is None:
            return None
        mark = digest(key)
        writes = self._database.writes
        found = self._remembered.get(mark)
        if found is not None and found[0] == writes and time.monotonic() - found[1] < REMEMBER_S:
            return found[2]
        principal = self._look_up(factory_id, mark, now)
        if principal is not None:
            with self._lock:
                self._remembered[mark] = (self._database.writes, time.monotonic(), principal)
                while len(self._remembered) > MOST_REMEMBERED:
                    self._remembered.popitem(last=False)
        return principal

    def held(self, factory_id: int, named: str, now: datetime) -> frozenset[Permission] | None:
        """What the living keys that are called so may do; None for a name that is none of a key."""
        if not named.startswith(NAMED):
            return None
        alive = (ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
        asked = select(ApiKey.permissions).where(ApiKey.name == named.removeprefix(NAMED), *alive)
        with self._database.read(factory_id) as session:
            found = [from_names(names) for names in session.scalars(asked)]
        return frozenset().union(*found)

    def _look_up(self, factory_id: int, mark: str, now: datetime) -> Principal | None:
        with self._database.read(factory_id) as session:
            row = session.scalar(select(ApiKey).where(ApiKey.digest == mark, ApiKey.revoked_at.is_(None)))
            if row is None or (row.expires_at is not None and row.expires_at <= now):
                return None
            factory = session.get_one(Factory, factory_id)
            machine = session.get_one(Machine, row.machine_id) if row.machine_id is not None else None
        if row.last_used_at is None or now - row.last_used_at >= NOTE_USE_EVERY:
            self._note_use(factory_id, row.id, now)
        return Principal(
            account_id=0,
            email=f"{NAMED}{row.name}",
            name=row.name,
            role=ROLE,
            permissions=from_names(row.permissions),
            factory=profile(factory),
            machine_key=machine.device_key if machine is not None else None,
        )

    def _note_use(self, factory_id: int, key_id: int, now: datetime) -> None:
        with self._database.write(factory_id) as session:
            session.execute(
                update(ApiKey)
                .where(
                    ApiKey.id == key_id,
                    or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now),
                )
                .values(last_used_at=now),
                execution_options={"synchronize_session": False},
            )
