"""What can be done with rules: new, edit, switch, duplicate, publish, delete, files."""

from collections.abc import Callable

import streamlit as st

from analytics.errors import GembaError
from app.rules import store
from app.rules.drafts import KnownRule
from app.rules.exchange import as_yaml, import_rules
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import many, number
from app.ui.rules.form import begin
from app.ui.scene import Scene


def new_actions(at: Scene, rules: list[KnownRule]) -> None:
    """What needs no chosen rule."""
    if st.button("New rule", type="primary", icon=":material/add:", key="ru-new"):
        begin(None)
        st.rerun()
    if st.button("Import", icon=":material/upload:", key="ru-import"):
        import_dialog(at)
    if rules:
        st.download_button(
            "Export", lambda: as_yaml(at.plant, rules), "rules.yaml", "application/yaml", key="ru-export",
            icon=":material/download:", on_click="ignore", help="The rules that the list shows, as YAML.",
        )  # fmt: skip


@st.dialog("Import rules", icon=":material/upload:")
def import_dialog(at: Scene) -> None:
    """Take the rules of a YAML file as drafts."""
    st.markdown(
        "A rule with the name of one that is there changes its draft; others are new. Nothing runs before it "
        "is published, and nothing is taken from a file with a mistake."
    )
    file = st.file_uploader("YAML file", ["yaml", "yml"], key="ru-file")
    if not st.button("Import", type="primary", key="ru-import-go", disabled=file is None) or file is None:
        return
    try:
        new, changed = import_rules(at.access, file.getvalue().decode("utf-8", "replace"))
    except GembaError as error:
        error_card(error)
        return
    st.session_state["rules-done"] = f"{many(new, 'new rule')}, {number(changed)} changed, all as drafts."
    st.rerun()


def rule_actions(at: Scene, rule: KnownRule | None) -> None:
    """What is done with the chosen rule."""
    off, hint = rule is None, "Choose a rule in the table first." if rule is None else None
    if st.button("Edit", icon=":material/edit:", key="ru-edit", disabled=off, help=hint) and rule:
        begin(rule)
        st.rerun()
    label = "Switch off" if rule is None or rule.is_active else "Switch on"
    if st.button(label, icon=":material/power_settings_new:", key="ru-switch", disabled=off) and rule:
        done(
            lambda: store.switch_rule(at.access, rule.id, rule.version),
            f"{rule.name} is {'off' if rule.is_active else 'on'}.",
        )
    if st.button("Duplicate", icon=":material/content_copy:", key="ru-copy", disabled=off) and rule:
        done(lambda: store.duplicate_rule(at.access, rule.id), f"A copy of {rule.name} is there as a draft.")
    may_publish = rule is not None and rule.has_changes
    if st.button("Publish", icon=":material/publish:", key="ru-publish", disabled=not may_publish) and rule:
        done(
            lambda: store.publish_rule(at.access, rule.id, rule.version),
            f"{rule.name} runs as version {rule.published + 1}.",
        )
    if st.button("Delete", icon=":material/delete:", key="ru-delete", disabled=off) and rule:
        confirm_dialog(
            f"Delete {rule.name}?",
            "It raises no more alerts, and its open ones are closed. Its past alerts stay.",
            lambda: store.remove_rule(at.access, rule.id, rule.version),
            confirm="Delete rule",
            key="delete-rule",
        )


def done(action: Callable[[], object], said: str) -> None:
    """Do it, say so, and draw the page again; a refusal is a card."""
    try:
        action()
    except GembaError as error:
        error_card(error)
        return
    st.session_state["rules-done"] = said
    st.rerun()
