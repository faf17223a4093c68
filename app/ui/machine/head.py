"""What a machine is doing at this moment."""

import streamlit as st

from app.production.figures import Question
from app.production.overview import MachineNow
from app.ui.answers import overview_of
from app.ui.badges import state_badge
from app.ui.formats import count
from app.ui.scene import Scene


def machine_now(at: Scene, question: Question) -> MachineNow | None:
    """The machine of the question, or None when it is not in use."""
    found = overview_of(at, question).machines
    return found[0] if found else None


def head(at: Scene, now: MachineNow) -> None:
    """Draw the state with its age and reason, and the parts against what the target expects by now."""
    with st.container(horizontal=True, vertical_alignment="center", key="machine-head"):
        state_badge(now.state, now.since_us, at.now_us)
        if now.reason:
            st.markdown(now.reason, width="content")
        if now.expected is not None:
            gap = now.good - now.expected
            word = "ahead of" if gap >= 0 else "behind"
            st.markdown(
                f"{count(now.good)} good parts: {count(abs(gap))} {word} the "
                f"{count(now.expected)} that the OEE target asks for",
                width="content",
            )
