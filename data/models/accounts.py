"""People and machines that log in: accounts, roles, sessions, tokens, keys, invitations, throttling."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, UtcTime, Versioned


class Account(Base, kw_only=True):
    """A person. The e-mail address is stored in lower case.

    `totp_last_step` is the newest time step whose code was used: a code counts once.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    whatsapp_number: Mapped[str | None] = mapped_column(String(40), default=None)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    totp_sealed: Mapped[str | None] = mapped_column(String(200), default=None)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger, default=None)


class Membership(Versioned, Base, kw_only=True):
    """The role of an account in a factory: the bridge from a person to a tenant, so outside the scope.

    `overrides` maps a permission's name to whether this person has it, whatever the role says.
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("factory_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    factory_id: Mapped[int] = mapped_column(ForeignKey("factory.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    overrides: Mapped[dict[str, bool] | None] = mapped_column(Json, default=None)
    invited_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    requested_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    """When the person asked for access by themselves; None again once somebody has decided."""


class CustomRole(FactoryScoped, Versioned, Base, kw_only=True):
    """A role that a factory made for itself; `permissions` lists their names."""

    __tablename__ = "custom_role"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    permissions: Mapped[list[str]] = mapped_column(Json)


class LoginSession(Base, kw_only=True):
    """A log-in that can be revoked. Only digests of the ticket and of the cookie's token are kept.

    It is looked up before the factory is known, so it lies outside the scope. `kind` is "page" or "api".
    """

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    factory_id: Mapped[int] = mapped_column(ForeignKey("factory.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ticket_digest: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    client: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(10), default="page")


class RefreshToken(Base, kw_only=True):
    """One refresh token of an API session. All tokens of a session are one family."""

    __tablename__ = "refresh_token"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("login_session.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class ApiKey(FactoryScoped, Base, kw_only=True):
    """A key of a machine or service. Only its digest is kept; with `machine_id` it speaks for one machine."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"), default=None)
    permissions: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    created_by: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class Invitation(FactoryScoped, Base, kw_only=True):
    """An invitation into a factory, until somebody accepts it, withdraws it, or its time is over."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(40))
    overrides: Mapped[dict[str, bool] | None] = mapped_column(Json, default=None)
    whatsapp_number: Mapped[str | None] = mapped_column(String(40), default=None)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class PasswordReset(Base, kw_only=True):
    """A link by which a person may set a new password once."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class LoginFailure(Base, kw_only=True):
    """Failed log-ins of one name from one address: the delay grows, nobody is locked out for good."""

    __tablename__ = "login_failure"
    __table_args__ = (UniqueConstraint("name_digest", "address"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name_digest: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
