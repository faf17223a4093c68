"""Telemetry in a time-series collection of MongoDB."""

from data.telemetry.mongo.backend import MongoBackend

__all__ = ["MongoBackend"]
