"""The targets of figures as a table, and the dialog that adds or changes one."""

import pandas as pd
import streamlit as st

from app.production.terms.targets import FIGURES
from app.shifts.targets import StoredTarget, TargetDraft, delete_target, save_target, targets
from app.ui.cards import empty_state
from app.ui.formats import number, percent
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.shifts.month import near
from app.ui.tables import data_table, fitting


def target_table(at: Scene) -> None:
    """All targets; the one that names most of line, product and shift counts."""
    known = targets(at.access)
    st.caption(
        "The target that names most of line, product and shift counts. Without one, OEE has the line's own "
        "target, else the factory's."
    )
    lines = {row.key: row.name for row in at.plant.rows.lines}
    products = {row.key: row.name or row.key for row in at.plant.rows.products}
    shifts = {row.key: row.name for row in at.plant.rows.shifts}
    shown = pd.DataFrame(
        {
            "Figure": [figure_name(one.draft.figure) for one in known],
            "Target": [_written(one.draft) for one in known],
            "Line": [lines.get(one.draft.line, "all") for one in known],
            "Product": [products.get(one.draft.product, "all") for one in known],
            "Shift": [shifts.get(one.draft.shift, "all") for one in known],
            "From": [one.draft.valid_from for one in known],
        }
    )
    row = None
    if known:
        row = data_table(
            shown, key="target-table", label="Targets", selectable=True, download_name="targets",
            height=fitting(len(shown), 14),
        )  # fmt: skip
    else:
        empty_state(
            "No target yet", "Say what a line, product or shift should reach.", icon="flag", key="targets"
        )
    row_actions(
        at, "target", lambda place: _dialog(at, None if place is None else known[place]), row,
        delete=lambda place: delete_target(at.access, known[place]),
        warning="A less specific target counts again, in the past as well.",
        name=lambda place: f"the target {_written(known[place].draft)}",
    )  # fmt: skip


def figure_name(key: str) -> str:
    """A figure in words with its unit; its key where the registry has it no longer."""
    if key not in FIGURES:
        return key
    unit = FIGURES[key].unit
    return f"{FIGURES[key].name} ({unit})" if unit else FIGURES[key].name


def _is_share(key: str) -> bool:
    return key in FIGURES and FIGURES[key].unit == "%"


def _written(draft: TargetDraft) -> str:
    return percent(draft.value) if _is_share(draft.figure) else number(draft.value, 2)


def _dialog(at: Scene, stored: StoredTarget | None) -> None:
    Problems("target").clear()

    @st.dialog("Change a target" if stored else "Add a target", icon=":material/flag:")
    def dialog() -> None:
        problems = Problems("target")
        draft = stored.draft if stored else TargetDraft("oee", 0.75, near(at))
        with st.form("target-form", border=False, enter_to_submit=False):
            keys = list(FIGURES)
            figure = st.selectbox("Figure", keys, keys.index(draft.figure), key="target-figure",
                                  format_func=figure_name)  # fmt: skip
            value = st.number_input(
                "Target", 0.0, 1e9, 100 * draft.value if _is_share(draft.figure) else draft.value,
                key="target-value", help="In the unit of the figure, which stands behind its name.",
            )  # fmt: skip
            problems.here("value")
            line = _one("Line", {row.key: row.name for row in at.plant.rows.lines}, draft.line)
            offered = at.plant.offered(draft.product)
            product = _one("Product", {row.key: row.name for row in offered}, draft.product)
            shift = _one("Shift", {row.key: row.name for row in at.plant.rows.shifts}, draft.shift)
            begin = st.date_input("From", draft.valid_from, key="target-from")
            problems.here("valid_from")
            problems.rest()
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return
        made = TargetDraft(figure, value / 100 if _is_share(figure) else value, begin, line, product, shift)
        if problems.attempt(lambda: save_target(at.access, made, stored)):
            st.rerun()
        st.rerun(scope="fragment")

    dialog()


def _one(label: str, names: dict[str, str], chosen: str) -> str:
    keys = ["", *names]
    return st.selectbox(label, keys, keys.index(chosen) if chosen in keys else 0,
                        key=f"target-{label.lower()}",
                        format_func=lambda key: names[key] or key if key else "all")  # fmt: skip
