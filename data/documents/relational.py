"""Documents as JSON columns of the relational store: the default."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from analytics.errors import NotFound, StoreUnavailable
from data.documents.document import Document, check, check_name
from data.documents.protocol import WALK_ROWS, DocumentHealth, Scalar, Search
from data.models import Factory
from data.models.documents import StoredDocument as Row
from data.relational.scope import Database


class RelationalDocuments:
    """Keeps documents beside the rest of the plant, in the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, factory: str, collection: str, documents: Sequence[Document]) -> None:
        """Replace and insert in one transaction."""
        check(collection, documents)
        last = {document.key: document for document in documents}
        with self._database.write(self._id(factory)) as session:
            _forget(session, collection, list(last))
            session.add_all(
                Row(collection=collection, key=one.key, at_us=one.at_us, machine=one.machine, body=one.body)
                for one in last.values()
            )

    def get(self, factory: str, collection: str, key: str) -> Document | None:
        """One row by its key."""
        with self._database.read(self._id(factory)) as session:
            row = session.scalar(select(Row).where(Row.collection == collection, Row.key == key))
            return None if row is None else _document(row)

    def find(self, factory: str, collection: str, search: Search) -> list[Document]:
        """One page, the newest first."""
        with self._database.read(self._id(factory)) as session:
            page = (
                select(Row)
                .where(*_conditions(collection, search))
                .order_by(Row.at_us.desc(), Row.key.desc())
                .limit(search.limit)
                .offset(search.offset)
            )
            return [_document(row) for row in session.scalars(page)]

    def count(self, factory: str, collection: str, search: Search) -> int:
        """Counted by the database."""
        with self._database.read(self._id(factory)) as session:
            counted = select(func.count(Row.id)).where(*_conditions(collection, search))
            return int(session.scalar(counted) or 0)

    def delete(self, factory: str, collection: str, keys: Sequence[str]) -> int:
        """Delete by keys."""
        with self._database.write(self._id(factory)) as session:
            return _forget(session, collection, list(keys))

    def expire(self, factory: str, collection: str, before_us: int) -> int:
        """Delete by time."""
        with self._database.write(self._id(factory)) as session:
            old = (Row.collection == collection, Row.at_us < before_us)
            found = int(session.scalar(select(func.count(Row.id)).where(*old)) or 0)
            session.execute(delete(Row).where(*old), execution_options={"synchronize_session": False})
            return found

    def collections(self, factory: str) -> list[str]:
        """Told by the database."""
        with self._database.read(self._id(factory)) as session:
            return sorted(session.scalars(select(Row.collection).distinct()))

    def walk(self, factory: str, collection: str) -> Iterator[Document]:
        """By the index of the keys, so many at a time; no session is open between them."""
        factory_id, after = self._id(factory), ""
        while True:
            chosen = (Row.collection == collection, Row.key > after)
            with self._database.read(factory_id) as session:
                page = select(Row).where(*chosen).order_by(Row.key).limit(WALK_ROWS)
                found = [_document(row) for row in session.scalars(page)]
            if not found:
                return
            yield from found
            after = found[-1].key

    def health(self) -> DocumentHealth:
        """Counts over all factories, one after the other."""
        started = time.perf_counter()
        name = f"json in {self._database.engine.dialect.name}"
        try:
            with self._database.read(None) as session:
                ids = list(session.scalars(select(Factory.id)))
            found, newest = 0, []
            for factory_id in ids:
                with self._database.read(factory_id) as session:
                    number, latest = session.execute(select(func.count(Row.id), func.max(Row.at_us))).one()
                    found += number
                    newest += [] if latest is None else [int(latest)]
        except StoreUnavailable as error:
            return DocumentHealth(False, name, problem=str(error))
        took = round((time.perf_counter() - started) * 1000, 2)
        return DocumentHealth(True, name, "", took, found, max(newest, default=None))

    def close(self) -> None:
        """The relational store is closed by whoever opened it."""

    def _id(self, factory: str) -> int:
        with self._database.read(None) as session:
            found = session.scalar(select(Factory.id).where(Factory.slug == factory))
        if found is None:
            raise NotFound(f"There is no factory {factory!r}.")
        return found


def _forget(session: Session, collection: str, keys: list[str]) -> int:
    gone = 0
    for begin in range(0, len(keys), 500):
        chosen = (Row.collection == collection, Row.key.in_(keys[begin : begin + 500]))
        gone += int(session.scalar(select(func.count(Row.id)).where(*chosen)) or 0)
        session.execute(delete(Row).where(*chosen), execution_options={"synchronize_session": False})
    return gone


def _conditions(collection: str, search: Search) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Row.collection == collection]
    if search.start_us is not None:
        found.append(Row.at_us >= search.start_us)
    if search.end_us is not None:
        found.append(Row.at_us < search.end_us)
    if search.machine is not None:
        found.append(Row.machine == search.machine)
    for name, value in search.where.items():
        check_name(f"where.{name}", name)
        found.append(_equals(name, value))
    return found


def _equals(name: str, value: Scalar) -> ColumnElement[bool]:
    inside: Any = Row.body[name]
    if isinstance(value, bool):
        typed = inside.as_boolean()
    elif isinstance(value, int):
        typed = inside.as_integer()
    elif isinstance(value, float):
        typed = inside.as_float()
    else:
        typed = inside.as_string()
    return cast("ColumnElement[bool]", typed == value)


def _document(row: Row) -> Document:
    return Document(row.key, row.at_us, dict(row.body), row.machine)
