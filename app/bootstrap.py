"""The only place where real parts are wired; tests wire their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy.orm import Session

from analytics.errors import ConfigurationError
from app.audit.journal import record
from app.audit.outside import OutsideLog
from app.auth.api_keys import KeyOffice
from app.auth.permissions import Permission
from app.auth.principal import FactoryProfile, Principal
from app.auth.signing import SigningKeys
from app.auth.tokens import Lives, TokenOffice
from app.auth.vault import Vault
from app.clock import Clock, system_clock
from app.settings import Settings
from data.documents import DocumentStore, open_documents
from data.relational.engine import open_engine
from data.relational.migrate import upgrade
from data.relational.scope import Database
from data.telemetry import TelemetryStore, open_store


@dataclass(slots=True)
class ServiceState:
    """How a background service of this process does."""

    every_s: float
    rounds: int = 0
    last_at: datetime | None = None
    problem: str = ""
    """What the last round failed with; empty when it went well."""


@dataclass(frozen=True, slots=True)
class Gemba:
    """The wired parts of one process."""

    settings: Settings
    clock: Clock
    database: Database
    telemetry: TelemetryStore
    documents: DocumentStore
    tokens: TokenOffice
    api_keys: KeyOffice
    outside: OutsideLog
    vault: Vault
    closing: Event = field(default_factory=Event)
    services: dict[str, ServiceState] = field(default_factory=dict)

    def close(self) -> None:
        """Close the stores."""
        self.documents.close()
        self.telemetry.close()
        self.database.close()


@dataclass(frozen=True, slots=True)
class Access:
    """What a service gets: the parts, and who acts in which factory."""

    gemba: Gemba
    principal: Principal

    @property
    def factory(self) -> FactoryProfile:
        """The factory that is acted in."""
        return self.principal.factory

    @property
    def now(self) -> datetime:
        """The time, from the wired clock."""
        return self.gemba.clock()

    def require(self, permission: Permission) -> None:
        """Go on only with the permission; raises Forbidden."""
        self.principal.require(permission)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading this factory's rows."""
        with self.gemba.database.read(self.factory.id) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction on this factory's rows."""
        with self.gemba.database.write(self.factory.id) as session:
            yield session

    def audit(
        self,
        session: Session,
        action: str,
        subject: tuple[str, object],
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write the audit entry of a change, in the change's own transaction."""
        record(
            session,
            at=self.now,
            actor=self.principal.email,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )


def wire(
    settings: Settings,
    clock: Clock = system_clock,
    *,
    telemetry_read_only: bool = False,
    is_up_to_date: bool = False,
) -> Gemba:
    """Open the stores that the settings name and bring their schemas up to date.

    `is_up_to_date` says that the process that started this one has seen to the schema already.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.relational_url)
    if not is_up_to_date:
        upgrade(engine)
    telemetry = open_store(
        settings.home,
        settings.telemetry_url,
        read_only=telemetry_read_only,
        waiting_points=settings.telemetry_buffer_points,
        keep_days=(settings.telemetry_keep_days, settings.telemetry_minutes_days),
    )
    outside = OutsideLog(settings.audit_folder, settings.audit_name)
    database = Database(engine, outside.seal_key())
    documents = open_documents(settings.documents_url, database)
    lives = Lives(timedelta(minutes=settings.api_token_minutes), timedelta(days=settings.api_session_days))
    tokens, keys = TokenOffice(database, SigningKeys(settings.home), lives), KeyOffice(database)
    return Gemba(settings, clock, database, telemetry, documents, tokens, keys, outside, Vault(settings.home))


_installed: list[Gemba] = []


def install(gemba: Gemba) -> None:
    """Make the parts reachable for the UI script, which Streamlit runs without arguments."""
    _installed[:] = [gemba]


def current() -> Gemba:
    """The parts of this process."""
    if not _installed:
        raise ConfigurationError("The server has not started its parts: use `python -m app serve`.")
    return _installed[0]
