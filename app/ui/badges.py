"""Small marks: a machine's state, how old the data is, how much of it there is."""

import streamlit as st

from analytics.vocabulary import State
from app.ui.formats import age, percent
from app.ui.palette import STATE_TONES

STALE_AFTER_US = 5 * 60_000_000
LOW_COVERAGE = 0.9
ALMOST_ALL = 0.99
"""From here on a decimal is shown, so that a little missing time does not read as none."""


def state_badge(state: State, since_us: int | None = None, now_us: int | None = None) -> None:
    """Draw the state as colour, icon and word, and for how long: "Down 12 min"."""
    tone = STATE_TONES[state]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        st.badge(tone.word, icon=tone.icon, color=tone.badge)
        if since_us is not None and now_us is not None:
            st.caption(age(since_us, now_us).replace(" ago", ""))


def state_text(state: State) -> str:
    """The same badge as Markdown, for tables of text and lists."""
    tone = STATE_TONES[state]
    return f":{tone.badge}-badge[{tone.icon} {tone.word}]"


def stale_note(
    last_us: int | None, now_us: int, *, after_us: int = STALE_AFTER_US, what: str = "Data"
) -> bool:
    """Say how old the data is when it is older than `after_us`; True if it is.

    Old data stays on the page, greyed by its note, never blank.
    """
    if last_us is not None and now_us - last_us <= after_us:
        return False
    words = f"{what}: last received {age(last_us, now_us)}." if last_us is not None else f"{what}: none yet."
    st.badge(words, icon=":material/cloud_off:", color="gray")
    return True


def coverage_text(coverage: float | None) -> str:
    """How much of the time has data, with a warning sign where it is little; empty when unknown."""
    if coverage is None:
        return ""
    mark = ":material/warning: " if coverage < LOW_COVERAGE else ""
    decimals = 1 if coverage >= ALMOST_ALL else 0
    return f"{mark}data for {percent(coverage, decimals)} of the time"
