"""Collections of MongoDB, read with find and nothing else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError
from pymongo.read_preferences import ReadPreference

from analytics.errors import InvalidInput, StoreUnavailable
from data.sources.addresses import Address
from data.sources.cells import flat, page
from data.sources.marks import mark_of, value_of
from data.sources.protocol import About, Column, Extract, Item, Page

CONNECT_MS: Final = 5_000
SAMPLE: Final = 200
OWN: Final = frozenset({"admin", "config", "local"})
Document = dict[str, Any]


class MongoConnector:
    """One database or, where the address names none, all databases of a server: `database.collection`."""

    def __init__(self, address: Address, timeout_s: int) -> None:
        """Nothing is asked of the server yet."""
        self._database = address.database.partition(".")[0]
        try:
            self._client: MongoClient[Document] = MongoClient(
                address.spelled(),
                username=address.user or None,
                password=address.password or None,
                serverSelectionTimeoutMS=CONNECT_MS,
                connectTimeoutMS=CONNECT_MS,
                socketTimeoutMS=timeout_s * 1000,
                tz_aware=True,
                read_preference=ReadPreference.SECONDARY_PREFERRED,
            )
        except PyMongoError as error:
            raise InvalidInput.at("address", f"This is no address of MongoDB: {error}") from error
        self._timeout_ms = timeout_s * 1000

    def about(self) -> About:
        """See `Connector.about`."""
        began = time.perf_counter()
        with self._asking():
            version = str(self._client.server_info()["version"])
        return About("MongoDB", version, (time.perf_counter() - began) * 1000)

    def items(self) -> list[Item]:
        """See `Connector.items`."""
        found = []
        with self._asking():
            names = [self._database] if self._database else self._client.list_database_names()
            for database in names:
                if database in OWN:
                    continue
                before = "" if self._database else f"{database}."
                found += [
                    Item(f"{before}{name}", "collection")
                    for name in self._client[database].list_collection_names()
                    if not name.startswith("system.")
                ]
        return sorted(found, key=lambda item: item.name)

    def columns(self, extract: Extract) -> list[Column]:
        """See `Connector.columns`; the fields of the newest 200 documents."""
        types: dict[str, set[str]] = {}
        with self._asking():
            for document in self._collection(extract).find().sort("_id", -1).limit(SAMPLE):
                for name, value in flat(document).items():
                    if value is not None:
                        types.setdefault(name, set()).add(type(value).__name__.lower())
        return [Column(name, ", ".join(sorted(found))) for name, found in types.items()]

    def pages(self, extract: Extract, rows: int) -> Iterator[Page]:
        """See `Connector.pages`; a page has the fields that its own documents have."""
        mark = ""
        with self._asking():
            found = self._collection(extract).find(_where(extract), batch_size=min(rows, 5_000))
            found = found.limit(extract.most)
            if extract.order:
                found = found.sort(extract.order, 1).allow_disk_use(True)
            try:
                while part := [flat(document) for document in islice(found, rows)]:
                    header = list(dict.fromkeys(name for document in part for name in document))
                    columns = [[document.get(name) for document in part] for name in header]
                    last = part[-1].get(extract.order) if extract.order else None
                    mark = mark if last is None else mark_of(last)
                    yield page(header, columns, mark)
            finally:
                found.close()

    def last_mark(self, extract: Extract) -> str:
        """See `Connector.last_mark`."""
        if not extract.order:
            return ""
        with self._asking():
            last = self._collection(extract).find_one(
                sort=[(extract.order, -1)], max_time_ms=self._timeout_ms
            )
        value = flat(last).get(extract.order) if last else None
        return "" if value is None else mark_of(value)

    def _collection(self, extract: Extract) -> Collection[Document]:
        if extract.query:
            raise InvalidInput.at("query", "A query is for relational sources; name a collection.")
        database, name = self._database, extract.item
        if not database:
            database, _, name = extract.item.partition(".")
        if not database or not name:
            raise InvalidInput.at("item", "Name it as database.collection.")
        return self._client[database][name]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except PyMongoError as error:
            raise StoreUnavailable(f"the source does not answer as asked: {str(error)[:300]}") from error

    def close(self) -> None:
        """See `Connector.close`."""
        self._client.close()


def _where(extract: Extract) -> Document:
    """The filter; a number in a text means the text or the number, since documents know types."""
    conditions: list[Document] = [{name: {"$in": _meanings(text)}} for name, text in extract.where]
    if extract.order and extract.after:
        later = {extract.order: {"$gte": value_of(extract.after)}}
        conditions.append({"$or": [later, {extract.order: None}]})
    return {"$and": conditions} if conditions else {}


def _meanings(text: str) -> list[Any]:
    try:
        return [text, float(text)]
    except ValueError:
        return [text]
