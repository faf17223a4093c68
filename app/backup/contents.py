"""What a backup holds, and what its first entry says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import InvalidInput
from app.settings import Settings

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
RELATIONAL: Final = "relational/"
EMBEDDED: Final = "telemetry/"
POINTS: Final = "points/"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`telemetry` is embedded or points; `left_out` names what the backup does not hold."""

    format: int
    revision: str
    made_at: str
    factories: tuple[str, ...]
    telemetry: str
    rows: dict[str, int]
    left_out: tuple[str, ...]

    @classmethod
    def read(cls, raw: bytes) -> "Manifest":
        """The manifest of a file. InvalidInput for one of another format."""
        try:
            said = orjson.loads(raw)
            several = {name: tuple(said[name]) for name in ("factories", "left_out")}
            found = cls(**{**said, **several})
        except (orjson.JSONDecodeError, TypeError, KeyError) as error:
            raise InvalidInput.at("file", "This is no backup of Gemba.") from error
        if found.format != FORMAT:
            raise InvalidInput.at("file", "This backup is of a newer version of Gemba.")
        return found


def folders(settings: Settings) -> dict[str, Path]:
    """The folders of files that go with it, by their place in the backup."""
    found = {
        "keys/": settings.home / "keys",
        "audit/": settings.audit_folder,
        "sources/": settings.sources_folder,
    }
    if not settings.reports_url:
        found["reports/"] = settings.home / "reports"
    return found
