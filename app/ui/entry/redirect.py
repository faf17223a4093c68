"""Sends the browser to another address of this server, in the same tab."""

import secrets

import streamlit as st

_component = st.components.v2.component(
    "gemba_redirect",
    html="<span hidden></span>",
    js="""
const done = new Set()
export default function ({ data }) {
  const { target, number } = data || {}
  if (typeof target !== "string" || !target.startsWith("/") || target.startsWith("//")) return
  if (done.has(number)) return
  done.add(number)
  window.location.assign(target)
}
""",
)


def go_to(target: str) -> None:
    """Leave this page for `target`, a path on this server; the run ends here."""
    number = secrets.token_hex(8)
    _component(data={"target": target, "number": number}, key=f"redirect-{number}")
    st.stop()
