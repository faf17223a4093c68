"""Sessions that see one factory and no other; without a factory they see no scoped row at all."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, Select, event, inspect, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    Session,
    UOWTransaction,
    with_loader_criteria,
)

from analytics.errors import Conflict, GembaError, InvalidInput, StoreUnavailable
from data.models import Base, Factory, FactoryScoped

AT_ONCE: Final = 500


class ScopeError(GembaError):
    """The code tried to reach rows outside its factory; always a defect, never the user's fault."""

    code = "scope"


class ScopedSession(Session):
    """A session bound to one factory, or (with None) to the tables that belong to none."""

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Closed: a bare connection would pass the scope by."""
        if not self.info.get("flushing"):
            raise ScopeError("a bare connection knows no factory")
        return super().connection(*args, **kwargs)


@event.listens_for(ScopedSession, "do_orm_execute")
def _keep_to_factory(state: ORMExecuteState) -> None:
    factory_id = state.session.info["factory_id"]
    scoped = [m.class_ for m in state.all_mappers if issubclass(m.class_, FactoryScoped)]
    if not state.all_mappers:
        raise ScopeError("only statements over mapped classes can be scoped")
    if not scoped:
        return
    if factory_id is None:
        raise ScopeError(f"{scoped[0].__name__} belongs to a factory, and this session has none")
    if state.is_insert:
        _fill_rows(state.parameters, factory_id)
        return
    state.statement = state.statement.options(_criteria(factory_id))


def _fill_rows(parameters: Any, factory_id: int) -> None:
    for row in parameters if isinstance(parameters, list) else [parameters]:
        if row is not None and row.setdefault("factory_id", factory_id) != factory_id:
            raise ScopeError("a row of another factory")


@event.listens_for(ScopedSession, "before_flush")
def _check_rows(session: Session, context: UOWTransaction, instances: Any) -> None:
    factory_id = session.info["factory_id"]
    named: dict[type[Any], dict[Any, str]] = defaultdict(dict)
    for row in [*session.new, *session.dirty, *session.deleted]:
        if not isinstance(row, FactoryScoped):
            continue
        if row.factory_id is None:
            row.factory_id = factory_id
        if factory_id is None or row.factory_id != factory_id:
            raise ScopeError(f"{type(row).__name__} of another factory")
        if row not in session.deleted:
            for target, value, column in _named(row):
                named[target].setdefault(value, column)
    for target, columns in named.items():
        _check_known(session, target, columns)


def _named(row: FactoryScoped) -> Iterator[tuple[type[Any], Any, str]]:
    """The rows that a row has come to point to: their model and id, and the column that says so."""
    state = inspect(row)
    for column, target in _references(type(row)):
        if state.attrs[column].history.added:
            value = getattr(row, column)
            if value is not None:
                yield target, value, column


def _check_known(session: Session, target: type[Any], columns: Mapping[Any, str]) -> None:
    """A row may point only to rows of its own factory; raises InvalidInput at the column that does not.

    One question for all rows of a flush: one each would make a batch of thousands take seconds.
    """
    (key,) = inspect(target).primary_key
    own = inspect(target).get_property_by_column(key).class_attribute
    values = list(columns)
    with session.no_autoflush:
        for begin in range(0, len(values), AT_ONCE):
            asked = values[begin : begin + AT_ONCE]
            known = set(session.scalars(select(own).where(own.in_(asked))))
            for value in asked:
                if value not in known:
                    sentence = f"There is no such {target.__tablename__} in this factory."
                    raise InvalidInput.at(columns[value], sentence)


@cache
def _references(model: type[FactoryScoped]) -> tuple[tuple[str, type[Any]], ...]:
    """The columns of a model that name rows of other scoped tables by their id."""
    scoped = {
        mapper.local_table: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, FactoryScoped)
    }
    return tuple(
        (inspect(model).get_property_by_column(key.parent).key, scoped[key.column.table])
        for key in inspect(model).local_table.foreign_keys
        if key.column.table in scoped
    )


def raw_rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The driver's own rows of a select over mapped columns, kept to the session's factory.

    For large reads of plain numbers: no row objects are made and no column is converted.
    """
    factory_id = session.info["factory_id"]
    if factory_id is None:
        raise ScopeError("this session has no factory")
    scoped = statement.options(_criteria(factory_id))
    connection = Session.connection(session)
    cursor = connection.execute(scoped).cursor
    return cast("list[tuple[Any, ...]]", cursor.fetchall()) if cursor is not None else []


def begin_factory(session: Session, factory: Factory) -> int:
    """Add a new factory in a session that has none; from here on the session is that factory's.

    So what belongs to a factory from its first moment is written in the transaction that makes it.
    """
    if session.info["factory_id"] is not None or not inspect(factory).transient:
        raise ScopeError("a session takes up only a factory that it makes itself")
    session.add(factory)
    session.flush()
    session.info["factory_id"] = factory.id
    return factory.id


@contextmanager
def apart(session: Session) -> Iterator[None]:
    """A part of a transaction that can fail alone: what it wrote is undone, what was written before stays."""
    with session.begin_nested():
        yield


def _criteria(factory_id: int) -> LoaderCriteriaOption:
    return with_loader_criteria(FactoryScoped, lambda cls: cls.factory_id == factory_id, include_aliases=True)


_NUMBERS = count()


class Database:
    """The relational store of one process."""

    def __init__(self, engine: Engine, seal_key: bytes = b"") -> None:
        """`seal_key` is the secret with which sessions seal audit entries."""
        self.engine = engine
        self._seal_key = seal_key
        self.writes = 0
        """How many transactions this process has committed: what it remembers may be old after each."""
        self.number = next(_NUMBERS)
        """Tells stores apart that one process opened, in the keys of what it remembers of them."""

    @contextmanager
    def read(self, factory_id: int | None) -> Iterator[Session]:
        """A session for reading; it is rolled back at the end."""
        with self._translated(), self._session(factory_id) as session:
            yield session

    @contextmanager
    def write(self, factory_id: int | None) -> Iterator[Session]:
        """A session whose changes commit together at the end, or not at all."""
        with self._translated(), self._session(factory_id, sqlite_begin="IMMEDIATE") as session:
            if factory_id is not None and self.engine.dialect.name != "sqlite":
                # As on SQLite, writers of one factory queue: what one checks, nobody changes meanwhile.
                session.execute(select(Factory.id).where(Factory.id == factory_id).with_for_update())
            yield session
            session.commit()
            self.writes += 1

    @contextmanager
    def _session(self, factory_id: int | None, **options: str) -> Iterator[Session]:
        engine = self.engine.execution_options(**options) if options else self.engine
        known = {"factory_id": factory_id, "seal_key": self._seal_key}
        session = ScopedSession(engine, info=known, expire_on_commit=False)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise _clash(error) from error
        except DataError as error:
            raise InvalidInput.at("", f"The store cannot keep this: {_short(error)}") from error
        except (OperationalError, InterfaceError) as error:
            raise StoreUnavailable(f"the relational store does not answer: {_short(error)}") from error

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _clash(error: IntegrityError) -> GembaError:
    """What the store refused: a key that exists, or a row that another one needs or misses."""
    if "foreign key" in str(error.orig).lower():
        return Conflict("another row needs this one, or the row that this one names is gone")
    return Conflict("this row, or its key, exists already")


def _short(error: DBAPIError) -> str:
    return str(cast(Exception, error.orig)).splitlines()[0][:200]
