"""Which alerts are listed: choices that live in the address."""

from typing import Final

import streamlit as st

from analytics.rules.rule import SEVERITIES
from app.alerts.listing import STATES, Filter
from app.rules.store import list_rules
from app.ui.scene import Scene

OPEN, SHELVED, HELD, ALL = "Open", "Shelved", "Held back", "All"
VIEWS: Final = {
    OPEN: ("active", "acknowledged", "returned"),
    SHELVED: ("shelved",),
    HELD: ("suppressed", "out_of_service"),
    ALL: STATES,
}
DAYS: Final = {"24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}
DAY_US: Final = 86_400_000_000


def chosen_alerts(at: Scene) -> Filter:
    """Draw the filters; what they choose."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "Show", list(VIEWS), default=OPEN, key="al_view", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        span = st.segmented_control(
            "Raised in", list(DAYS), default="7 days", key="al_days", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    cells = st.columns([1, 1, 1, 1])
    with cells[0]:
        severities = st.multiselect(
            "Severity", list(reversed(SEVERITIES)), key="al_severity", bind="query-params",
            placeholder="any severity", label_visibility="collapsed",
        )  # fmt: skip
    names = {machine.device_key: machine.name for machine in at.plant.active}
    with cells[1]:
        machines = st.multiselect(
            "Machine", list(names), format_func=names.__getitem__, key="al_machine", bind="query-params",
            placeholder="any machine", label_visibility="collapsed",
        )  # fmt: skip
    rules = {str(rule.id): rule.name for rule in list_rules(at.access)}
    with cells[2]:
        of_rules = st.multiselect(
            "Rule", list(rules), format_func=rules.__getitem__, key="al_rule", bind="query-params",
            placeholder="any rule", label_visibility="collapsed",
        )  # fmt: skip
    with cells[3]:
        words = st.text_input(
            "Words", key="al_words", bind="query-params", placeholder="words in rule or message",
            label_visibility="collapsed", max_chars=100,
        )  # fmt: skip
    begin = at.now_us - DAYS.get(span or "7 days", 7) * DAY_US
    return Filter(
        machines=tuple(at.plant.machine_by_key[key].id for key in machines),
        severities=tuple(severities),
        rules=tuple(int(number) for number in of_rules),
        states=VIEWS.get(view or OPEN, VIEWS[OPEN]),
        text=(words or "").strip(),
        start_us=None if view in {None, OPEN, SHELVED, HELD} else begin,
    )
