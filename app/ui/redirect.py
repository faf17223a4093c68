"""Sends the browser to another address of this server, in the same tab."""

import streamlit as st

_component = st.components.v2.component(
    "gemba.redirect",
    html="<span hidden></span>",
    js="""
export default function ({ data }) {
  const target = data && data.target;
  if (typeof target === "string" && target.startsWith("/") && !target.startsWith("//")) {
    window.location.assign(target);
  }
}
""",
)


def go_to(target: str) -> None:
    """Leave this page for `target`, a path on this server; the run ends here."""
    _component(data={"target": target}, key="redirect")
    st.stop()
