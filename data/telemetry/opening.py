"""Opening the store that the settings name."""

from pathlib import Path

from data.telemetry.protocol import TelemetryStore


def open_store(folder: Path, *, read_only: bool = False) -> TelemetryStore:
    """The embedded store in `folder`, for writing or only for reading.

    StoreUnavailable if another process writes it already: one process writes, all others open it read-only.
    """
    from data.telemetry.embedded import EmbeddedStore

    return EmbeddedStore.open(folder, read_only=read_only)
