"""Steel Factory: MySQL tables of machines and performance, MongoDB collections of scans and logs."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from analytics.errors import InvalidInput
from app.imports.layout.kinds import Kind
from app.imports.parsing.durations import UNITS
from app.sources.presets.preset import Option, Plan, Preset, Tables, first, mapping
from app.sources.streams import Stream
from data.sources.protocol import Connector

SYSTEM: Final = "Steel Factory"
UNDATED: Final = (
    "Performance_Data names no date. Each machine's records are laid one after another from the first day "
    "on, each as long as its operating time and downtime. Name the column, if there is one after all."
)
TIMELESS: Final = "Its alerts carry no time, so they are not read: they could be shown nowhere."
NO_MAIL: Final = "Its users have no mail address: invite them on the page Users & roles."
TIMES: Final = ("Timestamp", "DetectedAt", "RaisedAt", "CreatedAt", "Created_At", "AlertTime", "Date")
LOGS: Final = (
    ("Anomalies", "Anomaly_Detection", "AnomalyID", "steel_factory_anomaly_detection"),
    ("Blocks", "Blockchain_Log", "BlockID", "steel_factory_blockchain_log"),
)
"""Tables that become documents: what they are called, the table, its number and the collection."""
COUNT_OUT: Final = "There is no column of good units: all output counts as good."


def _tables(connector: Connector, answers: Mapping[str, str]) -> Plan:
    tables = Tables(connector)
    machine = tables.need("Machine", SYSTEM)
    known = tables.columns(machine)
    machines = {
        "device_key": first(known, "MachineID"),
        "name": first(known, "MachineName"),
        "type": first(known, "MachineType"),
        "location": first(known, "Location"),
    }
    streams = [
        Stream(
            "Machines",
            mapping(Kind.MACHINES, {name: text for name, text in machines.items() if text}),
            machine,
        )
    ]
    performance, notes = _performance(tables, answers)
    streams += performance
    zone = answers["zone"]
    raised = tables.find("Alerts")
    alerts = _alerts(tables.columns(raised), raised, zone) if raised else []
    if raised and not alerts:
        notes.append(TIMELESS)
    if tables.find("User", "Users"):
        notes.append(NO_MAIL)
    return Plan((*streams, *alerts, *_logs(tables, zone)), tuple(notes))


def _alerts(known: Mapping[str, str], table: str, zone: str) -> list[Stream]:
    """Its alerts as history, where the table says when they were; the message names the kind of alert."""
    columns = {
        "machine": first(known, "MachineID"), "raised": first(known, *TIMES),
        "name": first(known, "AlertType", "AlertMessage"), "message": first(known, "AlertMessage"),
        "severity": first(known, "Severity"),
    }  # fmt: skip
    if not columns["raised"] or not columns["name"]:
        return []
    given = {name: text for name, text in columns.items() if text}
    return [Stream("Alerts", mapping(Kind.ALERTS, given, zone=zone), table, order=first(known, "AlertID"))]


def _logs(tables: Tables, zone: str) -> list[Stream]:
    """Found anomalies and blocks, kept as documents; a table without a time is left."""
    streams = []
    for title, name, number, collection in LOGS:
        table = tables.find(name)
        known = tables.columns(table) if table else {}
        columns = {
            "key": first(known, number), "time": first(known, *TIMES), "machine": first(known, "MachineID"),
        }  # fmt: skip
        if not columns["time"]:
            continue
        given = {field: text for field, text in columns.items() if text}
        made = mapping(Kind.DOCUMENTS, given, constants={"collection": collection}, zone=zone)
        streams.append(Stream(title, made, table, order=columns["key"]))
    return streams


def _performance(tables: Tables, answers: Mapping[str, str]) -> tuple[list[Stream], list[str]]:
    table = tables.need("Performance_Data", SYSTEM)
    known = tables.columns(table)
    columns = {
        "machine": first(known, "MachineID"),
        "planned": first(known, "PlannedTime", "PlannedProductionTime"),
        "operating": first(known, "OperatingTime"),
        "downtime": first(known, "Downtime"),
        "output": first(known, "ActualOutput"),
        "good": first(known, "GoodUnits", "GoodOutput"),
        "operator": first(known, "Operator", "EnteredBy"),
        "shift": first(known, "Shift", "ShiftName"),
    }
    number = first(known, "PerformanceID")
    unit = UNITS.get(answers["time_unit"].lower(), "")
    if not unit:
        raise InvalidInput.at("time_unit", "The unit is s, min or h.")
    notes = []
    if not columns["good"]:
        notes.append(COUNT_OUT)
        columns["good"] = columns["output"]
    units = dict.fromkeys(("planned", "operating", "downtime"), unit)
    dated = _dated(known)
    query = (
        "" if dated.get("start") else _placed(table, columns, number, unit, answers, dated.get("date", ""))
    )
    if query:
        notes += [] if dated else [UNDATED]
        dated = {"start": "gemba_start", "end": "gemba_end"}
    columns = {name: text for name, text in {**columns, **dated}.items() if text}
    if query:
        columns.pop("shift", None)
    made = mapping(Kind.RECORDS, columns, units=units, zone=answers["zone"])
    stream = Stream("Shift records", made, "" if query else table, query, "" if query else number)
    return [stream], notes


def _dated(known: Mapping[str, str]) -> dict[str, str]:
    """The columns that tell when a record began and ended, or on which day it was."""
    start, end = first(known, "StartTime", "ShiftStart"), first(known, "EndTime", "ShiftEnd")
    if start and end:
        return {"start": start, "end": end}
    day = first(known, "RecordDate", "ProductionDate", "PerformanceDate", "Date", "Timestamp", "RecordedAt",
                "CreatedAt", "Created_At")  # fmt: skip
    return {"date": day} if day else {}


def _placed(
    table: str, columns: Mapping[str, str], number: str, unit: str, answers: Mapping[str, str], day: str
) -> str:
    """A query that gives each record a start and an end in the standard SQL that MySQL and SQLite share.

    Records follow one another within a machine and, where there is one, within a day.
    """
    seconds = {"s": 1, "min": 60, "h": 3600}[unit]
    total = " + ".join(f"COALESCE({columns[name]}, 0)" for name in ("operating", "downtime") if columns[name])
    total = columns["planned"] or total
    try:
        begin = date.fromisoformat(answers["first_day"])
    except ValueError as error:
        raise InvalidInput.at("first_day", "Write the day as 2026-03-04.") from error
    within = f"{columns['machine']}, DATE({day})" if day else columns["machine"]
    done = f"SUM({total}) OVER (PARTITION BY {within} ORDER BY {number})"
    origin = f"TIMESTAMP(DATE({day}))" if day else f"TIMESTAMP('{begin.isoformat()}')"
    added = "TIMESTAMPADD(SECOND, ROUND(({amount}) * " + str(seconds) + "), " + origin + ")"
    start, end = added.format(amount=f"{done} - ({total})"), added.format(amount=done)
    parts = ("SELECT p.*,", start, "AS gemba_start,", end, "AS gemba_end FROM", f"{table} AS p")
    return " ".join(parts)


def _collections(_connector: Connector, answers: Mapping[str, str]) -> Plan:
    zone = answers["zone"]
    streams = []
    for name, time in (
        ("anomaly_logs", "timestamp"),
        ("scan_sessions", "start_time"),
        ("audit_logs", "timestamp"),
    ):
        columns = {"key": "_id", "time": time}
        if name == "anomaly_logs":
            columns["machine"] = "machine_id"
        made = mapping(
            Kind.DOCUMENTS, columns, constants={"collection": f"steel_factory_{name}"}, zone=zone
        )  # fmt: skip
        streams.append(Stream(name.replace("_", " ").capitalize(), made, name, order="_id"))
    there = {item.name for item in _connector.items()}
    kept = tuple(stream for stream in streams if stream.item in there)
    if not kept:
        raise InvalidInput.at("preset", f"None of the collections of {SYSTEM} is in this database.")
    return Plan(kept)


_ZONE = Option("zone", "Time zone of its times", "Times without an offset are read in this zone.", "UTC")

TABLES: Final = Preset(
    "steel-factory",
    "Steel Factory (MySQL)",
    "Machines and performance records, which become shift records and OEE; anomalies, blocks and alerts.",
    "mysql://host:3306/steel_factory_db",
    (
        Option("time_unit", "Unit of its durations", "OperatingTime and Downtime: s, min or h.", "min"),
        Option("first_day", "First day", "Where its records begin if they carry no date.", "2026-01-01"),
        _ZONE,
    ),
    _tables,
)
COLLECTIONS: Final = Preset(
    "steel-factory-mongodb",
    "Steel Factory (MongoDB)",
    "Anomaly logs, scan sessions and audit logs: the page Documents shows them.",
    "mongodb://host:27017/steel_factory_nosql",
    (_ZONE,),
    _collections,
)
