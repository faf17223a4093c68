"""The few style rules that the theme's settings cannot express, and the tab's icon."""

from importlib import resources
from typing import Final

import streamlit as st

_STYLE: Final = """
<style>
[class*="st-key-tile-"] [data-testid="stMetricValue"],
[class*="st-key-tile-"] [data-testid="stMetricValue"] * {
  overflow: visible; text-overflow: clip; white-space: normal; overflow-wrap: anywhere;
  font-size: clamp(17px, 15cqi, 26px); line-height: 1.25;
}
[class*="st-key-tile-"] [data-testid="stMetric"] { container-type: inline-size; }
[class*="st-key-tile-"] [data-testid="stMetricLabel"] * { white-space: normal; }
[class*="st-key-tile-"] div:has(> [data-testid="stMetricDelta"]) { flex-wrap: wrap; row-gap: 0.1rem; }
[class*="st-key-tile-"] [data-testid="stMetricDeltaDescription"] { flex: none; max-width: 100%; }
button[role="radio"][aria-checked="true"] *, button[role="checkbox"][aria-checked="true"] * {
  color: light-dark(#0B5F59, #5CC9BD);
}
[data-testid="stMarkdownContainer"] code { color: light-dark(#1F2937, #E5E7EB) !important; }
[data-testid="stCaptionContainer"] code {
  color: inherit !important; background: none !important; font-size: 0.95em !important;
}
[data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] * { color: inherit !important; }
[data-testid="stMainBlockContainer"] { padding: 3.2rem 2rem 4rem; }
[class*="st-key-stale-"] { filter: grayscale(0.7); }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 4.2rem 1rem 3rem; }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], .st-key-selection-bar { display: none; }
}
</style>
"""


def page_icon() -> str:
    """The browser tab's icon as an image of our own: a named icon would be fetched from a font host."""
    return str(resources.files("app.ui") / "assets" / "icon.svg")


def page_style() -> None:
    """Put the style rules on the page; call it once a run, before anything is drawn."""
    st.html(_STYLE)
