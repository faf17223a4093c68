"""What the engines on a server share: one store over a narrow backend."""

from data.telemetry.remote.backend import CLOSED, OPEN, ROLLED, WINDOW_US, Backend, Series
from data.telemetry.remote.store import RemoteStore

__all__ = ["CLOSED", "OPEN", "ROLLED", "WINDOW_US", "Backend", "RemoteStore", "Series"]
