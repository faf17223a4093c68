"""What stands on the page before a file is chosen: what can be imported, and a sample of each kind."""

import streamlit as st

from app.imports.layout.kinds import KIND_LABELS, Kind
from app.imports.layout.samples import sample
from app.ui.cards import empty_state


def show_start() -> None:
    """How to begin."""
    empty_state(
        "Choose files above",
        "Columns are recognised by their titles, you see what would happen before anything is stored, and "
        "the same file twice changes nothing. Samples to start from:",
        icon="upload_file",
        key="imports",
    )
    with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        for kind in Kind:
            st.download_button(
                KIND_LABELS[kind],
                sample(kind),
                f"sample-{kind.value.replace('_', '-')}.csv",
                "text/csv",
                key=f"i-sample-{kind.value}",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
