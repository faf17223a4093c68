"""Who acts: an account in one factory, with its permissions."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from analytics.errors import Forbidden
from app.auth.permissions import Permission


@dataclass(frozen=True, slots=True)
class FactoryProfile:
    """What every computation needs to know about the factory that is looked at."""

    id: int
    slug: str
    name: str
    timezone: str
    currency: str
    day_start_min: int
    minor_stop_s: int
    oee_target: float | None

    @property
    def zone(self) -> ZoneInfo:
        """The factory's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Principal:
    """The account that acts, the factory it acts in, and what it may do there."""

    account_id: int
    email: str
    name: str
    role: str
    permissions: frozenset[Permission]
    factory: FactoryProfile
    session_id: int | None = None
    machine_key: str | None = None
    """The one machine that an API key of a machine speaks for."""
    must_change_password: bool = False
    """A one-time password opens nothing but one's own account, until another one is chosen."""

    def may(self, permission: Permission) -> bool:
        """Whether the permission is held."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Go on only with the permission; raises Forbidden."""
        if self.must_change_password:
            raise Forbidden("Choose a password of your own first.")
        if permission not in self.permissions:
            raise Forbidden(
                f"Your role ({self.role}) does not include '{permission.value}'. "
                "Ask an administrator of the factory for it."
            )
