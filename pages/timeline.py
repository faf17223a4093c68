"""Timeline: what every machine did, over hours or weeks; a click on a stop gives it its reason."""

from app.ui.gantt.card import gantt
from app.ui.oee.tiles import is_empty
from app.ui.parts import page_header
from app.ui.scene import choose, nothing_here, question, scene, span_note
from app.ui.selecting.ranges import RangeKey
from app.ui.stops.asking import last_said

at = scene()
page_header("Timeline", "What every machine did. Zoom in with the mouse; click a stop to give it its reason.")
selection = choose(at, default=RangeKey.LAST_24H)
asked = question(selection)
span_note(at, selection)
last_said(at)
if is_empty(at, asked):
    nothing_here(at)
else:
    gantt(at, selection, asked)
