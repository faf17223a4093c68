"""Byte-Astra: collections of sensor data, jobs and alerts per lathe, and its users."""

from collections.abc import Mapping
from typing import Final

from analytics.errors import InvalidInput
from app.imports.layout.kinds import Kind
from app.sources.presets.preset import Option, Plan, Preset, mapping
from app.sources.streams import ANY, Stream
from data.sources.protocol import Connector

JOBS: Final = "_job_detail"
UNITS: Final = {
    "rpm": "1/min", "temperature": "°C", "torque": "Nm", "vibration": "mm/s", "power": "W",
    "tool_wear": "mm", "failure_probability": "",
}  # fmt: skip


def _build(connector: Connector, answers: Mapping[str, str]) -> Plan:
    names = {item.name for item in connector.items()}
    suffix = "_sensory_data"
    databases = {name.rpartition("lathe")[0] for name in names if name.endswith(suffix) and "lathe" in name}
    if not databases:
        raise InvalidInput.at("preset", "There is no collection lathe1_sensory_data: this is no Byte-Astra.")
    streams, notes = [], []
    for database in sorted(databases):
        made = mapping(
            Kind.TELEMETRY,
            {"time": "timestamp"},
            constants={"machine": f"lathe-{ANY}"},
            create_machines=True,
        )
        streams.append(
            Stream(
                f"Sensor data {database.rstrip('.')}".strip(),
                made,
                f"{database}lathe{ANY}{suffix}",
                order="_id",
                rest=True,
                units=UNITS,
            )
        )
    streams += [*_jobs(names), *_alerts(names)]
    if any(name.endswith(JOBS) for name in names):
        notes.append("Its jobs name no unit of their estimated time: it is read as minutes.")
    users = next((name for name in sorted(names) if name in {"AuthDB.users", "users"}), "")
    domain = answers["mail_domain"]
    if users:
        made = mapping(
            Kind.PEOPLE,
            {"email": "userID", "role": "userType"},
            constants={"domain": domain} if domain else {},
        )
        streams.append(Stream("Users", made, users, is_on=bool(domain)))
        notes.append(
            "Its users get invitations, which an administrator sends; their passwords are not taken over."
            if domain
            else "Its users have no mail address. Name the mail domain to bring them as invitations."
        )
    return Plan(tuple(streams), tuple(notes))


def _jobs(names: set[str]) -> list[Stream]:
    """The jobs of each lathe, with the numbers of their tools; read whole, since their states move."""
    databases = {name.rpartition("lathe")[0] for name in names if name.endswith(JOBS) and "lathe" in name}
    columns = {
        "key": "JobID", "operation": "JobType", "material": "Material", "tool": "ToolNo",
        "start": "StartTime", "estimated": "EstimatedTime", "state": "Status",
    }  # fmt: skip
    return [
        Stream(
            f"Jobs {database.rstrip('.')}".strip(),
            mapping(
                Kind.PRODUCTION_JOBS,
                columns,
                constants={"machine": f"lathe-{ANY}"},
                units={"estimated": "min"},
                create_machines=True,
            ),
            f"{database}lathe{ANY}{JOBS}",
        )
        for database in sorted(databases)
    ]


def _alerts(names: set[str]) -> list[Stream]:
    """The alerts of each lathe, by what they are about."""
    suffix = "_alerts"
    databases = {name.rpartition("lathe")[0] for name in names if name.endswith(suffix) and "lathe" in name}
    return [
        Stream(
            f"Alerts {database.rstrip('.')}".strip(),
            mapping(
                Kind.ALERTS,
                {
                    "raised": "timestamp",
                    "name": "alert_type",
                    "severity": "severity",
                    "message": "alert_type",
                    "resolved": "resolved",
                    "value": "value",
                    "threshold": "threshold",
                },
                constants={"machine": f"lathe-{ANY}"},
                create_machines=True,
            ),
            f"{database}lathe{ANY}{suffix}",
            order="_id",
        )
        for database in sorted(databases)
    ]


PRESET: Final = Preset(
    "byte-astra",
    "Byte-Astra (MongoDB)",
    "Sensor data, jobs, tools and alerts of any number of lathes, each a machine; users as invitations.",
    "mongodb://host:27017/",
    (Option("mail_domain", "Mail domain of its users", "Its users have a name only: sahil@this.domain."),),
    _build,
)
