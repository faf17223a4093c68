"""What an import would do: recognised kind and mapping, problems, a preview, and counts of a dry run."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from analytics.errors import FieldProblem
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Choices, Mapping, problems
from app.imports.layout.recognise import Recognised, header_score, recognise
from app.imports.reading.opening import open_table
from app.imports.reading.source import Source
from app.imports.reading.table import Reject, Table
from app.imports.rows.faults import Note
from app.imports.rows.job import Job
from app.imports.rows.lookup import Lookup
from app.imports.walk import ABOVE_HEADER, Progress, Tally, Walk, silent, walked
from data.models import to_us

UNKNOWN_KIND: Final = "It is not clear what this file holds: choose its kind."
QUESTIONS: Final = {
    "zone": "The times name no zone: say in which zone they are (--zone Europe/Berlin, or --zone factory).",
    "date_order": "Days and months could be swapped: say which comes first (--set date_order=day, or month).",
    "state_numbers": "States are numbers: say whose they are (--set state_numbers=packml, or gemba).",
}
"""What only a person can know; while one is open, nothing is loaded."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What loading the file would do. `problems` must be solved first; `rejects` would be left out."""

    file_name: str
    kind: Kind | None
    confidence: float
    mapping: Mapping | None
    header: tuple[str, ...]
    sheets: tuple[str, ...]
    shares: dict[str, float]
    detail: str
    problems: tuple[FieldProblem, ...]
    notes: tuple[Note, ...]
    preview: pd.DataFrame
    tally: Tally
    rejects: tuple[Reject, ...]

    @property
    def ready(self) -> bool:
        """Whether the file can be loaded as it is mapped."""
        return self.mapping is not None and not self.problems


def opened(access: Access, source: Source, sheet: str = "") -> Table:
    """The file as a table; InvalidInput says what is wrong with it."""
    return open_table(source, header_score, most_mb=access.gemba.settings.import_max_mb, sheet=sheet)


def suggested(
    access: Access, source: Source, kind: Kind | None = None, choices: Choices | None = None
) -> tuple[Table, Recognised]:
    """What the file seems to be, with the person's choices over it."""
    access.require(Permission.IMPORT_DATA)
    chosen = choices or Choices()
    table = opened(access, source, chosen.options.get("sheet", ""))
    found = recognise(table, kind)
    if found.mapping is None:
        return table, found
    return table, Recognised(
        found.kind, found.confidence, chosen.over(found.mapping), found.shares, found.notes
    )


def plan(
    access: Access,
    source: Source,
    kind: Kind | None = None,
    mapping: Mapping | None = None,
    *,
    choices: Choices | None = None,
    look: Lookup | None = None,
    progress: Progress = silent,
) -> Plan:
    """What would happen if this file were imported? Nothing is written.

    With a `mapping` it is used as it is, else the file is recognised (as `kind`, if given) and `choices`
    go over that. `look` carries the keys that earlier files of a folder would create.
    """
    access.require(Permission.IMPORT_DATA)
    if mapping is None:
        table, found = suggested(access, source, kind, choices)
    else:
        table = opened(access, source, mapping.sheet)
        found = Recognised(mapping.kind, 1.0, mapping, {})
    if found.mapping is None:
        return _plan(source, table, found, [FieldProblem("kind", UNKNOWN_KIND)], Walk())
    wrong = problems(found.mapping, table.header)
    walk = Walk() if wrong else _dry_run(access, table, found.mapping, look, progress)
    wrong += [FieldProblem(name, text) for name, text in QUESTIONS.items() if name in walk.fields]
    return _plan(source, table, found, wrong, walk)


def _dry_run(access: Access, table: Table, mapping: Mapping, look: Lookup | None, progress: Progress) -> Walk:
    job = Job(access, mapping, look or Lookup.of(access), to_us(access.now), load=False)
    walk = Walk()
    for passed, _, _ in walked(job, table, access.read, progress):
        walk = passed
    return walk


def _plan(source: Source, table: Table, found: Recognised, wrong: list[FieldProblem], walk: Walk) -> Plan:
    notes = [Note(0, text) for text in found.notes]
    if table.header_line > 1:
        notes.append(Note(table.header_line, ABOVE_HEADER))
    return Plan(
        source.name,
        found.kind,
        found.confidence,
        found.mapping,
        table.header,
        table.sheets,
        found.shares,
        table.detail,
        tuple(wrong),
        (*notes, *walk.notes),
        walk.preview,
        walk.tally,
        tuple(walk.rejects),
    )
