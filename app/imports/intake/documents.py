"""Documents: rows whose columns are kept as they are, under a key and a time."""

from collections.abc import Iterator
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.imports.rows.wall import local
from data.documents.document import KEY_LENGTH, OWN, Document, check_name, content_key
from data.documents.protocol import Search

PAGE: Final = 5_000
Found = tuple[str, int, Document]
"""The collection, the row's position and the document."""


class Documents(Protocol):
    """How documents are made from rows."""

    def of(self, reading: Reading) -> Iterator[Found]:
        """The documents of the good rows; what is wrong is put on its row."""
        ...


class DocumentIntake:
    """Takes documents; a known key is replaced. They are stored after the transaction of their rows."""

    def __init__(self, job: Job, documents: Documents) -> None:
        self._job, self._documents = job, documents
        self._waiting: dict[str, dict[str, Document]] = {}
        self._repeated = 0

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`. Nothing is counted here: `settle` does, when the documents are stored."""
        shown: list[Document] = []
        for collection, place, document in self._documents.of(Reading(self._job, chunk, faults)):
            if len(document.key) > KEY_LENGTH:
                faults.one(place, "key", f"A key has at most {KEY_LENGTH} characters.")
                continue
            waiting = self._waiting.setdefault(collection, {})
            self._repeated += document.key in waiting
            waiting[document.key] = document
            shown.append(document)
        return Taken(preview=self._preview(shown[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Store what waits."""
        new = changed = 0
        unchanged, self._repeated = self._repeated, 0
        store, slug = self._job.access.gemba.documents, self._job.access.factory.slug
        for collection, waiting in self._waiting.items():
            known = self._stored(collection, waiting)
            fresh = [document for key, document in waiting.items() if known.get(key) != document]
            new += sum(1 for document in fresh if document.key not in known)
            changed += sum(1 for document in fresh if document.key in known)
            unchanged += len(waiting) - len(fresh)
            if self._job.load and fresh:
                store.put(slug, collection, fresh)
        self._waiting = {}
        return Taken(new, unchanged, changed)

    def _stored(self, collection: str, waiting: dict[str, Document]) -> dict[str, Document]:
        """Those of the waiting keys that the store has, found by the time that they carry."""
        times = [document.at_us for document in waiting.values()]
        store, slug = self._job.access.gemba.documents, self._job.access.factory.slug
        found: dict[str, Document] = {}
        offset = 0
        while True:
            search = Search(start_us=min(times), end_us=max(times) + 1, limit=PAGE, offset=offset)
            part = store.find(slug, collection, search)
            found.update({one.key: one for one in part if one.key in waiting})
            offset += len(part)
            if len(part) < PAGE:
                return found

    def _preview(self, documents: list[Document]) -> pd.DataFrame:
        times = np.array([one.at_us for one in documents], np.int64)
        return pd.DataFrame(
            {
                "Key": [one.key for one in documents],
                "Time": local(times, self._job.access.factory.zone),
                "Machine": [one.machine for one in documents],
                **{
                    name: [str(one.body.get(name, "")) for one in documents]
                    for name in dict.fromkeys(name for one in documents for name in one.body)
                },
            }
        )


class BareDocuments:
    """A document of each row: the columns that no field uses are its body."""

    def of(self, reading: Reading) -> Iterator[Found]:
        """See `Documents.of`."""
        collections = reading.needed("collection").to_pylist()
        _check_collections(reading, collections)
        at_us = reading.instant("time")
        keys, machines = reading.text("key").to_pylist(), reading.text("machine").to_pylist()
        used = {given.text for given in reading.mapping.columns.values()}
        bodies = body_columns(reading, [name for name in reading.chunk.header if name not in used])
        for place in np.flatnonzero(reading.faults.good).tolist():
            body = {name: values[place] for name, values in bodies.items() if values[place] is not None}
            key = keys[place] or content_key(str(at_us[place]), machines[place], repr(sorted(body.items())))
            document = Document(key, int(at_us[place]), body, machines[place][:KEY_LENGTH])
            yield collections[place], place, document


def _check_collections(reading: Reading, names: list[str]) -> None:
    for name in set(names) - {""}:
        try:
            check_name("collection", name)
            if name in OWN:
                raise InvalidInput.at("collection", f"Gemba keeps its own documents in {name}: name another.")
        except InvalidInput as error:
            mask = np.array([one == name for one in names], np.bool_)
            reading.faults.at(mask, "collection", str(error))


def body_columns(reading: Reading, names: list[str]) -> dict[str, list[Any]]:
    """Columns as values of a body: numbers where the column held numbers, None for an empty cell."""
    found: dict[str, list[Any]] = {}
    for name in names:
        cells = reading.chunk.column(name).to_pylist()
        if name in reading.chunk.numeric:
            found[name] = [_number(cell) for cell in cells]
        else:
            found[name] = [cell or None for cell in cells]
    return found


def _number(cell: str) -> int | float | str | None:
    if not cell:
        return None
    try:
        return int(cell)
    except ValueError:
        value = float(cell)
        return value if np.isfinite(value) else cell
