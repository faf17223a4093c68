"""What a restore brings to stores on servers: points, documents, reports; taken back if it fails."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

import orjson

from analytics.errors import StoreUnavailable
from app.backup.contents import DOCUMENTS, POINTS, REPORTS, Manifest, reports
from app.backup.staging import State
from app.settings import Settings
from data.documents import Document, DocumentStore, open_documents
from data.relational.scope import Database
from data.telemetry import TelemetryStore, open_store
from data.telemetry.copying import put_back

T = TypeVar("T")
AT_ONCE: Final = 500
EVER_US: Final = 2**62


class Servers:
    """The stores of the settings that are not in the state folder."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing is asked yet."""
        self._settings = settings
        self._database = database

    def before(self, backup: str, manifest: Manifest) -> State:
        """What is there already: that is not taken back."""
        points: tuple[str, ...] = ()
        documents: tuple[str, ...] = ()
        if self._settings.telemetry_url:
            with self._points() as store:
                points = tuple(slug for slug in manifest.factories if store.parameters(slug).empty)
        if self._settings.documents_url:
            with self._documents() as kept:
                documents = tuple(slug for slug in manifest.factories if not kept.collections(slug))
        files = tuple(reports(self._settings).paths()) if self._settings.reports_url else ()
        return State(backup, "", points, documents, files)

    def fill(self, archive: zipfile.ZipFile) -> None:
        """Put everything that is for a server; doing it again changes nothing."""
        if self._settings.telemetry_url:
            with self._points() as store:
                fill_points(store, archive)
        if self._settings.documents_url:
            with self._documents() as kept:
                fill_documents(kept, archive)
        if self._settings.reports_url:
            files = reports(self._settings)
            for name in archive.namelist():
                if name.startswith(REPORTS):
                    files.put(name.removeprefix(REPORTS), archive.read(name))

    def take_back(self, archive: zipfile.ZipFile, before: State) -> None:
        """Leave the servers as they were; what a server that is away keeps is written over the next time."""
        if self._settings.telemetry_url:
            with suppress(StoreUnavailable), self._points() as store:
                for slug in before.without_points:
                    for machine in store.parameters(slug)["machine"].unique():
                        store.delete(slug, str(machine))
        if self._settings.documents_url:
            with suppress(StoreUnavailable), self._documents() as kept:
                for slug in before.without_documents:
                    for collection in kept.collections(slug):
                        kept.expire(slug, collection, EVER_US)
        if self._settings.reports_url:
            with suppress(StoreUnavailable):
                files = reports(self._settings)
                for path in {
                    one.removeprefix(REPORTS) for one in archive.namelist() if one.startswith(REPORTS)
                }:
                    if path not in before.reports_before:
                        files.remove(path)

    def move_documents(self, manifest: Manifest) -> None:
        """Documents that came as rows of a table into the store of documents on a server."""
        with self._documents() as kept:
            rows = open_documents("", self._database)
            for slug in manifest.factories:
                for collection in rows.collections(slug):
                    for some in _batches(rows.walk(slug, collection)):
                        kept.put(slug, collection, some)

    @contextmanager
    def _points(self) -> Iterator[TelemetryStore]:
        store = open_store(self._settings.home, self._settings.telemetry_url, read_only=True)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _documents(self) -> Iterator[DocumentStore]:
        kept = open_documents(self._settings.documents_url, self._database)
        try:
            yield kept
        finally:
            kept.close()


def fill_points(store: TelemetryStore, archive: zipfile.ZipFile) -> None:
    """The points in the order of the backup: of two with one time the later one counts."""
    for name in archive.namelist():
        if name.startswith(POINTS):
            put_back(store, PurePosixPath(name).parts[1], archive.read(name))


def fill_documents(kept: DocumentStore, archive: zipfile.ZipFile) -> None:
    """The documents that came from a server."""
    for name in archive.namelist():
        if name.startswith(DOCUMENTS):
            path = PurePosixPath(name)
            with archive.open(name) as lines:
                for some in _batches(lines):
                    kept.put(path.parts[1], path.stem, [_document(line) for line in some])


def _document(line: bytes) -> Document:
    key, at_us, machine, body = orjson.loads(line)
    return Document(key, at_us, body, machine)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    walk = iter(items)
    while some := list(islice(walk, AT_ONCE)):
        yield some


def embedded(folder: Path) -> TelemetryStore:
    """The embedded store that is filled in a folder."""
    from data.telemetry.embedded import EmbeddedStore

    return EmbeddedStore.open(folder)
