"""What changed against the time before: one line a finding, with a link to where it can be looked at."""

import pandas as pd
import streamlit as st

from app.insights.findings import Finding, findings
from app.production.figures import Question
from app.ui.answers import asked_of
from app.ui.cards import empty_state
from app.ui.formats import count, plain
from app.ui.parts import data_table
from app.ui.scene import Scene
from app.ui.selecting.links import address
from app.ui.selecting.selection import Selection, carried

ICONS = {
    "loss": ":material/trending_down:",
    "gain": ":material/trending_up:",
    "silent": ":material/cloud_off:",
}
FIRST = 6
KEPT_US = 300_000_000
"""Findings are about days: for five minutes they are not asked for again."""


@st.cache_data(ttl=600, max_entries=64, show_spinner="Comparing with the time before ...")
def _found(
    factory: int, chosen: tuple[object, ...], step: int, _at: Scene, _asked: Question
) -> tuple[Finding, ...]:
    return findings(_at.access, _asked)


def changes_card(at: Scene, selection: Selection, question: Question) -> None:
    """The costliest changes in sentences, all of them in a table."""
    chosen = (selection.range_key, selection.days, *asked_of(question)[2:])
    found = _found(at.access.factory.id, chosen, at.now_us // KEPT_US, at, question)
    if not found:
        empty_state(
            "Nothing changed",
            "No machine's losses differ from the time before by more than a quarter of an hour and 1 % of "
            "its planned time, or there is no time before to compare with.",
            icon="check_circle",
            key="changes",
        )
        return
    groups = (
        ("Lost more than before", "loss"),
        ("Lost less than before", "gain"),
        ("Known too little", "silent"),
    )
    for title, kind in groups:
        mine = [one for one in found if one.kind == kind]
        if mine:
            _group(at, selection, title, mine)
    _table(at, found)


def _group(at: Scene, selection: Selection, title: str, found: list[Finding]) -> None:
    with st.container(border=True, key=f"card-{found[0].kind}", gap="small"):
        st.subheader(title, anchor=False)
        for one in found[:FIRST]:
            link = address("machine", carried(selection, machines=[one.machine]))
            st.markdown(f"{ICONS[one.kind]} {plain(one.text)} [Look at it]({link})")
        if len(found) > FIRST:
            st.caption(f"and {len(found) - FIRST} more in the table below")


def _table(at: Scene, found: tuple[Finding, ...]) -> None:
    currency = at.access.factory.currency
    shown = pd.DataFrame(
        {
            "Machine": [at.names.get(one.machine, one.machine) for one in found],
            "Cause": [one.cause for one in found],
            "Lost h": [one.numbers.get("lost_h") for one in found],
            "Expected h": [one.numbers.get("expected_h") for one in found],
            "Change h": [one.changed_us / 3.6e9 if one.kind != "silent" else None for one in found],
            f"Worth {currency}": [None if one.money is None else count(one.money) for one in found],
            "Since": [
                pd.Timestamp(one.since_us, unit="us", tz=at.zone) if one.since_us else None for one in found
            ],
            "Rank correlation": [one.numbers.get("rank_correlation") for one in found],
        }
    ).dropna(axis=1, how="all")
    with st.expander("All changes as a table"):
        data_table(shown, key="changes", label="What changed", download_name="insights")
