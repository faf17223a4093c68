"""Fitted models as files named by their digest; the digest stands in the registry, not beside the file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.errors import NotFound
from app.bootstrap import Access

if TYPE_CHECKING:
    from analytics.anomaly import Detector

FOLDER = "models"


def keep_model(access: Access, model: Any) -> str:
    """Write the model as a skops file; the digest by which it is found and checked again."""
    from analytics.kept import kept

    blob, digest = kept(model)
    path = _path(access, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(blob)
    part.replace(path)
    return digest


def kept_model(access: Access, digest: str) -> Any:
    """The failure model of a digest. NotFound where its file is gone; UntrustedModel where it is another."""
    from analytics.failure import from_bytes

    return from_bytes(_bytes(access, digest), digest)


def kept_detector(access: Access, digest: str) -> "Detector":
    """The same for an anomaly detector."""
    from analytics.anomaly import from_bytes

    return from_bytes(_bytes(access, digest), digest)


def _bytes(access: Access, digest: str) -> bytes:
    path = _path(access, digest)
    if not path.is_file():
        raise NotFound("The file of this model is not here: fit it anew.")
    return path.read_bytes()


def remove_file(access: Access, digest: str) -> None:
    """Delete the file of a digest, if it is here."""
    _path(access, digest).unlink(missing_ok=True)


def _path(access: Access, digest: str) -> Path:
    return access.gemba.settings.home / FOLDER / access.factory.slug / f"{digest}.skops"
