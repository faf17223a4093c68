"""Putting a backup back into an empty place: all of it, or nothing and a clear reason why not."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from sqlalchemy import Engine

from analytics.errors import Conflict, InvalidInput, StoreUnavailable
from app.auth.sessions import service
from app.backup.contents import EMBEDDED, IN_ROWS, MANIFEST, RELATIONAL, Manifest, folders
from app.backup.servers import Servers, embedded, fill_documents, fill_points
from app.backup.staging import STAGED, Mark, Staging, State
from app.bootstrap import Access, wire
from app.settings import Settings
from data.documents import open_documents
from data.relational import copying
from data.relational.engine import open_engine
from data.relational.migrate import upgrade
from data.relational.scope import Database

ACTOR: Final = "command line"
LEFT_OUT_BEFORE: Final = "the documents in MongoDB (use mongodump)"
"""What backups of the first format say where documents are on a server."""


def restore(settings: Settings, path: Path) -> Manifest:
    """Fill the empty stores of the settings from a file; returns what was in it.

    Files are gathered beside their places and points and documents put on servers first; the rows are
    committed when all of that is there, and then the files are renamed into their places. A restore that
    fails before leaves the place as empty as it was; after a crash the same restore is run again, and goes on
    where it was. InvalidInput for a file that is no whole backup; Conflict where something is there already,
    or where the backup is of another version of the schema. It is audited in every factory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            if damaged is not None or MANIFEST not in archive.namelist():
                raise InvalidInput.at("file", "This is no whole backup of Gemba.")
            manifest = Manifest.read(archive.read(MANIFEST))
            _refuse_wrong_paths(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise InvalidInput.at("file", f"{path} cannot be read: {error}.") from error
    with zipfile.ZipFile(path) as archive:
        try:
            _Restoring(settings, archive, manifest).run()
        except OSError as error:
            raise StoreUnavailable(f"The backup could not be put back: {error}. Run it again.") from error
    return manifest


def _refuse_wrong_paths(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise InvalidInput.at("file", f"The backup names a path outside its folder: {name}.")


class _Restoring:
    """One backup on its way back."""

    def __init__(self, settings: Settings, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._settings = settings
        self._archive = archive
        self._manifest = manifest
        self._mark = Mark(settings.home, archive.read(MANIFEST))
        places = folders(settings)
        if not settings.telemetry_url:
            places[EMBEDDED] = settings.home / "telemetry"
        self._staging = Staging(places)

    def run(self) -> None:
        """Bring everything, or what is missing after a crash."""
        state = self._mark.read()
        if state is None:
            self._staging.refuse_taken()
        if self._manifest.telemetry == "embedded" and self._settings.telemetry_url:
            raise Conflict(
                "The backup has the files of the embedded telemetry store: leave GEMBA_TELEMETRY_URL empty."
            )
        self._settings.home.mkdir(parents=True, exist_ok=True)
        engine = open_engine(self._settings.relational_url)
        try:
            self._schema(engine)
            is_filled = copying.is_filled(engine)
            if is_filled and (state is None or state.step != STAGED):
                raise Conflict("This store has factories already: a backup is restored into an empty one.")
            if not is_filled:
                self._bring(engine, state)
            self._staging.place()
            self._late_documents(engine)
        finally:
            engine.dispose()
        _audited(self._settings, self._manifest)
        self._mark.remove()

    def _schema(self, engine: Engine) -> None:
        upgrade(engine)
        if copying.revision(engine) != self._manifest.revision:
            raise Conflict(
                f"The backup is of schema {self._manifest.revision}, this version has "
                f"{copying.revision(engine)}: restore it with the version that wrote it, then upgrade."
            )

    def _bring(self, engine: Engine, left: State | None) -> None:
        """Everything but the last step; what was brought is taken back where it cannot be finished."""
        self._staging.clear()
        servers = Servers(self._settings, Database(engine))
        before = left or servers.before(self._mark.backup, self._manifest)
        self._mark.write(before)
        try:
            self._files()
            servers.fill(self._archive)
            self._mark.write(replace(before, step=STAGED))
            copying.load(engine, self._lines, self._manifest.rows)
        except BaseException:
            self._staging.clear()
            servers.take_back(self._archive, before)
            self._mark.remove()
            raise

    def _files(self) -> None:
        for place in self._staging.places:
            self._unpacked(place)
        if EMBEDDED in self._staging.places and self._manifest.telemetry != "embedded":
            with closing(embedded(self._staging.folder(EMBEDDED))) as store:
                fill_points(store, self._archive)

    def _unpacked(self, place: str) -> None:
        """The files of one place, readable by their owner only."""
        for name in self._archive.namelist():
            if name.startswith(place) and not name.endswith("/"):
                target = self._staging.folder(place) / PurePosixPath(name.removeprefix(place))
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                target.touch(mode=0o600)
                with self._archive.open(name) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file)

    def _lines(self, table: str) -> Iterator[bytes]:
        name = f"{RELATIONAL}{table}.jsonl"
        if name not in self._archive.NameToInfo:
            raise InvalidInput.at("file", f"The backup lacks the table {table}.")
        with self._archive.open(name) as file:
            yield from file

    def _late_documents(self, engine: Engine) -> None:
        """Documents from a server into the table, or from the table to a server: they need the factories."""
        database, were_rows = Database(engine), self._manifest.documents == IN_ROWS
        is_kept_apart = LEFT_OUT_BEFORE in self._manifest.left_out
        if not were_rows and not self._settings.documents_url:
            fill_documents(open_documents("", database), self._archive)
        elif were_rows and self._settings.documents_url and not is_kept_apart:
            Servers(self._settings, database).move_documents(self._manifest)


def _audited(settings: Settings, manifest: Manifest) -> None:
    gemba = wire(settings, telemetry_read_only=True)
    try:
        for slug in manifest.factories:
            principal = service(gemba.database, slug, ACTOR)
            if principal is not None:
                access = Access(gemba, principal)
                with access.write() as session:
                    after = {"made_at": manifest.made_at}
                    access.audit(session, "backup.restore", ("factory", slug), after=after)
    finally:
        gemba.close()
