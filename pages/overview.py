"""Overview: is the plant winning, why not, and where to look; it refreshes itself."""

import streamlit as st

from app.ui.answers import overview_of
from app.ui.links import go
from app.ui.oee.tiles import figure_tiles
from app.ui.overview.lanes import lanes_card
from app.ui.overview.wall import machine_wall
from app.ui.overview.words import attention, line_sentences
from app.ui.parts import link_params, page_header
from app.ui.scene import choose, moved, nothing_here, question, scene

REFRESH_S = 5.0
FIGURES = ("oee", "availability", "performance", "quality")

at = scene()
page_header(at.access.factory.name)
selection = choose(at)


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """Everything below the selection, drawn again every few seconds."""
    now = scene()
    later = moved(now, selection)
    asked = question(later)
    found = overview_of(now, asked)
    row = figure_tiles(now, later, asked, FIGURES, now.target(), output=True)
    if row["total"] == 0 and row["producing_us"] == 0:
        nothing_here(now)
        return
    left, right = st.columns(2)
    with left:
        line_sentences(found, later.range_key)
    with right:
        attention(found, now.now_us, later.range_key)
    opened = machine_wall(found.machines, now.now_us)
    if opened:
        go("machine", link_params(range_key=later.range_key, machines=[opened]))
    lanes_card(now, later, asked)


live()
