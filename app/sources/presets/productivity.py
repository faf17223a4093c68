"""Productivity: workstations and camera events in a SQLite file."""

from collections.abc import Mapping
from typing import Final

from app.imports.layout.kinds import Kind
from app.sources.presets.preset import Option, Plan, Preset, Tables, mapping
from app.sources.streams import Stream
from data.sources.protocol import Connector

SYSTEM: Final = "Productivity"


def _build(connector: Connector, answers: Mapping[str, str]) -> Plan:
    tables = Tables(connector)
    stations, events = tables.need("workstations", SYSTEM), tables.need("events", SYSTEM)
    people = tables.need("workers", SYSTEM)
    return Plan(
        (
            Stream("Workers", mapping(Kind.WORKERS, {"worker": "worker_id", "name": "name"}), people),
            Stream(
                "Workstations",
                mapping(Kind.MACHINES, {"device_key": "station_id", "name": "name", "type": "type"}),
                stations,
            ),
            Stream(
                "Events",
                mapping(
                    Kind.ACTIVITY,
                    {
                        "event_id": "event_id",
                        "time": "timestamp",
                        "worker": "worker_id",
                        "workstation": "station_id",
                        "event_type": "event_type",
                        "confidence": "confidence",
                        "count": "count",
                    },
                    zone=answers["zone"],
                ),
                events,
                order="timestamp",
            ),
        )
    )


PRESET: Final = Preset(
    "productivity",
    "Productivity (SQLite)",
    "Workers under pseudonyms, workstations as machines, camera events as activity.",
    "sqlite:///productivity.db",
    (Option("zone", "Time zone of its times", "Times without an offset are read in this zone.", "UTC"),),
    _build,
)
