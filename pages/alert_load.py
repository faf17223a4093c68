"""Alert load: how much alerts ask of people, against the limits of ISA-18.2."""

from app.ui.alerts.load import load_page
from app.ui.parts import page_header
from app.ui.scene import choose, scene, span_note
from app.ui.selecting.ranges import RangeKey

at = scene()
page_header("Alert load", "How much alerts ask of people, against the limits of ISA-18.2.")
selection = choose(at, default=RangeKey.LAST_7D, shifts=False)
span_note(at, selection)
load_page(at, selection)
