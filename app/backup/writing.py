"""Writing a backup while everything runs: one moment of the tables, nothing later in the log's evidence."""

import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import Conflict, StoreUnavailable
from app.auth.sessions import service
from app.backup.contents import EMBEDDED, FORMAT, MANIFEST, POINTS, RELATIONAL, Manifest, folders
from app.bootstrap import Access, Gemba
from data.queries.plant import factory_slugs
from data.relational import copying
from data.telemetry.copying import points, stage

ACTOR: Final = "command line"
TURN_S: Final = 30.0
LOCK: Final = "signing.lock"


def write(gemba: Gemba, path: Path) -> Manifest:
    """Write the whole installation into a file that only its owner reads; returns what is in it.

    The order makes it consistent: the evidence of the logs first, then one moment of all tables, then the
    telemetry, which may be newer but never older than what the tables say was taken. Conflict where the file
    is there. It is audited in every factory.
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
            _files(gemba, archive)
            copying.dump(gemba.database.engine, partial(_table, archive, rows))
            kind = _telemetry(gemba, archive, slugs)
            revision, now = copying.revision(gemba.database.engine), gemba.clock().isoformat()
            made = Manifest(FORMAT, revision, now, tuple(slugs), kind, rows, _left_out(gemba))
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


def _files(gemba: Gemba, archive: zipfile.ZipFile) -> None:
    """Keys and evidence while nobody signs; then the other folders."""
    until = time.monotonic() + TURN_S
    while True:
        with gemba.outside.turn() as is_ours:
            if is_ours:
                for place, folder in folders(gemba.settings).items():
                    _folder(archive, place, folder)
                return
        if time.monotonic() > until:
            raise StoreUnavailable("The audit log is being signed all the time: try again.")
        time.sleep(0.1)


def _folder(archive: zipfile.ZipFile, place: str, folder: Path, *, is_packed: bool = True) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and path.name != LOCK:
            form = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            archive.write(path, place + path.relative_to(folder).as_posix(), form)


def _table(archive: zipfile.ZipFile, rows: dict[str, int], name: str, lines: Iterator[bytes]) -> None:
    rows[name] = 0
    with archive.open(f"{RELATIONAL}{name}.jsonl", "w", force_zip64=True) as file:
        for line in lines:
            file.write(line)
            rows[name] += 1


def _telemetry(gemba: Gemba, archive: zipfile.ZipFile, slugs: list[str]) -> str:
    if gemba.settings.telemetry_url:
        for slug in slugs:
            for name, lines in points(gemba.telemetry, slug):
                archive.writestr(POINTS + name, lines)
        return "points"
    with tempfile.TemporaryDirectory(dir=gemba.settings.home, prefix="backup-") as folder:
        stage(gemba.settings.home / "telemetry", Path(folder))
        _folder(archive, EMBEDDED, Path(folder), is_packed=False)
    return "embedded"


def _left_out(gemba: Gemba) -> tuple[str, ...]:
    settings = gemba.settings
    found = ["the settings (environment and gemba.toml)"]
    if settings.documents_url:
        found.append("the documents in MongoDB (use mongodump)")
    if settings.reports_url:
        found.append("the files of reports in GEMBA_REPORTS_URL")
    return tuple(found)
