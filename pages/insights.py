"""Insights: ask in plain words, and see what changed, since when, and what it costs."""

from app.ui.insights.ask import ask_card
from app.ui.insights.changes import changes_card
from app.ui.parts import page_header
from app.ui.scene import choose, question, scene, span_note
from app.ui.selecting.ranges import RangeKey

at = scene()
page_header("Insights", "Ask in plain words; below, what changed against the time before, and what it costs.")
ask_card(at)
selection = choose(at, default=RangeKey.LAST_7D)
span_note(at, selection)
changes_card(at, selection, question(selection))
