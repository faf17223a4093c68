"""People: accounts, their role in a factory, log-in sessions and tickets, throttling."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, UtcTime


class Account(Base, kw_only=True):
    """A person. The e-mail address is stored in lower case."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class Membership(Base, kw_only=True):
    """The role of an account in a factory: the bridge from a person to a tenant, so outside the scope."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("factory_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    factory_id: Mapped[int] = mapped_column(ForeignKey("factory.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))


class LoginSession(Base, kw_only=True):
    """A log-in that can be revoked. Only digests of the ticket and of the cookie's token are kept.

    It is looked up before the factory is known, so it lies outside the scope.
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


class LoginFailure(Base, kw_only=True):
    """Failed log-ins of one name from one address: the delay grows, nobody is locked out for good."""

    __tablename__ = "login_failure"
    __table_args__ = (UniqueConstraint("name_digest", "address"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name_digest: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
