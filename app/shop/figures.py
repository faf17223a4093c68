"""What jobs came to: parts, time, energy; and how lathes compare over a range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question
from app.production.measured.energy import energy
from app.shop.jobs import StoredJob
from app.shop.parts import Parts, parts_of
from data.models import to_us
from data.telemetry.windows import Windows


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What a job came to so far: `worked_s` without pauses, `kwh` None where nobody knows the power."""

    parts: Parts
    worked_s: float
    kwh: float | None

    @property
    def kwh_per_part(self) -> float | None:
        """The energy per good part; None without one."""
        return None if self.kwh is None or not self.parts.good else self.kwh / self.parts.good

    @property
    def cycle_s(self) -> float | None:
        """The seconds that a part took, pauses left out; None without a part."""
        return self.worked_s / self.parts.total if self.parts.total else None


def job_figures(access: Access, jobs: Sequence[StoredJob]) -> Mapping[int, JobFigures]:
    """The parts, working time and energy of jobs, by their ids; the energy is that of the times they ran."""
    access.require(Permission.SEE_PLANT)
    now_us = to_us(access.now)
    parts = parts_of(access, [(one.id, one.start_us, one.end_us) for one in jobs])
    used = _energy(access, jobs, now_us)
    return {
        one.id: JobFigures(parts.get(one.id, Parts()), one.worked_s(now_us), used.get(one.id)) for one in jobs
    }


def done_share(job: StoredJob, made: Parts) -> float | None:
    """How much of its quantity a job has made in good parts; None without a quantity."""
    return made.good / job.draft.quantity if job.draft.quantity else None


def _energy(access: Access, jobs: Sequence[StoredJob], now_us: int) -> Mapping[int, float]:
    """Kilowatt-hours by job, from the windows between the starts and ends of spells on each machine."""
    by_machine: dict[str, list[StoredJob]] = {}
    for one in jobs:
        if one.spells:
            by_machine.setdefault(one.draft.machine, []).append(one)
    found: dict[int, float] = {}
    for machine, own in by_machine.items():
        spans = [
            (one.id, spell.start_us, now_us if spell.end_us is None else spell.end_us)
            for one in own
            for spell in one.spells
        ]
        spans = [span for span in spans if span[2] > span[1]]
        if not spans:
            continue
        edges = np.unique(np.array([edge for _, begin, end in spans for edge in (begin, end)], np.int64))
        asked = Question(int(edges[0]), int(edges[-1]), machines=(machine,))
        windows = energy(access, asked, Windows(edges))
        for number, begin, end in spans:
            inside = windows[(windows["start_us"] >= begin) & (windows["end_us"] <= end)]
            if float(inside["covered_s"].sum()) > 0:
                found[number] = found.get(number, 0.0) + float(inside["kwh"].sum())
    return found
