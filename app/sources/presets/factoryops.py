"""FactoryOps: devices, parameters and users in MySQL, telemetry in InfluxDB."""

from collections.abc import Mapping
from typing import Final

from analytics.errors import InvalidInput
from app.imports.layout.kinds import Kind
from app.sources.presets.preset import Option, Plan, Preset, Tables, mapping
from app.sources.streams import Stream
from data.sources.protocol import Connector

SYSTEM: Final = "FactoryOps"
MEASUREMENT: Final = "telemetry"


def _tables(connector: Connector, answers: Mapping[str, str]) -> Plan:
    tables = Tables(connector)
    for name in ("factories", "devices", "device_parameters", "users"):
        tables.need(name, SYSTEM)
    slug = answers["factory"]
    if not slug:
        raise InvalidInput.at("factory", "Name the slug of the factory to read.")
    own = (("factory_slug", slug),)
    devices = Stream(
        "Devices",
        mapping(
            Kind.MACHINES,
            {
                "device_key": "device_key",
                "name": "name",
                "manufacturer": "manufacturer",
                "model": "model",
                "location": "region",
            },
        ),
        query="SELECT d.*, f.slug AS factory_slug FROM devices d JOIN factories f ON f.id = d.factory_id",
        where=own,
    )
    parameters = Stream(
        "Parameters",
        mapping(
            Kind.PARAMETERS,
            {
                "machine": "device_key",
                "parameter": "parameter_key",
                "name": "display_name",
                "unit": "unit",
                "data_type": "data_type",
                "is_kpi": "is_kpi_selected",
            },
        ),
        query=(
            "SELECT p.*, d.device_key, f.slug AS factory_slug FROM device_parameters p "
            "JOIN devices d ON d.id = p.device_id JOIN factories f ON f.id = p.factory_id"
        ),
        where=own,
    )
    users = Stream(
        "Users",
        mapping(Kind.PEOPLE, {"email": "email"}, constants={"role": "engineer"}),
        query=(
            "SELECT u.email, f.slug AS factory_slug FROM users u JOIN factories f ON f.id = u.factory_id "
            "WHERE u.is_active = 1"
        ),
        where=own,
        is_on=answers["users"] == "yes",
    )
    others, notes = _rules_and_alerts(tables, own)
    return Plan(
        (devices, parameters, users, *others),
        ("Passwords are not taken over: users get invitations.", *notes),
    )


def _rules_and_alerts(
    tables: Tables, own: tuple[tuple[str, str], ...]
) -> tuple[tuple[Stream, ...], tuple[str, ...]]:
    """Its rules as drafts that a person publishes, its alerts as history; neither where it has no rules."""
    if not (tables.find("rules") and tables.find("rule_devices") and tables.find("alerts")):
        return (), ()
    rules = Stream(
        "Rules",
        mapping(
            Kind.RULES,
            {
                "name": "name", "description": "description", "conditions": "conditions",
                "severity": "severity", "cooldown": "cooldown_minutes", "schedule_type": "schedule_type",
                "schedule": "schedule_config", "channels": "notification_channels", "machine": "device_key",
            },
        ),
        query=(
            "SELECT r.*, d.device_key, f.slug AS factory_slug FROM rules r "
            "JOIN factories f ON f.id = r.factory_id LEFT JOIN rule_devices x ON x.rule_id = r.id "
            "LEFT JOIN devices d ON d.id = x.device_id"
        ),
        where=own,
    )  # fmt: skip
    alerts = Stream(
        "Alerts",
        mapping(
            Kind.ALERTS,
            {
                "machine": "device_key", "raised": "triggered_at", "cleared": "resolved_at",
                "name": "rule_name", "severity": "severity", "message": "message",
                "values": "telemetry_snapshot",
            },
        ),
        query=(
            "SELECT a.*, d.device_key, r.name AS rule_name, f.slug AS factory_slug FROM alerts a "
            "JOIN devices d ON d.id = a.device_id JOIN rules r ON r.id = a.rule_id "
            "JOIN factories f ON f.id = a.factory_id"
        ),
        where=own,
    )  # fmt: skip
    return (rules, alerts), ("Its rules come as drafts: they run here when somebody publishes them.",)


def _telemetry(connector: Connector, answers: Mapping[str, str]) -> Plan:
    if MEASUREMENT not in {item.name for item in connector.items()}:
        raise InvalidInput.at("preset", "There is no measurement telemetry: this is no FactoryOps.")
    factory = answers["factory_id"]
    if not factory.isdigit():
        raise InvalidInput.at("factory_id", "Give the number that its telemetry carries as factory_id.")
    made = mapping(
        Kind.TELEMETRY, {"machine": "device_id", "time": "time"}, create_machines=answers["create"] == "yes"
    )
    stream = Stream("Telemetry", made, MEASUREMENT, order="time", where=(("factory_id", factory),), rest=True)
    return Plan((stream,))


TABLES: Final = Preset(
    "factoryops",
    "FactoryOps (MySQL)",
    "Devices become machines, their parameters keep names and units, users get invitations.",
    "mysql://host:3306/factoryops",
    (
        Option("factory", "Factory", "The slug of the factory to read, for example vpc."),
        Option("users", "Bring its users", "yes: each active user gets an invitation.", "no"),
    ),
    _tables,
)
TELEMETRY: Final = Preset(
    "factoryops-influxdb",
    "FactoryOps (InfluxDB)",
    "The measurement telemetry: every field of every device.",
    "influxdb://host:8086/factoryops",
    (
        Option("factory_id", "Number of the factory", "The tag factory_id of its telemetry.", "1"),
        Option("create", "Make machines that are unknown", "yes or no.", "yes"),
    ),
    _telemetry,
)
