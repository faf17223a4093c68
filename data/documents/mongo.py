"""Documents in MongoDB, one collection each, acknowledged by its journal."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import ASCENDING, DESCENDING, MongoClient, ReplaceOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WTimeoutError
from pymongo.uri_parser import parse_uri

from analytics.errors import ConfigurationError, StoreUnavailable
from data.documents.document import Document, check, check_name
from data.documents.protocol import WALK_ROWS, DocumentHealth, Search

CONNECT_MS = 2_000
ANSWER_MS = 30_000
PREFIX = "gemba_"
Stored = dict[str, Any]


class MongoDocuments:
    """Keeps the body as MongoDB's own document under `body`, so that other programs can query it."""

    def __init__(self, url: str) -> None:
        name = database_name(url)
        self._client: MongoClient[Stored] = MongoClient(
            url,
            serverSelectionTimeoutMS=CONNECT_MS,
            connectTimeoutMS=CONNECT_MS,
            socketTimeoutMS=ANSWER_MS,
            tz_aware=True,
        )
        try:
            name = self._client.get_default_database().name
        except PyMongoError as error:
            raise ConfigurationError(
                "GEMBA_DOCUMENTS_URL: name the database after the last slash."
            ) from error
        self._database = self._client.get_database(
            name, write_concern=WriteConcern(w="majority", j=True, wtimeout=ANSWER_MS)
        )
        self._indexed: set[str] = set()

    def put(self, factory: str, collection: str, documents: Sequence[Document]) -> None:
        """Replace or insert each, in order; repeating it after an error changes nothing that is there."""
        check(collection, documents)
        if not documents:
            return
        with _translated():
            target = self._collection(collection)
            target.bulk_write([_replacement(factory, one) for one in documents], ordered=True)

    def get(self, factory: str, collection: str, key: str) -> Document | None:
        """One document by its key."""
        with _translated():
            found = self._collection(collection).find_one({"factory": factory, "key": key})
        return None if found is None else _document(found)

    def find(self, factory: str, collection: str, search: Search) -> list[Document]:
        """One page, the newest first."""
        with _translated():
            page = (
                self._collection(collection)
                .find(_filter(factory, search))
                .sort([("at_us", DESCENDING), ("key", DESCENDING)])
                .skip(search.offset)
                .limit(search.limit)
                .max_time_ms(ANSWER_MS)
            )
            return [_document(found) for found in page] if search.limit else []

    def count(self, factory: str, collection: str, search: Search) -> int:
        """Counted by the server."""
        with _translated():
            return self._collection(collection).count_documents(_filter(factory, search), maxTimeMS=ANSWER_MS)

    def delete(self, factory: str, collection: str, keys: Sequence[str]) -> int:
        """Delete by keys."""
        with _translated():
            chosen = {"factory": factory, "key": {"$in": list(keys)}}
            return self._collection(collection).delete_many(chosen).deleted_count

    def expire(self, factory: str, collection: str, before_us: int) -> int:
        """Delete by time."""
        with _translated():
            old = {"factory": factory, "at_us": {"$lt": before_us}}
            return self._collection(collection).delete_many(old).deleted_count

    def collections(self, factory: str) -> list[str]:
        """Looked for in each collection."""
        with _translated():
            names = [name for name in self._database.list_collection_names() if name.startswith(PREFIX)]
            held = [name for name in names if self._database[name].find_one({"factory": factory})]
        return sorted(name.removeprefix(PREFIX) for name in held)

    def walk(self, factory: str, collection: str) -> Iterator[Document]:
        """By the index of the keys, so many at a time."""
        chosen: Stored = {"factory": factory}
        while True:
            with _translated():
                page = self._collection(collection).find(chosen).sort("key", ASCENDING).limit(WALK_ROWS)
                found = [_document(one) for one in page.max_time_ms(ANSWER_MS)]
            if not found:
                return
            yield from found
            chosen = {"factory": factory, "key": {"$gt": found[-1].key}}

    def health(self) -> DocumentHealth:
        """Counts over all collections, from their metadata."""
        started = time.perf_counter()
        try:
            with _translated():
                version = str(self._client.server_info()["version"])
                took = round((time.perf_counter() - started) * 1000, 2)
                names = [n for n in self._database.list_collection_names() if n.startswith(PREFIX)]
                number = sum(self._database[name].estimated_document_count() for name in names)
                newest = [self._newest(name) for name in names]
        except StoreUnavailable as error:
            return DocumentHealth(False, "mongodb", problem=str(error))
        known = [one for one in newest if one is not None]
        return DocumentHealth(True, "mongodb", version, took, number, max(known, default=None))

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _newest(self, name: str) -> int | None:
        found = self._database[name].find_one(sort=[("at_us", DESCENDING)])
        return None if found is None else int(found["at_us"])

    def _collection(self, name: str) -> Collection[Stored]:
        check_name("collection", name)
        target = self._database[PREFIX + name]
        if name not in self._indexed:
            target.create_index([("factory", 1), ("key", 1)], unique=True)
            target.create_index([("factory", 1), ("at_us", DESCENDING)])
            target.create_index([("factory", 1), ("machine", 1), ("at_us", DESCENDING)])
            target.create_index([("at_us", DESCENDING)])
            self._indexed.add(name)
        return target


def database_name(url: str) -> str:
    """The database that the address names; ConfigurationError where it names none or cannot be read."""
    try:
        name = parse_uri(url)["database"]
    except PyMongoError as error:
        raise ConfigurationError(f"GEMBA_DOCUMENTS_URL: {error}") from error
    if not name:
        raise ConfigurationError("GEMBA_DOCUMENTS_URL: name the database after the last slash.")
    return str(name)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
        short = str(error).split(",", maxsplit=1)[0][:200]
        raise StoreUnavailable(f"the document store does not answer: {short}") from error


def _replacement(factory: str, one: Document) -> ReplaceOne[Stored]:
    stored = {
        "factory": factory,
        "key": one.key,
        "at_us": one.at_us,
        "machine": one.machine,
        "body": one.body,
    }
    return ReplaceOne({"factory": factory, "key": one.key}, stored, upsert=True)


def _filter(factory: str, search: Search) -> Stored:
    found: Stored = {"factory": factory}
    time_range = {
        **({"$gte": search.start_us} if search.start_us is not None else {}),
        **({"$lt": search.end_us} if search.end_us is not None else {}),
    }
    if time_range:
        found["at_us"] = time_range
    if search.machine is not None:
        found["machine"] = search.machine
    for name, value in search.where.items():
        check_name(f"where.{name}", name)
        found[f"body.{name}"] = {"$eq": value}
    return found


def _document(found: Stored) -> Document:
    return Document(found["key"], int(found["at_us"]), dict(found["body"]), found["machine"])
