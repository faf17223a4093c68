"""The store that needs no server: a SQLite log for what just came, Parquet files for the rest."""

from data.telemetry.embedded.retention import Retention
from data.telemetry.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore", "Retention"]
