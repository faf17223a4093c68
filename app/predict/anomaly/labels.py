"""What people said of episodes, kept so that the next scan knows it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from analytics.errors import InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import EpisodeLabel, to_us

MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label; see `data.models.predict.EpisodeLabel`."""

    id: int
    machine: str
    method: str
    start_us: int
    end_us: int
    parameter: str
    peak: float
    is_true: bool
    note: str
    by: str
    at_us: int


@dataclass(frozen=True, slots=True)
class LabelDraft:
    """What is said of an episode of a scan."""

    scan_id: int
    machine: str
    method: str
    start_us: int
    end_us: int
    parameter: str
    peak: float
    is_true: bool
    note: str = ""


def labels(access: Access, machine: str = "", *, limit: int = 5_000) -> list[Labelled]:
    """All labels of the factory or of one machine, the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = select(EpisodeLabel).order_by(EpisodeLabel.end_us.desc(), EpisodeLabel.id.desc()).limit(limit)
    if machine:
        asked = asked.where(EpisodeLabel.machine_key == machine)
    with access.read() as session:
        return [_shown(row) for row in session.scalars(asked)]


def put_label(access: Access, draft: LabelDraft) -> int:
    """Keep what was said, in place of what was said before of the same episode; the label's id."""
    access.require(Permission.RUN_ANALYTICS)
    if len(draft.note) > MOST_NOTE:
        raise InvalidInput.at("note", f"A note has at most {MOST_NOTE} characters.")
    same = select(EpisodeLabel).where(
        EpisodeLabel.machine_key == draft.machine, EpisodeLabel.method == draft.method,
        EpisodeLabel.start_us == draft.start_us, EpisodeLabel.end_us == draft.end_us,
    )  # fmt: skip
    with access.write() as session:
        row = session.scalar(same)
        before = _state(row) if row is not None else None
        if row is None:
            row = EpisodeLabel(
                machine_key=draft.machine, method=draft.method, start_us=draft.start_us, end_us=draft.end_us,
                parameter=draft.parameter, peak=draft.peak, is_true=draft.is_true, scan_id=draft.scan_id,
                labelled_by=access.principal.email, labelled_us=to_us(access.now),
            )  # fmt: skip
            session.add(row)
        row.is_true, row.note = draft.is_true, draft.note.strip()
        row.labelled_by, row.labelled_us = access.principal.email, to_us(access.now)
        session.flush()
        access.audit(session, "episode.label", ("episode_label", row.id), before, _state(row))
        return row.id


def take_label_back(access: Access, label_id: int) -> None:
    """As if nobody had said anything of the episode. NotFound."""
    access.require(Permission.RUN_ANALYTICS)
    with access.write() as session:
        row = session.get(EpisodeLabel, label_id)
        if row is None:
            raise NotFound("There is no such label in this factory.")
        access.audit(session, "episode.unlabel", ("episode_label", row.id), before=_state(row))
        session.delete(row)


def _state(row: EpisodeLabel) -> dict[str, Any]:
    return {
        "machine": row.machine_key, "method": row.method, "start_us": row.start_us, "end_us": row.end_us,
        "is_true": row.is_true, "note": row.note,
    }  # fmt: skip


def _shown(row: EpisodeLabel) -> Labelled:
    return Labelled(
        row.id, row.machine_key, row.method, row.start_us, row.end_us, row.parameter, row.peak, row.is_true,
        row.note, row.labelled_by, row.labelled_us,
    )  # fmt: skip
