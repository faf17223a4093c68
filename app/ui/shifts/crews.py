"""The crews, their rotations, and the dialog that adds or changes one."""

import pandas as pd
import streamlit as st

from analytics.timeline import FREE, rotation, shift_letters
from app.shifts.crews import CrewDraft, StoredCrew, crews, delete_crew, save_crew
from app.ui.cards import empty_state
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.shifts.month import near
from app.ui.tables import data_table, fitting


def letters(at: Scene) -> dict[str, str]:
    """A letter for each shift of the plant."""
    return shift_letters([(row.key, row.name) for row in at.plant.rows.shifts])


def crew_table(at: Scene) -> None:
    """All crews with their rotation in letters and what they do today."""
    known, by_letter = crews(at.access), letters(at)
    by_key = {key: letter for letter, key in by_letter.items()}
    names = {row.key: row.name for row in at.plant.rows.shifts}
    today = near(at)
    now = [
        one.draft.rotation[(today - one.draft.anchor).days % len(one.draft.rotation)]
        if one.draft.rotation
        else FREE
        for one in known
    ]
    shown = pd.DataFrame(
        {
            "Crew": [one.draft.name for one in known],
            "Key": [one.draft.key for one in known],
            "Rotation": ["".join(by_key.get(key, FREE) for key in one.draft.rotation) for one in known],
            "Days": [len(one.draft.rotation) for one in known],
            "First day": [one.draft.anchor for one in known],
            "Today": ["free" if key == FREE else names.get(key, key) for key in now],
        }
    )
    if known:
        row = data_table(
            shown, key="crew-table", label="The crews", selectable=True, download_name="crews",
            height=fitting(len(shown), 14),
        )  # fmt: skip
    else:
        row = None
        empty_state(
            "No crew yet", "Crews say who works which shift in the month view.", icon="groups", key="crews"
        )
    row_actions(
        at, "crew", lambda place: _dialog(at, None if place is None else known[place]), row,
        delete=lambda place: delete_crew(at.access, known[place]),
        warning="It leaves the calendar, in the past as well. No figure changes.",
        name=lambda place: known[place].draft.name,
    )  # fmt: skip


def _dialog(at: Scene, stored: StoredCrew | None) -> None:
    Problems("crew").clear()
    by_letter = letters(at)
    by_key = {key: letter for letter, key in by_letter.items()}

    @st.dialog("Change a crew" if stored else "Add a crew", icon=":material/groups:")
    def dialog() -> None:
        problems = Problems("crew")
        draft = stored.draft if stored else CrewDraft("", "", (), near(at))
        with st.form("crew-form", border=False, enter_to_submit=False):
            name = st.text_input("Name", draft.name, max_chars=120, key="crew-name", placeholder="Crew A")
            problems.here("name")
            key = st.text_input("Key", draft.key, max_chars=60, key="crew-key", placeholder="A")
            problems.here("key")
            told = ", ".join(f"{letter} {known}" for letter, known in by_letter.items())
            text = st.text_input(
                "Rotation, a letter per day", "".join(by_key.get(one, FREE) for one in draft.rotation),
                key="crew-rotation", placeholder="EELLNN--", help=f"{told}, - free",
            )  # fmt: skip
            st.caption(f"{told}, - free")
            problems.here("rotation")
            anchor = st.date_input("Its first day is", draft.anchor, key="crew-anchor")
            problems.rest()
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return

        def save() -> None:
            days = rotation(text or "", by_letter)
            save_crew(at.access, CrewDraft((key or "").strip(), (name or "").strip(), days, anchor), stored)

        if problems.attempt(save):
            st.rerun()
        st.rerun(scope="fragment")

    dialog()
