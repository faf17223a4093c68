"""The store that needs no server: a SQLite log for what just came, Parquet files for the rest."""

from data.telemetry.embedded.store import EmbeddedStore
from data.telemetry.embedded.writing.retention import Retention

__all__ = ["EmbeddedStore", "Retention"]
