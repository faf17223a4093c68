"""Brings the relational schema up to date; safe to call at each start and from several processes."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from analytics.errors import StoreUnavailable

FOLDER = Path(__file__).parent.parent / "migrations"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    return config


@cache
def _newest() -> str | None:
    """The last revision of the code; to find it, alembic runs the file of each one."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def upgrade(engine: Engine) -> bool:
    """Apply what is missing; returns whether anything was. StoreUnavailable when nothing answers."""
    try:
        return _upgrade(engine)
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(f"The relational store does not answer: {error.orig}") from error


def _upgrade(engine: Engine) -> bool:
    config = _config(engine.url.render_as_string(hide_password=False))
    if current(engine) == _newest():
        return False
    with engine.connect() as connection:
        if engine.dialect.name in {"mysql", "mariadb"} and current(engine) is None:
            # Keys are compared by their letters, as on the other engines: "M1" and "m1" are two machines.
            connection.exec_driver_sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return True


def current(engine: Engine) -> str | None:
    """The revision that the database is at, or None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
