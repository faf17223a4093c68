"""Shift hand-over: what is open, what was promised, signed by who gives and by who takes."""

from app.ui.handover.panel import handover_page
from app.ui.parts import page_header
from app.ui.scene import scene

at = scene()
page_header("Shift hand-over", "What is open, what was promised; signed by who gives and by who takes.")
handover_page(at)
