"""What log-ins leave behind goes when it is of no use, and not before."""

from datetime import timedelta

from sqlalchemy import select

from app.auth import accounts, sessions
from app.auth.sweep import sweep
from data.models import LoginFailure, LoginSession, PasswordReset, RefreshToken

PASSWORD = "violet tractors hum at noon"


def left(gemba):
    with gemba.database.read(None) as session:
        return {
            table.__name__: len(session.scalars(select(table)).all())
            for table in (LoginSession, RefreshToken, PasswordReset, LoginFailure)
        }


def test_only_what_ended_long_ago_is_forgotten(gemba, factory_id, clock):
    account = accounts.create(
        gemba.database, email="ann@example.test", name="Ann", password=PASSWORD, factory_slug="north",
        role="engineer", now=clock(),
    )  # fmt: skip
    accounts.check(gemba.database, gemba.vault, "ann@example.test", "wrong", "10.0.0.1", clock())
    gemba.tokens.open(account, factory_id, client="test", now=clock())
    sessions.open_ticket(
        gemba.database, account, factory_id, life=timedelta(hours=1), client="test", now=clock()
    )
    with gemba.database.write(None) as session:
        session.add(
            PasswordReset(account_id=account, digest="0" * 64, created_at=clock(), expires_at=clock())
        )
    before = left(gemba)
    assert before == {"LoginSession": 2, "RefreshToken": 1, "PasswordReset": 1, "LoginFailure": 1}
    assert sweep(gemba.database, clock()) == 0
    assert left(gemba) == before
    clock.forward(days=2)
    sweep(gemba.database, clock())
    assert left(gemba) == {**before, "LoginFailure": 0}
    clock.forward(days=365)
    assert sweep(gemba.database, clock()) == 2
    assert set(left(gemba).values()) == {0}
