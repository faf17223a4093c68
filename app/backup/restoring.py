"""Putting a backup back into an empty place: all of it, or a clear reason why not."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from analytics.errors import Conflict, InvalidInput
from app.auth.sessions import service
from app.backup.contents import EMBEDDED, MANIFEST, POINTS, RELATIONAL, Manifest, folders
from app.bootstrap import Access, wire
from app.settings import Settings
from data.relational import copying
from data.relational.engine import open_engine
from data.relational.migrate import upgrade
from data.telemetry.copying import put_back
from data.telemetry.opening import open_store

ACTOR: Final = "command line"


def restore(settings: Settings, path: Path) -> Manifest:
    """Fill the empty stores of the settings from a file; returns what was in it.

    InvalidInput for a file that is no whole backup; Conflict where something is there already, or where the
    backup is of another version of the schema. It is audited in every factory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            if damaged is not None or MANIFEST not in archive.namelist():
                raise InvalidInput.at("file", "This is no whole backup of Gemba.")
            manifest = Manifest.read(archive.read(MANIFEST))
            _refuse_wrong_paths(archive)
            _refuse_wrong_place(settings, manifest)
            _rows(settings, archive, manifest)
            _files(settings, archive)
            _telemetry(settings, archive, manifest)
    except (OSError, zipfile.BadZipFile) as error:
        raise InvalidInput.at("file", f"{path} cannot be read: {error}.") from error
    _audited(settings, manifest)
    return manifest


def _refuse_wrong_paths(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise InvalidInput.at("file", f"The backup names a path outside its folder: {name}.")


def _refuse_wrong_place(settings: Settings, manifest: Manifest) -> None:
    """Nothing that is there may be mixed with what comes."""
    taken = [folder for folder in folders(settings).values() if folder.is_dir() and any(folder.iterdir())]
    telemetry = settings.home / "telemetry"
    if not settings.telemetry_url and telemetry.is_dir() and any(telemetry.iterdir()):
        taken.append(telemetry)
    if taken:
        raise Conflict(f"{taken[0]} is not empty: a backup is restored into an empty place.")
    if manifest.telemetry == "embedded" and settings.telemetry_url:
        raise Conflict(
            "The backup has the files of the embedded telemetry store: leave GEMBA_TELEMETRY_URL empty."
        )


def _rows(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.relational_url)
    try:
        upgrade(engine)
        if copying.revision(engine) != manifest.revision:
            raise Conflict(
                f"The backup is of schema {manifest.revision}, this version has {copying.revision(engine)}: "
                "restore it with the version that wrote it, then upgrade."
            )
        found = copying.load(engine, lambda name: _lines(archive, name))
    finally:
        engine.dispose()
    if found != manifest.rows:
        raise InvalidInput.at("file", "The backup does not have the rows that it says.")


def _lines(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    with archive.open(f"{RELATIONAL}{table}.jsonl") as file:
        yield from file


def _files(settings: Settings, archive: zipfile.ZipFile) -> None:
    for place, folder in folders(settings).items():
        _unpacked(archive, place, folder)


def _unpacked(archive: zipfile.ZipFile, place: str, folder: Path) -> None:
    """The files of one place, readable by their owner only."""
    for name in archive.namelist():
        if not name.startswith(place):
            continue
        target = folder / PurePosixPath(name.removeprefix(place))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600)
        target.write_bytes(archive.read(name))


def _telemetry(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    if manifest.telemetry == "embedded":
        _unpacked(archive, EMBEDDED, settings.home / "telemetry")
        return
    store = open_store(settings.home, settings.telemetry_url)
    try:
        for name in archive.namelist():
            if name.startswith(POINTS):
                put_back(store, PurePosixPath(name).parts[1], archive.read(name))
    finally:
        store.close()


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
