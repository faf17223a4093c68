"""Telemetry in a narrow table of a relational database: one row a point."""

from data.telemetry.sql.backend import SqlBackend

__all__ = ["SqlBackend"]
