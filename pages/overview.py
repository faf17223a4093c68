"""Overview: is the plant winning, why not, and where to look; it refreshes itself."""

from app.ui.oee.tiles import figure_tiles, is_empty
from app.ui.overview.board import board
from app.ui.overview.lanes import lanes_card
from app.ui.overview.standing import standing_row
from app.ui.parts import live, page_header
from app.ui.scene import choose, moved, nothing_here, question, scene, span_note

REFRESH_S = 5.0
FIGURES = ("oee", "availability", "performance", "quality")

at = scene()
page_header(at.access.factory.name)
selection = choose(at)
span_note(at, selection)


@live(REFRESH_S)
def board_and_figures() -> None:
    """Everything below the selection, drawn again every few seconds."""
    now = scene()
    later = moved(now, selection)
    asked = question(later)
    if is_empty(now, asked):
        nothing_here(now)
        return
    figure_tiles(now, later, asked, FIGURES, now.target(), output=True)
    standing_row(now)
    board(now, later, asked)
    lanes_card(now, later, asked)


board_and_figures()
