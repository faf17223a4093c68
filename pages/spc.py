"""SPC: is what a machine does still what it always does, and can it keep its limits?"""

from app.ui.parts import page_header
from app.ui.scene import choose, nothing_here, scene, span_note
from app.ui.selecting.ranges import RangeKey
from app.ui.spc.panel import chosen, panel

at = scene()
page_header("SPC", "Is what a machine does still what it always does, and can it keep its limits?")
selection = choose(at, default=RangeKey.LAST_7D, one_machine=True, shifts=False)
span_note(at, selection)
if not selection.machines:
    nothing_here(at)
else:
    asked = chosen(at, selection, selection.machines[0])
    if asked is not None:
        panel(at, selection, asked)
