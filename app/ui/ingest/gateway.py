"""The program for gateways that lose their connection: what it does, and the file."""

import streamlit as st

from app.ingest import program


def gateway_part() -> None:
    """How a gateway or a camera sends over HTTP without losing anything while it is cut off."""
    st.subheader("From a gateway or a camera", anchor=False)
    st.caption(
        "Where the connection may be lost, this program keeps each message in a file until it is stored "
        "here, and sends it again without doubling it. It needs Python 3.11 and nothing else, and an API "
        "key that may send data."
    )
    st.download_button(
        program.NAME,
        program.text,
        file_name=program.NAME,
        mime="text/x-python",
        icon=":material/download:",
        key="ingest-sender",
        on_click="ignore",
    )
    st.code(
        f"camera | GEMBA_API_KEY=... python {program.NAME} --url https://gemba.example --buffer queue.db",
        None,
    )
