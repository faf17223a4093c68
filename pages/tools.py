"""Tools: how worn the fitted ones are, when to change them, what the store holds."""

import streamlit as st

from app.shop.life import tool_lives
from app.shop.tools import tools
from app.ui.parts import page_header
from app.ui.scene import scene
from app.ui.shop.tool_list import change_table, life_table, store_table, tool_tiles

VIEWS = ["On machines", "Store", "Changes"]

at = scene()
page_header("Tools", "How worn the fitted tools are, when to change them, what the store holds.")
lives, store = tool_lives(at.access), tools(at.access)
tool_tiles(at, lives, store)
view = st.segmented_control(
    "View",
    VIEWS,
    default=VIEWS[0],
    key="t_view",
    label_visibility="collapsed",
    bind="query-params",
    required=True,
)
if view == "Store":
    store_table(at, store)
elif view == "Changes":
    change_table(at)
else:
    life_table(at, lives)
