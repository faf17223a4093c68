"""KPIs: every figure of the registry, from what it is computed, and how it went."""

import streamlit as st

from analytics.kpis import BY_ID, GROUPS
from app.ui.kpis.table import detail, goals, results, table
from app.ui.kpis.worth import rates_line
from app.ui.parts import page_header
from app.ui.scene import choose, question, scene, span_note
from app.ui.selecting.ranges import RangeKey

at = scene()
page_header("KPIs", "Every figure of the registry: its value, from what it is computed, and how it went.")
selection = choose(at, default=RangeKey.LAST_7D, products=True)
asked = question(selection)
span_note(at, selection)
rates_line(at)
group = st.segmented_control(
    "Group", ["All", *GROUPS], default=GROUPS[0], key="k_group", bind="query-params",
    label_visibility="collapsed", required=True,
)  # fmt: skip
found = results(at, asked)
chosen = table(found, str(group), at.access.factory.currency, goals(at, asked))
if chosen is not None:
    detail(at, selection, asked, found[chosen])
elif group != "All":
    first = next(one for one in BY_ID.values() if one.group == group)
    detail(at, selection, asked, found[first.id])
else:
    st.caption("Choose a KPI in the table: its elements and its course are shown below.")
