"""What each line lost, in one sentence, and what needs attention."""

import streamlit as st

from app.production.overview import Concern, LineLoss, Overview
from app.ui.formats import age, duration, percent
from app.ui.links import go
from app.ui.ranges import RangeKey
from app.ui.selection import link_params

ICONS = {
    "down": ":material/error:",
    "silent": ":material/cloud_off:",
    "not_evaluable": ":material/help:",
    "over_speed": ":material/speed:",
    "overlap": ":material/layers:",
}
MOST = 6


def sentence(line: LineLoss) -> str:
    """One line's result: "Rolling lost 1:14 h, 48 % of it Roll change on Finishing mill"."""
    minutes = line.lost_us / 60_000_000
    oee = f"OEE {percent(line.oee)}" if line.oee is not None else "OEE not evaluable"
    if not line.lost_us:
        return f"**{line.name}** lost no time. {oee}."
    share = percent(line.top_us / line.lost_us, 0)
    cause = f", {share} of it {line.top} on {line.machine}" if line.top else ""
    return f"**{line.name}** lost {duration(minutes)}{cause}. {oee}."


def line_sentences(found: Overview, range_key: RangeKey) -> None:
    """One sentence a line, each a way to the machine that cost the most."""
    with st.container(border=True, key="card-lines", height="stretch"):
        st.markdown("**Why**")
        for line in found.lines:
            words = sentence(line)
            if not line.machine_key:
                st.markdown(words)
            elif st.button(words, key=f"why-{line.key}", type="tertiary", help=f"Open {line.machine}"):
                go("machine", link_params(range_key=range_key, machines=[line.machine_key]))


def attention(found: Overview, now_us: int, range_key: RangeKey) -> None:
    """What somebody should look at, the longest stop first."""
    with st.container(border=True, key="card-attention", height="stretch"):
        st.markdown("**Needs attention**")
        if not found.concerns:
            st.caption(":material/check_circle: Nothing stands out.")
        for position, concern in enumerate(found.concerns[:MOST]):
            label = f"{ICONS[concern.kind]} {_text(concern, now_us)}"
            if st.button(label, key=f"concern-{position}", type="tertiary"):
                go("machine", link_params(range_key=range_key, machines=[concern.machine_key]))
        if len(found.concerns) > MOST:
            st.caption(f"and {len(found.concerns) - MOST} more")


def _text(concern: Concern, now_us: int) -> str:
    if concern.since_us is None:
        return concern.text
    return f"{concern.text}, for {age(concern.since_us, now_us).replace(' ago', '')}"
