"""A scan for anomalies: each machine's signals or shift records of a range against what was normal before."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput, NotEvaluable
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.jobs.context import Effect, JobContext
from app.jobs.kinds.findings import findings, until_record_ends, without
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown, texts
from app.jobs.registry import job
from app.predict.anomaly.labels import labels
from app.predict.anomaly.rows import record_rows, shift_records, signal_rows
from app.predict.anomaly.sources import RECORDS, SIGNALS, SOURCES, USUAL, detector_key
from data.documents.document import Document
from data.models import ScanSession, to_us

COLLECTION: Final = "scan_sessions"
DAY_US: Final = 86_400 * MICROSECONDS
LONGEST_US: Final = 400 * DAY_US
METHODS: Final = ("pca", "isolation_forest", "robust_z", "ewma")
PARAMETERS: Final = frozenset(
    {
        "machines", "device_ids", "mode", "source", "method", "step_s", "false_alarms_per_week", "parameters",
        "days", "start_us", "end_us", "normal_start_us", "normal_end_us",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scan:
    """What was asked of one machine."""

    machine: str
    source: str
    method: str
    step_us: int
    budget: float
    parameters: tuple[str, ...]
    normal_start_us: int
    normal_end_us: int
    start_us: int
    end_us: int

    @property
    def detector(self) -> str:
        """What is looked at and by which method, as it is kept."""
        return detector_key(self.source, self.method)


@dataclass(slots=True)
class Found:
    """What one machine's scan came to."""

    machine: str
    begun_us: int
    status: str = "complete"
    problem: str = ""
    rows: int = 0
    anomalies: int = 0
    episodes: list[dict[str, Any]] = field(default_factory=list)
    counted: int = 0
    course: dict[str, list[Any]] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)
    finished_us: int = 0
    document: str = ""


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot be scanned; a range is given whole, or `days` counts back."""
    refuse_unknown(given, PARAMETERS)
    if given.get("method", "pca") not in METHODS:
        raise InvalidInput.at("method", f"A method is one of {', '.join(METHODS)}.")
    _check_source(given)
    number(given, "step_s", 60, 1, 86_400)
    number(given, "false_alarms_per_week", 1.0, 0.001, 1_000)
    number(given, "days", 1, 0.01, 366)
    machine_keys(access, given)
    for begin, end in (("start_us", "end_us"), ("normal_start_us", "normal_end_us")):
        first, last = moment(given, begin), moment(given, end)
        if (first is None) != (last is None):
            raise InvalidInput.at(end, f"Give {begin} and {end}, or neither.")
        if first is not None and last is not None and not 0 < last - first <= LONGEST_US:
            raise InvalidInput.at(end, "The end must be after the start, by at most 400 days.")
    return {name: value for name, value in given.items() if value is not None}


def _check_source(given: dict[str, Any]) -> None:
    """A scan of records has no step, and no parameters but the columns of records."""
    from analytics.anomaly import SHIFT_COLUMNS

    source, named = given.get("source", SIGNALS), texts(given, "parameters")
    if source not in SOURCES:
        raise InvalidInput.at("source", f"A source is one of {', '.join(SOURCES)}.")
    if source != RECORDS:
        return
    if given.get("step_s") is not None:
        raise InvalidInput.at("step_s", "A scan of shift records has one row per record and no step.")
    for name in named:
        if name not in SHIFT_COLUMNS:
            raise InvalidInput.at("parameters", f"Shift records have only {', '.join(SHIFT_COLUMNS)}.")


@job("anomaly", title="Anomaly scan", check=_checked, time_limit_s=1_800, memory_mb=3_072)
def scan_machines(context: JobContext) -> dict[str, Any]:
    """Scan each machine; sessions go to the store, the documents and the audit log together."""
    access, given = context.access, context.parameters
    keys = machine_keys(access, given)
    found: list[Found] = []
    for place, key in enumerate(keys):
        context.progress(place / len(keys), f"{key} ({place + 1} of {len(keys)})")
        asked = _scan(access, given, key)
        one = _scanned(access, asked)
        one.document = f"{COLLECTION}/{context.document_key}-{place}"
        document = Document(
            one.document.partition("/")[2], one.begun_us, {**asdict(asked), **asdict(one)}, key
        )
        access.gemba.documents.put(access.factory.slug, COLLECTION, [document])
        context.finish(_effect(access, context.claim.key, asked, one))
        found.append(one)
    context.progress(1.0, "writing what was found")
    names = ("machine", "status", "problem", "rows", "anomalies", "severities", "document")
    return {
        "machines": len(found),
        "rows": sum(one.rows for one in found),
        "anomalies": sum(one.anomalies for one in found),
        "episodes": sum(one.counted for one in found),
        "sessions": [{name: getattr(one, name) for name in names} for one in found],
    }


def _scan(access: Access, given: dict[str, Any], key: str) -> Scan:
    source = given.get("source", SIGNALS)
    usual = USUAL[source]
    end = given.get("end_us", to_us(access.now))
    start = given.get("start_us", end - int(given.get("days", usual.days) * DAY_US))
    return Scan(
        machine=key,
        source=source,
        method=given.get("method", usual.method),
        step_us=0 if source == RECORDS else int(given.get("step_s", 60) * MICROSECONDS),
        budget=given.get("false_alarms_per_week", usual.false_alarms_per_week),
        parameters=tuple(given.get("parameters", ())),
        normal_start_us=given.get("normal_start_us", start - usual.normal_days * DAY_US),
        normal_end_us=given.get("normal_end_us", start),
        start_us=start,
        end_us=end,
    )


def _scanned(access: Access, asked: Scan) -> Found:
    """One machine; where there is too little to learn from, the status says so and the others go on."""
    found = Found(asked.machine, to_us(access.now))
    try:
        _score(access, asked, found)
    except (InvalidInput, NotEvaluable) as error:
        found.status, found.problem = "not_evaluable", str(error)[:500]
    found.finished_us = to_us(access.now)
    return found


def _score(access: Access, asked: Scan, found: Found) -> None:
    from analytics import anomaly
    from analytics.anomaly.fitting import Method

    method = next(one for one in get_args(Method) if one == asked.method)
    said = labels(access, asked.machine)
    normal = _rows(access, asked, asked.normal_start_us, asked.normal_end_us).dropna(axis=1, how="all")
    normal = without(normal, said)
    frame = _rows(access, asked, asked.start_us, asked.end_us).reindex(columns=normal.columns)
    frame = frame.dropna(how="all")
    _refuse_too_few(asked, normal, frame)
    is_forest = method == "isolation_forest"
    # A forest parts off only what it has seen: an odd shift beyond all others would pass as their edge.
    learned = pd.concat([normal, frame]) if is_forest and asked.source == RECORDS else normal
    detector = anomaly.fit(learned, method, asked.budget)
    scored = detector.score(frame)
    decision = np.asarray(detector.decision(frame), dtype=np.float64) if is_forest else None
    kept = findings(scored, decision, [one for one in said if one.method == asked.detector])
    found.rows, found.anomalies, found.counted = kept.rows, kept.anomalies, kept.counted
    found.episodes, found.course, found.severities = kept.episodes, kept.course, kept.severities
    if asked.source == RECORDS:
        records = shift_records(access, asked.machine, asked.start_us, asked.end_us)
        found.episodes = until_record_ends(kept.episodes, records)


def _rows(access: Access, asked: Scan, start_us: int, end_us: int) -> pd.DataFrame:
    if asked.source == RECORDS:
        return record_rows(access, asked.machine, asked.parameters, start_us, end_us)
    return signal_rows(access, asked.machine, asked.parameters, start_us, end_us, asked.step_us)


def _refuse_too_few(asked: Scan, normal: pd.DataFrame, frame: pd.DataFrame) -> None:
    """NotEvaluable where there is nothing to learn from or nothing to look at."""
    from analytics.anomaly import MINIMUM_ROWS

    if asked.source != RECORDS:
        if normal.empty or frame.empty:
            raise NotEvaluable("There are no readings in the normal range, or none in the range to look at.")
        return
    if len(normal) < MINIMUM_ROWS:
        raise NotEvaluable(
            f"Shift records in the normal range: {len(normal)}; at least {MINIMUM_ROWS} are needed. "
            "Look at fewer days, or enter or import older shifts."
        )
    if frame.empty:
        raise NotEvaluable("There are no shift records in the range to look at.")


def _effect(access: Access, job_key: str, asked: Scan, found: Found) -> Effect:
    counts = {"rows": found.rows, "anomalies": found.anomalies, "episodes": found.counted}

    def effect(session: Session) -> None:
        row = ScanSession(
            job_key=job_key, machine_key=asked.machine, method=asked.detector, status=found.status,
            problem=found.problem, normal_start_us=asked.normal_start_us, normal_end_us=asked.normal_end_us,
            start_us=asked.start_us, end_us=asked.end_us, begun_us=found.begun_us,
            finished_us=found.finished_us, rows_scored=found.rows, anomalies=found.anomalies,
            episodes=len(found.episodes), document=found.document, asked_by=access.principal.email,
        )  # fmt: skip
        session.add(row)
        session.flush()
        after = {
            "machine": asked.machine, "job": job_key, "status": found.status, "source": asked.source,
            "method": asked.method, "start_us": asked.start_us, "end_us": asked.end_us,
            "document": found.document, **counts,
        }  # fmt: skip
        access.audit(session, "scan.run", ("scan_session", row.id), after=after)

    return effect
