"""What analyses found: what changed, failures that were predicted, anomalies, and the job that was named."""

from typing import Any

import pandas as pd
from sqlalchemy import select

from app.auth.permissions import Permission
from app.insights.findings import findings
from app.insights.words import HOUR_US
from app.jobs.kinds.anomaly import COLLECTION
from app.jobs.listing import get_job, result_of
from app.predict.anomaly.sources import method_of, source_of
from app.reports.content.document import Column, Section, Table, table
from app.reports.content.inputs import Inputs
from data.models import Prediction, ScanSession

MOST_SCANS = 500
MOST_EPISODES = 300
SCANS = {
    "name": Column("Machine"), "source": Column("Looked at"), "method": Column("Method"),
    "status": Column("Status"), "start_us": Column("From", "moment"), "end_us": Column("To", "moment"),
    "rows": Column("Rows", "whole"), "anomalies": Column("Anomalous rows", "whole"),
    "episodes": Column("Episodes", "whole"), "problem": Column("Problem"),
}  # fmt: skip
EPISODES = {
    "name": Column("Machine"), "start_us": Column("From", "moment"), "end_us": Column("To", "moment"),
    "peak": Column("Peak score", "number"), "parameters": Column("Parameters"),
}  # fmt: skip
CHANGES = {
    "text": Column("What changed"), "name": Column("Machine"),
    "lost_h": Column("Lost time more", "number", "h"),
}  # fmt: skip
RISKS = {
    "name": Column("Machine"), "made_us": Column("Told", "moment"), "until_us": Column("Until", "moment"),
    "chance": Column("Chance of a failure", "share"), "naive": Column("Usual", "share"),
    "model": Column("Model"), "came": Column("A failure came"),
}  # fmt: skip
CAME = {True: "yes", False: "no", None: "not known yet"}


def insights(inputs: Inputs, job: str) -> Section:
    """What changed against the time before, failures predicted in the time, scans, the job's result."""
    scans = _scans(inputs)
    tables, said = _changes(inputs)
    tables += _risks(inputs)
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


def _changes(inputs: Inputs) -> tuple[list[Table], list[str]]:
    """The findings of the page *Insights*, the costliest first."""
    found = findings(inputs.access, inputs.question)
    if not found:
        return [], ["Nothing changed much against the time before."]
    frame = pd.DataFrame(
        {
            "text": [one.text for one in found],
            "name": inputs.names([one.machine for one in found]),
            "lost_h": [one.changed_us / HOUR_US for one in found],
        }
    )
    inputs.fingerprint.add("changes", frame)
    return [table("changes", "What changed", frame, CHANGES)], [found[0].text]


def _risks(inputs: Inputs) -> list[Table]:
    """The newest failure risk of each machine that was told in the time, the highest first."""
    asked = inputs.question
    with inputs.access.read() as session:
        rows = session.scalars(
            select(Prediction)
            .where(
                Prediction.kind == "failure",
                Prediction.made_us >= asked.start_us,
                Prediction.made_us < asked.end_us,
                Prediction.machine_key.in_(inputs.keys),
            )
            .order_by(Prediction.made_us, Prediction.id)
        )
        newest = {one.machine_key: one for one in rows}
    if not newest:
        return []
    told = sorted(newest.values(), key=lambda one: -(one.chance or 0.0))
    names = ("made_us", "until_us", "chance", "naive", "model")
    frame = pd.DataFrame(
        {
            "name": inputs.names([one.machine_key for one in told]),
            **{name: [getattr(one, name) for one in told] for name in names},
            "came": [CAME[one.has_happened] for one in told],
        }
    )
    inputs.fingerprint.add("risks", frame)
    return [table("risks", "Predicted failures", frame, RISKS)]


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
    names = ("status", "start_us", "end_us", "anomalies", "episodes", "problem")
    return pd.DataFrame(
        {
            "name": inputs.names([one.machine_key for one in scans]),
            "source": [source_of(one.method) for one in scans],
            "method": [method_of(one.method) for one in scans],
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
