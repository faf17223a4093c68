"""Tables, views and queries of MySQL, MariaDB, PostgreSQL and SQLite, in sessions that cannot write."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    bindparam,
    cast,
    column,
    create_engine,
    event,
    func,
    inspect,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from analytics.errors import InvalidInput, StoreUnavailable
from data.sources.cells import page
from data.sources.marks import mark_of, value_of
from data.sources.protocol import About, Column, Extract, Item, Page

CONNECT_S: Final = 5
_IS_SELECT: Final = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_NAMES: Final = {"mysql": "MySQL", "mariadb": "MariaDB", "postgresql": "PostgreSQL", "sqlite": "SQLite"}


class SqlConnector:
    """One database, read only: the session refuses writes, whatever rights the account has."""

    def __init__(self, url: URL, timeout_s: int) -> None:
        """`url` names the driver too; of SQLite it names a file that was checked before."""
        self._backend = url.get_backend_name()
        self._engine = _engine(url, timeout_s)

    def about(self) -> About:
        """See `Connector.about`."""
        began = time.perf_counter()
        with self._asking() as connection:
            said = connection.scalar(
                select(func.sqlite_version() if self._backend == "sqlite" else func.version())
            )
        version = str(said).split(" on ", maxsplit=1)[0]
        name = "MariaDB" if "mariadb" in version.lower() else _NAMES[self._backend]
        return About(name, version, (time.perf_counter() - began) * 1000)

    def items(self) -> list[Item]:
        """See `Connector.items`."""
        with self._asking() as connection:
            found = inspect(connection)
            tables = [Item(name, "table") for name in found.get_table_names()]
            views = [Item(name, "view") for name in found.get_view_names()]
        return sorted(tables + views, key=lambda item: item.name)

    def columns(self, extract: Extract) -> list[Column]:
        """See `Connector.columns`."""
        with self._asking() as connection:
            if not extract.query:
                try:
                    found = inspect(connection).get_columns(extract.item)
                except NoSuchTableError as error:
                    raise InvalidInput.at("item", f"There is no table {extract.item!r}.") from error
                return [Column(one["name"], _type_name(one["type"])) for one in found]
            result = connection.execute(self._select(extract).limit(1))
            return [Column(name, "") for name in result.keys()]  # noqa: SIM118 - not a dict

    def pages(self, extract: Extract, rows: int) -> Iterator[Page]:
        """See `Connector.pages`."""
        question = self._select(extract)
        if extract.order:
            question = question.order_by(column(extract.order))
        mark = ""
        with self._asking() as connection:
            options = {"stream_results": True, "max_row_buffer": rows}
            result = connection.execution_options(**options).execute(question)
            header = tuple(result.keys())
            place = header.index(extract.order) if extract.order in header else -1
            for part in result.partitions(rows):
                columns: Sequence[Sequence[Any]] = list(zip(*part, strict=True))
                if place >= 0:
                    last = next((value for value in reversed(columns[place]) if value is not None), None)
                    mark = mark if last is None else mark_of(last)
                yield page(header, columns, mark)

    def last_mark(self, extract: Extract) -> str:
        """See `Connector.last_mark`."""
        if not extract.order:
            return ""
        source = self._source(extract)
        with self._asking() as connection:
            last = connection.scalar(select(func.max(column(extract.order))).select_from(source))
        return "" if last is None else mark_of(last)

    def _source(self, extract: Extract) -> Any:
        if not extract.query:
            return table(extract.item)
        bare = extract.query.strip().rstrip(";").strip()
        if not _IS_SELECT.match(bare):
            raise InvalidInput.at("query", "A query begins with SELECT or WITH.")
        return text("(\n" + bare.replace(":", r"\:") + "\n) AS gemba_source")

    def _select(self, extract: Extract) -> Select[Any]:
        question: Select[Any] = select(literal_column("*")).select_from(self._source(extract))
        for name, wanted in extract.where:
            one: ColumnElement[Any] = column(name)
            if self._backend == "postgresql":
                one = cast(one, String)
            question = question.where(one == bindparam(None, wanted))
        if extract.order and extract.after:
            order: ColumnElement[Any] = column(extract.order)
            question = question.where(or_(order >= value_of(extract.after), order.is_(None)))
        return question.limit(extract.most) if extract.most else question

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            said = str(cause).splitlines()[0][:300]
            raise StoreUnavailable(f"the source does not answer as asked: {said}") from error

    def close(self) -> None:
        """See `Connector.close`."""
        self._engine.dispose()


def sqlite_url(path: Path) -> URL:
    """A file, opened so that nothing can be written."""
    query = {"mode": "ro", "uri": "true"}
    return URL.create("sqlite", database=f"file:{quote(path.as_posix())}", query=query)


def _type_name(kind: Any) -> str:
    return str(type(kind).__name__).lower()


def _engine(url: URL, timeout_s: int) -> Engine:
    backend = url.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": CONNECT_S})
        event.listen(engine, "connect", _only_read_sqlite)
        return engine
    if backend == "postgresql":
        options = f"-c default_transaction_read_only=on -c statement_timeout={timeout_s * 1000}"
        waits: dict[str, Any] = {"connect_timeout": CONNECT_S, "options": options}
        return create_engine(url, poolclass=NullPool, connect_args=waits)
    # Without local files: a server could ask for any file of this machine.
    waits = {"connect_timeout": CONNECT_S, "read_timeout": timeout_s, "write_timeout": timeout_s}
    engine = create_engine(url, poolclass=NullPool, connect_args={**waits, "local_infile": False})
    event.listen(engine, "connect", _only_read_mysql)
    return engine


def _only_read_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _only_read_mysql(connection: DBAPIConnection, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()
