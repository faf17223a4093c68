"""Live board: the plant now, to be read from across the hall; it refreshes itself."""

from app.ui.andon.board import andon
from app.ui.oee.tiles import is_empty
from app.ui.parts import live, page_header
from app.ui.scene import choose, moved, nothing_here, question, scene
from app.ui.selecting.ranges import RangeKey

REFRESH_S = 5.0

at = scene()
page_header("Live board")
selection = choose(at, default=RangeKey.THIS_SHIFT)


@live(REFRESH_S)
def board() -> None:
    """Drawn again every few seconds."""
    now = scene()
    later = moved(now, selection)
    asked = question(later)
    if is_empty(now, asked):
        nothing_here(now)
        return
    andon(now, later, asked)


board()
