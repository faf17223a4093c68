"""What analyses found: scans for anomalies of the time, and the result of a job that was named."""

from typing import Any

import pandas as pd
from sqlalchemy import select

from app.auth.permissions import Permission
from app.jobs.kinds.anomaly import COLLECTION
from app.jobs.listing import get_job, result_of
from app.reports.content.document import Column, Section, Table, table
from app.reports.content.inputs import Inputs
from data.models import ScanSession

MOST_SCANS = 500
MOST_EPISODES = 300
SCANS = {
    "name": Column("Machine"), "method": Column("Method"), "status": Column("Status"),
    "start_us": Column("From", "moment"), "end_us": Column("To", "moment"), "rows": Column("Rows", "whole"),
    "anomalies": Column("Anomalous rows", "whole"), "episodes": Column("Episodes", "whole"),
    "problem": Column("Problem"),
}  # fmt: skip
EPISODES = {
    "name": Column("Machine"), "start_us": Column("From", "moment"), "end_us": Column("To", "moment"),
    "peak": Column("Peak score", "number"), "parameters": Column("Parameters"),
}  # fmt: skip


def insights(inputs: Inputs, job: str) -> Section:
    """Scans whose range touches that of the report, their episodes, and the job's result."""
    scans = _scans(inputs)
    tables: list[Table] = []
    said = []
    if scans:
        frame = inputs.fingerprint.add("scans", _frame(inputs, scans))
        tables += [table("scans", "Anomaly scans", frame, SCANS), _episodes(inputs, scans)]
        count = int(frame["anomalies"].sum())
        said.append(f"{len(scans)} scans found {count} anomalous rows.")
    else:
        said.append("No anomaly scan looked at this time.")
    if job:
        tables += _job(inputs, job)
    return Section("analytics", "Analytics insights", tuple(said), (), tuple(tables))


def _scans(inputs: Inputs) -> list[ScanSession]:
    asked = inputs.question
    touches = (ScanSession.start_us < asked.end_us, ScanSession.end_us > asked.start_us)
    with inputs.access.read() as session:
        rows = session.scalars(
            select(ScanSession)
            .where(*touches, ScanSession.machine_key.in_(inputs.keys))
            .order_by(ScanSession.begun_us.desc(), ScanSession.id.desc())
            .limit(MOST_SCANS)
        )
        return list(rows)


def _frame(inputs: Inputs, scans: list[ScanSession]) -> pd.DataFrame:
    names = ("method", "status", "start_us", "end_us", "anomalies", "episodes", "problem")
    return pd.DataFrame(
        {
            "name": inputs.names([one.machine_key for one in scans]),
            "rows": [one.rows_scored for one in scans],
            **{name: [getattr(one, name) for one in scans] for name in names},
        }
    )


def _episodes(inputs: Inputs, scans: list[ScanSession]) -> Table:
    """The episodes inside the time, the strongest first."""
    asked = inputs.question
    rows: list[dict[str, Any]] = []
    for scan in scans:
        found = inputs.access.gemba.documents.get(
            inputs.access.factory.slug, COLLECTION, scan.document.partition("/")[2]
        )
        rows += [
            {**one, "name": scan.machine_key, "parameters": ", ".join(one["parameters"])}
            for one in (found.body.get("episodes", []) if found is not None else [])
            if one["start_us"] < asked.end_us and one["end_us"] > asked.start_us
        ]
    rows = sorted(rows, key=lambda row: -row["peak"])[:MOST_EPISODES]
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in EPISODES})
    frame["name"] = inputs.names(frame["name"].tolist())
    return table("episodes", "Episodes", frame, EPISODES)


def _job(inputs: Inputs, key: str) -> list[Table]:
    """A job's plain results as one table, each list of objects as another."""
    inputs.access.require(Permission.RUN_ANALYTICS)
    kind = get_job(inputs.access, key).kind
    result = result_of(inputs.access, key)
    plain = {name: value for name, value in result.items() if not isinstance(value, list | dict)}
    frame = pd.DataFrame({"name": list(plain), "value": [str(one) for one in plain.values()]})
    found = [
        table("job", f"Job {kind}", frame, {"name": Column("Result"), "value": Column("Value")}),
        *(_listed(name, value) for name, value in result.items() if _is_rows(value)),
    ]
    for one in found:
        inputs.fingerprint.add(one.key, pd.DataFrame(one.rows))
    return found


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _listed(name: str, rows: list[dict[str, Any]]) -> Table:
    heads = list(rows[0])
    frame = pd.DataFrame({head: [str(row.get(head, "")) for row in rows] for head in heads})
    return table(f"job-{name}", f"Job: {name}", frame, {head: Column(head) for head in heads})
