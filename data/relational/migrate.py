"""Brings the relational schema up to date; safe to call at each start and from several processes."""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import InterfaceError, OperationalError

from analytics.errors import StoreUnavailable
from data.relational.upgrading import turn

FOLDER = Path(__file__).parent.parent / "migrations"


@cache
def _newest() -> str:
    """The last revision of the code, by the names of its files: alembic would run each of them to know it."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def upgrade(engine: Engine) -> bool:
    """Apply what is missing; returns whether this process did. StoreUnavailable when nothing answers.

    Of several processes that start at once one applies it; the others wait for it, a minute at most.
    """
    try:
        return _upgrade(engine)
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(f"The relational store does not answer: {error.orig}") from error


def _upgrade(engine: Engine) -> bool:
    if _is_newest(engine):
        return False
    with turn(engine):
        # Whoever had the turn before may have done it.
        if current(engine) == _newest():
            return False
        _apply(engine)
    return True


def _is_newest(engine: Engine) -> bool:
    """Whether nothing is to be done; a file that is being migrated cannot be read and is looked at later."""
    try:
        return current(engine) == _newest()
    except OperationalError as error:
        if "locked" in str(error.orig):
            return False
        raise


def _apply(engine: Engine, revision: str = "head") -> None:
    # Alembic takes half a second to load, and most starts have nothing to apply.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = engine.url.render_as_string(hide_password=False)
    with engine.connect() as connection:
        if engine.dialect.name in {"mysql", "mariadb"} and current(engine) is None:
            # Keys are compared by their letters, as on the other engines: "M1" and "m1" are two machines.
            connection.exec_driver_sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def current(engine: Engine) -> str | None:
    """The revision that the database is at, or None when it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return found
