"""Writing a backup while everything runs: one moment of the tables, nothing later in the log's evidence."""

import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import Conflict, NotFound, StoreUnavailable
from app.auth.sessions import service
from app.backup.contents import (
    DOCUMENTS,
    EMBEDDED,
    EVIDENCE,
    FORMAT,
    IN_ROWS,
    MANIFEST,
    OWN,
    POINTS,
    RELATIONAL,
    REPORTS,
    Manifest,
    folders,
    reports,
)
from app.bootstrap import Access, Gemba
from data.files.store import PART
from data.queries.plant import factory_slugs
from data.relational import copying
from data.telemetry.copying import keep_waiting, points, refused_points, stage, waiting_points

ACTOR: Final = "command line"
TURN_S: Final = 30.0
LOCK: Final = "signing.lock"


def write(gemba: Gemba, path: Path) -> Manifest:
    """Write the whole installation into a file that only its owner reads; returns what is in it.

    The order makes it consistent: the evidence of the logs first, then one moment of all tables, then what
    they name (files, documents, telemetry), which may be newer but never older than what the tables say was
    taken. Conflict where the file is there. It is audited in every factory.
    """
    if path.exists():
        raise Conflict(f"{path} is there already: a backup is never written over another file.")
    slugs = _audited(gemba)
    part = path.with_name(path.name + ".part")
    rows: dict[str, int] = {}
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        packed = zipfile.ZIP_DEFLATED
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", packed) as archive:
            _evidence(gemba, archive)
            copying.dump(gemba.database.engine, partial(_table, archive, rows))
            _files(gemba, archive)
            documents = _documents(gemba, archive, slugs)
            kind = _telemetry(gemba, archive, slugs)
            revision, now = copying.revision(gemba.database.engine), gemba.clock().isoformat()
            left = _left_out(gemba, slugs)
            made = Manifest(FORMAT, revision, now, tuple(slugs), kind, rows, left, documents)
            archive.writestr(MANIFEST, orjson.dumps(asdict(made), option=orjson.OPT_INDENT_2))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _audited(gemba: Gemba) -> list[str]:
    with gemba.database.read(None) as session:
        slugs = factory_slugs(session)
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is not None:
            access = Access(gemba, principal)
            with access.write() as session:
                access.audit(session, "backup.write", ("factory", slug))
    return slugs


def _evidence(gemba: Gemba, archive: zipfile.ZipFile) -> None:
    """Keys and evidence while nobody signs."""
    until = time.monotonic() + TURN_S
    known = folders(gemba.settings)
    while True:
        with gemba.outside.turn() as is_ours:
            if is_ours:
                for place in EVIDENCE:
                    _folder(archive, place, known[place])
                return
        if time.monotonic() > until:
            raise StoreUnavailable("The audit log is being signed all the time: try again.")
        time.sleep(0.1)


def _files(gemba: Gemba, archive: zipfile.ZipFile) -> None:
    """What the tables name: files of sources, models and reports."""
    for place, folder in folders(gemba.settings).items():
        if place not in (*EVIDENCE, REPORTS):
            _folder(archive, place, folder)
    shelf = reports(gemba.settings)
    for path in shelf.paths():
        # A report whose days are over may go meanwhile.
        with suppress(NotFound):
            archive.writestr(REPORTS + path, shelf.read(path))


def _folder(archive: zipfile.ZipFile, place: str, folder: Path, *, is_packed: bool = True) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and path.name != LOCK and path.suffix != PART:
            form = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            # The file of a model that nobody will use again may go meanwhile.
            with suppress(FileNotFoundError):
                archive.write(path, place + path.relative_to(folder).as_posix(), form)


def _table(archive: zipfile.ZipFile, rows: dict[str, int], name: str, lines: Iterator[bytes]) -> None:
    rows[name] = 0
    with archive.open(f"{RELATIONAL}{name}.jsonl", "w", force_zip64=True) as file:
        for line in lines:
            file.write(line)
            rows[name] += 1


def _documents(gemba: Gemba, archive: zipfile.ZipFile, slugs: list[str]) -> str:
    """Those of a server; others are rows of a table."""
    if not gemba.settings.documents_url:
        return IN_ROWS
    for slug in slugs:
        for name in gemba.documents.collections(slug):
            with archive.open(f"{DOCUMENTS}{slug}/{name}.jsonl", "w", force_zip64=True) as file:
                for one in gemba.documents.walk(slug, name):
                    file.write(orjson.dumps([one.key, one.at_us, one.machine, one.body]) + b"\n")
    return "store"


def _telemetry(gemba: Gemba, archive: zipfile.ZipFile, slugs: list[str]) -> str:
    home = gemba.settings.home
    with tempfile.TemporaryDirectory(dir=home, prefix="backup-") as name:
        folder = Path(name)
        if not gemba.settings.telemetry_url:
            stage(home / "telemetry", folder)
            _folder(archive, EMBEDDED, folder, is_packed=False)
            return "embedded"
        # What waits now may be in the store when that is read; kept before, it is missed by neither.
        keep_waiting(home, folder)
        for slug in slugs:
            for path, lines in points(gemba.telemetry, slug):
                archive.writestr(POINTS + path, lines)
        for path, lines in waiting_points(folder):
            archive.writestr(POINTS + path, lines)
    return "points"


def _left_out(gemba: Gemba, slugs: list[str]) -> tuple[str, ...]:
    found = ["the settings (environment and gemba.toml)"]
    if any((gemba.settings.home / OWN).glob("*")):
        found.append("the plant's own kinds of jobs (the folder own)")
    if gemba.settings.telemetry_url and any(refused_points(gemba.settings.home, slug) for slug in slugs):
        found.append("the points that the telemetry store has refused")
    return tuple(found)
