"""The lines of the plant, and the dialog that adds or changes one."""

import pandas as pd
import streamlit as st

from app.production.masters.lines import (
    LONGEST_KEY,
    LineDraft,
    StoredLine,
    delete_line,
    lines,
    save_line,
)
from app.ui.cards import empty_state
from app.ui.forms import Problems, form_dialog
from app.ui.machines.views import DONE
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.tables import data_table, fitting


def line_table(at: Scene) -> None:
    """All lines with how many machines stand on each."""
    known = lines(at.access)
    row = None
    if known:
        row = data_table(
            pd.DataFrame(
                {
                    "Key": [one.draft.key for one in known],
                    "Name": [one.draft.name for one in known],
                    "Area": [one.draft.area for one in known],
                    "Machines": [one.machines for one in known],
                    "OEE target": pd.Series([one.draft.oee_target for one in known], dtype="float64"),
                }
            ),
            key="line-table", label="The lines",
            columns={"OEE target": st.column_config.NumberColumn("OEE target", format="percent")},
            download_name="lines", selectable=True, height=fitting(len(known)),
        )  # fmt: skip
    else:
        empty_state(
            "No line yet",
            "A line holds machines that make something together: figures are compared by line. Machines can "
            "also stand on none.",
            icon="conveyor_belt",
            key="lines",
        )
    row_actions(
        at, "line", lambda place: _open(at, None if place is None else known[place]), row,
        delete=lambda place: delete_line(at.access, known[place]),
        warning="A line goes only when nothing refers to it; otherwise you are told what does.",
        name=lambda place: known[place].draft.name,
    )  # fmt: skip


def _open(at: Scene, stored: StoredLine | None) -> None:
    def save(draft: LineDraft) -> None:
        save_line(at.access, draft, stored)
        st.session_state[DONE] = f"{draft.name} was saved."

    form_dialog(
        "line", "Change a line" if stored else "Add a line", ":material/conveyor_belt:",
        lambda problems: _fields(at, stored, problems), save,
    )  # fmt: skip


def _fields(at: Scene, stored: StoredLine | None, problems: Problems) -> LineDraft:
    draft = stored.draft if stored else LineDraft("", "")
    name = st.text_input("Name", draft.name, max_chars=200, key="li-name", placeholder="Milling")
    problems.here("name")
    key = st.text_input(
        "Key", draft.key, max_chars=LONGEST_KEY, key="li-key", disabled=stored is not None,
        placeholder="line-3", help="By it files and links name the line. It cannot be changed later.",
    )  # fmt: skip
    problems.here("key")
    target = st.number_input(
        "OEE target (%)", 0.0, 100.0, None if draft.oee_target is None else 100 * draft.oee_target,
        key="li-target", placeholder="that of the factory",
        help="A target of the page Shifts & calendar goes before it.",
    )  # fmt: skip
    problems.here("oee_target")
    areas = ["", *(one.name for one in at.plant.rows.areas)]
    area = st.selectbox(
        "Area", areas, areas.index(draft.area) if draft.area in areas else 0, key="li-area",
        format_func=lambda one: one or "none", accept_new_options=True,
        help="The part of the factory in which the line stands. Choose one, or type the name of a new one.",
    )  # fmt: skip
    problems.here("area")
    share = None if target is None else target / 100
    return LineDraft((key or "").strip(), (name or "").strip(), share, (area or "").strip())
