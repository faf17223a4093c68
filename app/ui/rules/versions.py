"""The versions of a rule: what ran when, what differs, and back to an earlier one."""

from typing import Final

import pandas as pd
import streamlit as st

from app.rules import store
from app.rules.drafts import KnownRule
from app.ui.dialogs import confirm_dialog
from app.ui.rules.comparing import Stated, differences
from app.ui.rules.words import in_one, units_of
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import RuleVersion

DRAFT: Final = 0


def version_card(at: Scene, rule: KnownRule) -> None:
    """The versions, the newest first, the difference of two, and rolling back."""
    with st.container(border=True, key="ru-versions"):
        st.markdown("##### Versions")
        found = store.versions(at.access, rule.id)
        if not found:
            st.caption("It was never published.")
            return
        _table(at, found)
        stated = {one.number: _stated(one) for one in found}
        stated[DRAFT] = Stated("the draft", rule.name, rule.scope, tuple(rule.target), rule.body)
        _difference(at, rule, stated)
        _roll_back(at, rule, [one.number for one in found if one.number != rule.published])


def _stated(row: RuleVersion) -> Stated:
    return Stated(f"version {row.number}", row.name, row.scope, tuple(row.target), row.body)


def _table(at: Scene, found: list[RuleVersion]) -> None:
    units = units_of(at.plant)
    frame = pd.DataFrame(
        {
            "Version": [one.number for one in found],
            "Published": [one.published_at.astimezone(at.zone).strftime("%Y-%m-%d %H:%M") for one in found],
            "By": [one.author for one in found],
            "Name": [one.name for one in found],
            "What it says": [in_one(one.body, units) for one in found],
        }
    )
    data_table(frame, key="ru-version-table", label="Versions", height=fitting(len(frame), 8))


def _difference(at: Scene, rule: KnownRule, stated: dict[int, Stated]) -> None:
    """The fields that differ between two versions, by default between what runs and the draft."""
    numbers = list(stated)
    newest = DRAFT if rule.has_changes else rule.published
    oldest = rule.published if rule.has_changes else max(rule.published - 1, 1)
    with st.container(horizontal=True):
        before = st.selectbox(
            "From", numbers, numbers.index(oldest), key=f"ru-from-{rule.id}-{rule.version}", width=170,
            format_func=lambda one: stated[one].label,
        )  # fmt: skip
        after = st.selectbox(
            "To", numbers, numbers.index(newest), key=f"ru-to-{rule.id}-{rule.version}", width=170,
            format_func=lambda one: stated[one].label,
        )  # fmt: skip
    if before == after:
        st.caption("Choose two that differ.")
        return
    found = differences(at.plant, stated[before], stated[after])
    if not found:
        st.caption("They say the same.")
        return
    frame = pd.DataFrame(
        {
            "Field": [one.field for one in found],
            stated[before].label.capitalize(): [one.before for one in found],
            stated[after].label.capitalize(): [one.after for one in found],
        }
    )
    data_table(frame, key="ru-difference", label="What differs", height=fitting(len(frame), 12))


def _roll_back(at: Scene, rule: KnownRule, numbers: list[int]) -> None:
    if not numbers:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            "Back to", numbers, key=f"ru-back-{rule.id}", width=170, format_func=lambda one: f"version {one}"
        )
        if st.button("Roll back", icon=":material/history:", key="ru-roll-back"):
            confirm_dialog(
                f"Publish version {number} of {rule.name} again?",
                "It becomes a new version and runs at once; the open alerts of the version that runs now are "
                "closed, and the draft becomes the same.",
                lambda: store.roll_back(at.access, rule.id, rule.version, number),
                confirm="Roll back",
                key="roll-back",
            )
