"""Telemetry in InfluxDB, through the endpoints of its first version, which all versions serve."""

from data.telemetry.influx.backend import InfluxBackend

__all__ = ["InfluxBackend"]
