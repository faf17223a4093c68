"""My account: password, second factor, open log-ins."""

import streamlit as st

from app.auth.permissions import ROLE_LABELS
from app.ui.gate import own_access
from app.ui.parts import page_header
from app.ui.people.own import DONE, log_ins, password, second_factor

who = own_access()
principal = who.principal
page_header(
    principal.name,
    f"{principal.email} · {ROLE_LABELS.get(principal.role, principal.role)} · {who.factory.name}",
)
done = st.session_state.pop(DONE, "")
if done:
    st.toast(done, icon=":material/check_circle:")
left, right = st.columns(2)
with left:
    password(who)
with right:
    second_factor(who)
log_ins(who)
