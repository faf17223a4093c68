"""The scans that were made, and the episodes that they found, with what people said of them."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.anomaly.labels import LabelDraft, Labelled, labels, put_label
from app.predict.anomaly.sources import Source, detector_key, method_of, source_of
from data.models import EpisodeLabel, ScanSession

MOST_READ: Final = 80
"""Episodes are read from the documents of so many scans, the newest."""
NEWEST: Final = (ScanSession.begun_us.desc(), ScanSession.id.desc())


@dataclass(frozen=True, slots=True)
class ScanShown:
    """One look at one machine; see `data.models.jobs.ScanSession`."""

    id: int
    machine: str
    source: Source
    method: str
    status: str
    problem: str
    normal_start_us: int
    normal_end_us: int
    start_us: int
    end_us: int
    begun_us: int
    rows: int
    anomalies: int
    episodes: int
    document: str
    asked_by: str

    @property
    def detector(self) -> str:
        """What it looked at, and by which method; labels go by it."""
        return detector_key(self.source, self.method)


@dataclass(frozen=True, slots=True)
class Episode:
    """What one scan found in one go: `peak` is the highest score in multiples of the limit.

    `contributions` are (parameter, share of the score), the largest first. `label` is what a person said of
    it; `excused` the id of the label of a false alarm like it, for which it was left out of the count.
    """

    scan: ScanShown
    position: int
    start_us: int
    end_us: int
    peak: float
    peak_at_us: int
    rows: int
    severity: str
    contributions: tuple[tuple[str, float], ...]
    excused: int | None = None
    label: Labelled | None = None


def scans(access: Access, *, machine: str = "", limit: int = 200) -> list[ScanShown]:
    """The last scans, the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = select(ScanSession).order_by(*NEWEST).limit(limit)
    if machine:
        asked = asked.where(ScanSession.machine_key == machine)
    with access.read() as session:
        return [_shown(row) for row in session.scalars(asked)]


def scan_body(access: Access, scan: ScanShown) -> dict[str, Any]:
    """What a scan kept: `course` (times, scores) and `episodes`; NotFound where it is no longer there."""
    access.require(Permission.SEE_PLANT)
    collection, _, key = scan.document.partition("/")
    found = access.gemba.documents.get(access.factory.slug, collection, key)
    if found is None:
        raise NotFound("What this scan found is no longer kept.")
    return found.body


def episodes(access: Access, *, machine: str = "") -> list[Episode]:
    """The episodes of the last scans, the newest first; of two scans that saw the same one, the later."""
    return _in_scans(access, scans(access, machine=machine, limit=1_000), labels(access, machine))


def recent_anomalies(access: Access, since_us: int) -> int:
    """How many episodes lasted beyond a moment, without those called a false alarm or excused as like one.

    Without a scan that found something since then, one statement answers.
    """
    access.require(Permission.SEE_PLANT)
    asked = select(ScanSession).where(ScanSession.begun_us > since_us, ScanSession.episodes > 0)
    with access.read() as session:
        made = [_shown(row) for row in session.scalars(asked.order_by(*NEWEST).limit(MOST_READ))]
    found = _in_scans(access, made, labels(access)) if made else []
    return sum(one.end_us > since_us and stands(one) for one in found)


def stands(one: Episode) -> bool:
    """Whether nobody called it a false alarm and none like it was."""
    return one.label.is_true if one.label is not None else one.excused is None


def anomalies_revision(access: Access) -> tuple[int, int, int]:
    """Changes whenever a scan is made or an episode is judged."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        scan = session.scalar(select(func.max(ScanSession.id)))
        said, last = session.execute(
            select(func.count(EpisodeLabel.id), func.max(EpisodeLabel.labelled_us))
        ).one()
    return int(scan or 0), int(said), int(last or 0)


def _in_scans(access: Access, made: list[ScanShown], known: list[Labelled]) -> list[Episode]:
    found: list[Episode] = []
    for scan in [one for one in made if one.episodes][:MOST_READ]:
        for one in _of_scan(access, scan, known):
            if not any(_is_same(one, other) for other in found):
                found.append(one)
    return sorted(found, key=lambda one: (-one.start_us, one.scan.machine))


def label_episode(access: Access, scan_id: int, position: int, *, is_true: bool, note: str = "") -> int:
    """Say that an episode is a real anomaly, or a false alarm; the label's id. NotFound."""
    access.require(Permission.RUN_ANALYTICS)
    with access.read() as session:
        row = session.get(ScanSession, scan_id)
    if row is None:
        raise NotFound("There is no such scan in this factory.")
    found = _of_scan(access, _shown(row), [])
    if not 0 <= position < len(found):
        raise NotFound("There is no such episode in this scan.")
    one = found[position]
    return put_label(
        access,
        LabelDraft(
            scan_id, one.scan.machine, one.scan.detector, one.start_us, one.end_us, _leading(one), one.peak,
            is_true, note,
        ),
    )  # fmt: skip


def _leading(one: Episode) -> str:
    return one.contributions[0][0] if one.contributions else ""


def _of_scan(access: Access, scan: ScanShown, known: list[Labelled]) -> list[Episode]:
    try:
        kept = scan_body(access, scan)["episodes"]
    except NotFound:
        return []
    return [_episode(scan, place, one, known) for place, one in enumerate(kept)]


def _episode(scan: ScanShown, place: int, kept: dict[str, Any], known: list[Labelled]) -> Episode:
    parts = kept.get("contributions") or [[name, 0.0] for name in kept["parameters"]]
    said = [
        one for one in known
        if one.machine == scan.machine and one.method == scan.detector
        and one.start_us <= kept["end_us"] and kept["start_us"] <= one.end_us
    ]  # fmt: skip
    return Episode(
        scan, place, kept["start_us"], kept["end_us"], kept["peak"], kept["peak_at_us"], kept["rows"],
        kept.get("severity", "medium"), tuple((str(name), float(share)) for name, share in parts),
        kept.get("excused"), said[0] if said else None,
    )  # fmt: skip


def _is_same(one: Episode, other: Episode) -> bool:
    is_like = one.scan.machine == other.scan.machine and one.scan.detector == other.scan.detector
    return is_like and one.start_us <= other.end_us and other.start_us <= one.end_us


def _shown(row: ScanSession) -> ScanShown:
    return ScanShown(
        row.id, row.machine_key, source_of(row.method), method_of(row.method), row.status, row.problem,
        row.normal_start_us, row.normal_end_us, row.start_us, row.end_us, row.begun_us, row.rows_scored,
        row.anomalies, row.episodes, row.document, row.asked_by,
    )  # fmt: skip
