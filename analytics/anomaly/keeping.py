"""Detectors as bytes with a digest."""

from analytics.anomaly.detector import Detector
from analytics.kept import kept, restored


def to_bytes(detector: Detector) -> tuple[bytes, str]:
    """The detector as bytes, and their SHA-256 digest."""
    return kept(detector)


def from_bytes(blob: bytes, digest: str) -> Detector:
    """The detector that was kept; raises `UntrustedModel` for other bytes, types or kinds."""
    detector: Detector = restored(blob, digest, Detector)
    return detector
