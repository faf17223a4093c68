"""The list of rules, with filters, and what is shown of the chosen one."""

from typing import Final

import pandas as pd
import streamlit as st

from app.rules import store
from app.rules.drafts import SCOPES, KnownRule
from app.rules.figures import raised_since
from app.ui.cards import empty_state
from app.ui.ingest.late import late_note
from app.ui.rules.actions import new_actions, rule_actions
from app.ui.rules.form import begin, levels_of
from app.ui.rules.settings import SCOPE_WORDS
from app.ui.rules.versions import version_card
from app.ui.rules.words import in_one, scope_words, units_of, whole
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

WEEK_US: Final = 7 * 86_400 * 1_000_000
STATES: Final = ("on", "off", "draft", "unpublished changes")


def rule_list(at: Scene) -> None:
    """The list with its actions; below it the chosen rule and its versions."""
    rules = store.list_rules(at.access)
    if not rules:
        new_actions(at, rules)
        empty_state(
            "No rule yet",
            "A rule watches values, states and silence of machines, and raises an alert when they are not as "
            "they should be.",
            ("New rule", lambda: (begin(None), None)[1]),
            icon="rule",
            key="rules",
        )
        return
    shown = _filtered(at, rules)
    actions = st.container(horizontal=True, key="rule-actions")
    row = None
    if shown:
        row = data_table(
            _frame(at, shown), key="rules", label="Rules", selectable=True, height=fitting(len(shown)),
            columns={"What it says": st.column_config.TextColumn(width="large")}, download_name="rules",
        )  # fmt: skip
    else:
        st.caption("No rule fits the filters.")
    late_note(at)
    chosen = shown[row] if row is not None else (shown[0] if len(shown) == 1 else None)
    with actions:
        new_actions(at, shown)
        rule_actions(at, chosen)
    if chosen is None:
        st.caption("Choose a rule to see what it says and its versions.")
        return
    _detail(at, chosen)


def state_words(rule: KnownRule) -> str:
    """Whether a rule runs."""
    if not rule.published:
        return "draft"
    return "on" if rule.is_active else "off"


def _filtered(at: Scene, rules: list[KnownRule]) -> list[KnownRule]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="rule-filters"):
        needle = st.text_input(
            "Search", key="ru_search", placeholder="Name, sentence, description ...", width=300,
            icon=":material/search:", label_visibility="collapsed",
        )  # fmt: skip
        scopes = st.multiselect(
            "Watches", SCOPES, key="ru_scope", format_func=SCOPE_WORDS.__getitem__, width=220,
            placeholder="Watches", label_visibility="collapsed",
        )  # fmt: skip
        states = st.multiselect(
            "State", STATES, key="ru_state", width=240, placeholder="State", label_visibility="collapsed"
        )
    units = units_of(at.plant)
    words = (needle or "").lower().split()
    found = []
    for rule in rules:
        text = f"{rule.name} {rule.description} {in_one(rule.body, units)}".lower()
        fits = all(word in text for word in words) and (not scopes or rule.scope in scopes)
        if fits and (not states or _states(rule) & set(states)):
            found.append(rule)
    return found


def _states(rule: KnownRule) -> set[str]:
    has_changes = rule.published and rule.has_changes
    return {state_words(rule)} | ({"unpublished changes"} if has_changes else set())


def _frame(at: Scene, rules: list[KnownRule]) -> pd.DataFrame:
    units = units_of(at.plant)
    raised = raised_since(at.access, at.now_us - WEEK_US)
    return pd.DataFrame(
        {
            "Name": [rule.name for rule in rules],
            "State": [state_words(rule) for rule in rules],
            "What it says": [in_one(rule.body, units) for rule in rules],
            "Watches": [scope_words(at.plant, rule.scope, rule.target) for rule in rules],
            "Severity": [
                ", ".join(str(level["severity"]) for level in levels_of(rule.body)) for rule in rules
            ],
            "Version": [rule.published for rule in rules],
            "Changes": ["not published" if rule.has_changes else "" for rule in rules],
            "Alerts, 7 days": [raised.get(rule.id, 0) for rule in rules],
        }
    )


def _detail(at: Scene, rule: KnownRule) -> None:
    st.markdown(f"##### {rule.name}")
    if rule.description:
        st.caption(rule.description)
    if rule.published and rule.has_changes:
        st.caption(f"The draft says this; version {rule.published} runs until it is published.")
    st.markdown("  \n".join(whole(at.plant, store.as_draft(rule))))
    version_card(at, rule)
