"""What an import would do or did: counts, questions, notes, a preview, the rejected rows."""

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.errors import FieldProblem, GembaError, InvalidInput
from app.imports.layout.kinds import KIND_LABELS, Kind
from app.imports.plans import QUESTIONS, Plan
from app.imports.reading.table import Reject
from app.imports.rows.faults import Note
from app.imports.runs import Summary
from app.imports.walk import Tally
from app.ui.cards import error_card
from app.ui.formats import count, plain
from app.ui.palette import BadgeColor
from app.ui.tables import data_table

ANSWERS = {
    "zone": "The times in this file name no zone: choose it above.",
    "date_order": "Day and month of the dates could be swapped: say which comes first.",
    "state_numbers": "The states are numbers: say whose numbering it is.",
}
"""The questions of a plan in the words of the page."""
SHOWN_NOTES = 20
_OPTION = re.compile(r" \(--[^)]*\)")


def show_plan(plan: Plan, key: str) -> None:
    """What loading the file would do."""
    open_problems = [each for each in plan.problems if each.field not in QUESTIONS]
    if open_problems:
        error_card(InvalidInput(*[FieldProblem(each.field, on_page(each.message)) for each in open_problems]))
    for each in plan.problems:
        if each.field in QUESTIONS:
            st.warning(ANSWERS[each.field], icon=":material/help:")
    if plan.tally.rows:
        counts(plan.tally, plan.kind, would=True)
    notes(plan.notes)
    if len(plan.preview):
        data_table(plan.preview, key=f"{key}-preview", label="Preview of the rows as they will be stored")
    if plan.ready:
        rejected(plan.rejects, plan.tally.rejected, f"{key}-rejects", plan.file_name)


def overview(plans: Sequence[Plan | GembaError], names: Sequence[str]) -> None:
    """One row per file in the order of loading: what it holds, what would happen, what is open."""
    rows = [_overview_row(one, name) for one, name in zip(plans, names, strict=True)]
    data_table(pd.DataFrame(rows), key="i-overview", label="The files in the order of loading")


def _overview_row(one: Plan | GembaError, name: str) -> dict[str, str | int]:
    if isinstance(one, GembaError):
        return {"File": name, "Holds": "", "Open": str(one)}
    tally = one.tally
    asked = [ANSWERS.get(each.field, on_page(each.message)) for each in one.problems]
    state = "ready" if loadable(one) else "no row would be taken"
    return {
        "File": name,
        "Holds": KIND_LABELS[one.kind] if one.kind else "",
        "Rows": tally.rows,
        "New": tally.new,
        "Changed": tally.changed,
        "Unchanged": tally.unchanged,
        "Rejected": tally.rejected,
        "Open": " ".join(asked) or state,
    }


def show_summary(done: Summary) -> None:
    """What loading a file did."""
    st.markdown(f"**{plain(done.file_name)}**")
    counts(done.tally, done.kind, would=False)
    notes(done.notes)
    rejected(done.rejects, done.tally.rejected, f"i-run-{done.run_id}", done.file_name)


def counts(tally: Tally, kind: Kind | None, *, would: bool) -> None:
    """The counts as badges; points for telemetry, rows for all else."""
    unit = "points" if kind is Kind.TELEMETRY else ""
    parts: list[tuple[str, str, BadgeColor]] = [
        (count(tally.rows, "rows read"), "table_rows", "gray"),
        (count(tally.new, f"{unit} new".strip()), "add", "green" if tally.new else "gray"),
        (count(tally.changed, f"{unit} changed".strip()), "edit", "blue" if tally.changed else "gray"),
        (count(tally.unchanged, f"{unit} unchanged".strip()), "check", "gray"),
        (count(tally.rejected, "rejected"), "block", "red" if tally.rejected else "gray"),
    ]
    with st.container(horizontal=True, gap="small"):
        st.markdown("This would be:" if would else "Done:", width="content")
        for text, icon, color in parts:
            st.badge(text, icon=f":material/{icon}:", color=color)


def notes(found: Sequence[Note]) -> None:
    """What a person should know about lines that were read."""
    lines = [
        f"- {f'Line {note.line}: ' if note.line else ''}{plain(note.message)}" for note in found[:SHOWN_NOTES]
    ]
    if len(found) > SHOWN_NOTES:
        lines.append(f"- and {len(found) - SHOWN_NOTES} more")
    if lines:
        st.info("\n".join(lines), icon=":material/info:")


def rejected(found: Sequence[Reject], total: int, key: str, name: str) -> None:
    """The rejected rows with line, field and reason, and their download."""
    if not found:
        return
    st.markdown(f"**Rejected rows** ({len(found):,} of {total:,} listed)")
    frame = pd.DataFrame(
        {
            "Line": [reject.line for reject in found],
            "Field": [reject.field for reject in found],
            "Reason": [on_page(reject.message) for reject in found],
            "Row": [reject.row for reject in found],
        }
    )
    data_table(frame, key=key, label="Rejected rows", download_name=f"rejected-{name}")


def on_page(message: str) -> str:
    """A message without its hint for the command line.

    >>> on_page("Choose its column (--set machine=...).")
    'Choose its column.'
    """
    return _OPTION.sub("", message)


def loadable(plan: Plan | GembaError) -> bool:
    """Whether loading would take at least one row, or find one that is stored already."""
    return isinstance(plan, Plan) and plan.ready and plan.tally.rejected < max(plan.tally.rows, 1)
