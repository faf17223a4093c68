"""The history of imports: one row per run, with the rows that each left out."""

import pandas as pd
import streamlit as st

from app.imports import history
from app.imports.layout.kinds import KIND_LABELS, Kind
from app.ui.imports.outcome import rejected
from app.ui.scene import Scene
from app.ui.tables import data_table


def show_history(at: Scene) -> None:
    """The table of runs; a chosen one shows its rejected rows."""
    found = history.runs(at.access)
    if not found:
        return
    st.subheader("Earlier imports", anchor=False)
    frame = pd.DataFrame(
        {
            "Started": [run.started_at.astimezone(at.zone).replace(tzinfo=None) for run in found],
            "File": [run.file_name for run in found],
            "Kind": [_label(run.kind) for run in found],
            "By": [run.actor for run in found],
            "Rows": [run.rows for run in found],
            "Loaded": [run.loaded for run in found],
            "Unchanged": [run.unchanged for run in found],
            "Rejected": [run.rejected for run in found],
            "State": ["finished" if run.finished_at else "not finished" for run in found],
        }
    )
    row = data_table(
        frame,
        key="i-history",
        label="Earlier imports",
        columns={"Started": st.column_config.DatetimeColumn("Started", format="YYYY-MM-DD HH:mm")},
        selectable=True,
    )
    if row is None:
        st.caption("Choose a row to see what it left out.")
        return
    run = found[row]
    listed = history.rejected_rows(at.access, run.id)
    if not listed:
        st.caption(f"No row of {run.file_name} was rejected.")
    rejected(listed, run.rejected, f"i-history-{run.id}", run.file_name)


def _label(kind: str) -> str:
    return KIND_LABELS[Kind(kind)] if kind in set(Kind) else kind
