"""An import that runs: its progress, a way to stop it, and what came of it."""

import streamlit as st

from analytics.errors import GembaError
from app.imports.background import Running
from app.ui.cards import error_card
from app.ui.imports.outcome import show_summary
from app.ui.imports.uploads import forget_files

RUNNING = "imports-running"
REFRESH_S = 0.5


def running() -> Running | None:
    """The import of this session, running or ended but not yet put away."""
    found: Running | None = st.session_state.get(RUNNING)
    return found


@st.fragment(run_every=REFRESH_S)
def watch() -> None:
    """Progress and a stop button; the page runs again when the import has ended."""
    found = running()
    if found is None:
        return
    if found.done:
        st.rerun()
    st.progress(min(1.0, found.share), found.stage or "Starting ...")
    if st.button("Stop", icon=":material/stop_circle:", key="i-stop"):
        found.cancel()
    st.caption("You may leave this page: the import goes on.")


def show_result(found: Running) -> None:
    """What an ended import did, and a button that puts it away."""
    error = found.error
    if isinstance(error, GembaError):
        error_card(error)
    elif error is not None:
        error_card(GembaError("The import broke off. Import the file again: what is loaded stays as it is."))
    elif any(done.tally.rejected for done in found.summaries):
        st.warning("Loaded, without the rejected rows below.", icon=":material/warning:")
    else:
        st.success("All rows are loaded.", icon=":material/check_circle:")
    for done in found.summaries:
        show_summary(done)
    if st.button("Import more", type="primary", icon=":material/upload_file:", key="i-more"):
        st.session_state.pop(RUNNING)
        forget_files()
        st.rerun()
