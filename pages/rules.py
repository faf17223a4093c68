"""Rules: what raises alerts, tried on history before it runs."""

import streamlit as st

from app.auth.permissions import Permission
from app.ui.parts import page_header
from app.ui.rules.editor import rule_editor
from app.ui.rules.form import current
from app.ui.rules.listing import rule_list
from app.ui.scene import scene

at = scene(Permission.CREATE_RULES)
form = current()
done = st.session_state.pop("rules-done", "")
if done:
    st.toast(done, icon=":material/check_circle:")
if form is None:
    page_header("Rules", "What raises alerts: written, tried on history, then published.")
    rule_list(at)
else:
    page_header(form.name or "New rule", "A draft changes nothing until it is published.")
    rule_editor(at, form)
