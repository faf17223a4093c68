"""What a backup holds, and what its first entry says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import InvalidInput
from app.predict.model_files import FOLDER as MODELS
from app.settings import Settings
from data.files import FileStore

MANIFEST: Final = "manifest.json"
FORMAT: Final = 2
OLDEST: Final = 1
"""Backups of this format are read too: they have no documents, models or waiting points of their own."""
RELATIONAL: Final = "relational/"
EMBEDDED: Final = "telemetry/"
POINTS: Final = "points/"
DOCUMENTS: Final = "documents/"
REPORTS: Final = "reports/"
IN_ROWS: Final = "rows"
OWN: Final = "own"
EVIDENCE: Final = ("keys/", "audit/")
"""What is copied before the tables, which may say more than it but never less."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`telemetry` is embedded or points, `documents` rows (of a table) or store (of a server).

    `left_out` names what the backup does not hold.
    """

    format: int
    revision: str
    made_at: str
    factories: tuple[str, ...]
    telemetry: str
    rows: dict[str, int]
    left_out: tuple[str, ...]
    documents: str = IN_ROWS

    @classmethod
    def read(cls, raw: bytes) -> "Manifest":
        """The manifest of a file. InvalidInput for one of another format."""
        try:
            said = orjson.loads(raw)
            several = {name: tuple(said[name]) for name in ("factories", "left_out")}
            found = cls(**{**said, **several})
        except (orjson.JSONDecodeError, TypeError, KeyError) as error:
            raise InvalidInput.at("file", "This is no backup of Gemba.") from error
        if not OLDEST <= found.format <= FORMAT:
            raise InvalidInput.at("file", "This backup is of a newer version of Gemba.")
        return found


def folders(settings: Settings) -> dict[str, Path]:
    """The folders of files that go with it, by their place in the backup."""
    found = {
        "keys/": settings.home / "keys",
        "audit/": settings.audit_folder,
        "sources/": settings.sources_folder,
        "models/": settings.home / MODELS,
    }
    if not settings.reports_url:
        found[REPORTS] = settings.home / "reports"
    return found


def reports(settings: Settings) -> FileStore:
    """The store of the reports' files."""
    return FileStore(settings.reports_folder, settings.reports_options)
