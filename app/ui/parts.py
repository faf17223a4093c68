"""The parts of a page in one place, so that a page needs one import."""

from app.ui.badges import coverage_text, stale_note, state_badge, state_text
from app.ui.cards import empty_state, error_card, loading
from app.ui.charts.chart import Click, PlotEvent, plot
from app.ui.charts.chart_card import chart_card, picture_card
from app.ui.dialogs import confirm_dialog
from app.ui.header import page_header
from app.ui.live import live
from app.ui.selecting.selection import Selection, link_params, select
from app.ui.tables import data_table, download_buttons
from app.ui.tiles import Comparison, kpi_tile, tile_grid

__all__ = [
    "Click",
    "Comparison",
    "PlotEvent",
    "Selection",
    "chart_card",
    "confirm_dialog",
    "coverage_text",
    "data_table",
    "download_buttons",
    "empty_state",
    "error_card",
    "kpi_tile",
    "link_params",
    "live",
    "loading",
    "page_header",
    "picture_card",
    "plot",
    "select",
    "stale_note",
    "state_badge",
    "state_text",
    "tile_grid",
]
