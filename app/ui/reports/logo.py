"""The logo on reports: seen by all who make them, changed by who manages the plant's set-up."""

import streamlit as st

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.reports.shelf import logo, remove_logo, save_logo
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems


def logo_part(access: Access) -> None:
    """Show it; upload another one, or take it away."""
    if not access.principal.may(Permission.MANAGE_MACHINES):
        return
    with st.expander("Logo on reports", icon=":material/image:"):
        known = logo(access)
        if known:
            st.image(known, width=160)
            if st.button("Remove the logo", key="re-logo-remove"):
                confirm_dialog(
                    "Remove the logo?",
                    "New reports come without it.",
                    lambda: remove_logo(access),
                    confirm="Remove",
                    key="re-logo-yes",
                )
        else:
            st.caption("Reports come without a logo.")
        problems = Problems("logo")
        file = st.file_uploader("A PNG of at most 1 MB", type="png", key="re-logo")
        problems.here("logo")
        keep = st.button("Use this logo", key="re-logo-save", disabled=file is None)
        if keep and file is not None and problems.attempt(lambda: save_logo(access, file.getvalue())):
            st.rerun()
        problems.rest()
