"""Look back while editing: the alerts that a draft would have raised, the stops that it would have met."""

import json
import time
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from analytics.rules.load import ACCEPTABLE, MANAGEABLE
from analytics.rules.rule import SEVERITIES
from app.rules.backtest import LookBack, Raised, look_back
from app.rules.drafts import Draft, targets
from app.ui.cards import error_card
from app.ui.formats import duration, many, moment, number, percent
from app.ui.rules.history import history_chart
from app.ui.scene import Scene
from app.ui.selecting.links import address
from app.ui.selecting.ranges import RangeKey
from app.ui.selecting.selection import link_params
from app.ui.selecting.zone import local_datetime
from app.ui.tables import data_table, fitting
from data.models import Machine

DAYS: Final = (7, 30, 90)
DAY_US: Final = 86_400 * 1_000_000
STEP_US: Final = 300 * 1_000_000
"""The look-back ends at a whole five minutes, so that it is kept while the rule stays the same."""
KEPT: Final = "rule-look-backs"
MOST_KEPT: Final = 12
EVERY: Final = 0
VERDICTS: Final = {
    "acceptable": (":material/check_circle:", "green"),
    "manageable": (":material/info:", "orange"),
    "too many": (":material/error:", "red"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a machine's id, or EVERY, in a range."""

    machine: int
    start_us: int
    end_us: int


def look_back_card(at: Scene, draft: Draft, *, is_sound: bool) -> None:
    """Choose a machine and a range; see what the draft would have done there."""
    st.markdown("##### Looking back")
    watched = targets(at.plant, draft.scope, draft.target)
    if not watched:
        st.caption("Choose what the rule watches.")
        return
    asked = _choose(at, watched, bool(draft.body.get("k")))
    if not is_sound:
        st.caption("When the conditions are complete, the alerts that they would have raised stand here.")
        return
    try:
        found, took_s = _kept(at, draft, asked)
    except GembaError as error:
        error_card(error)
        return
    _figures(found, took_s)
    if asked.machine != EVERY:
        history_chart(at, draft, at.plant.machine_by_id[asked.machine], found)
    else:
        _by_machine(at, found, watched)
    _stops(at, found)
    _alerts(at, found)


def _choose(at: Scene, watched: list[Machine], is_together: bool) -> Asked:
    names = {EVERY: f"All {len(watched)} machines"} | {machine.id: machine.name for machine in watched}
    options = [machine.id for machine in watched] + ([EVERY] if len(watched) > 1 else [])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Machine of the chart" if is_together else "Machine", options, key="re-lb-machine",
            format_func=names.__getitem__, width=280,
        )  # fmt: skip
        days = st.segmented_control(
            "Days", DAYS, default=DAYS[0], key="re-lb-days", required=True,
            format_func=lambda one: f"{one} days",
        )  # fmt: skip
    end_us = at.now_us // STEP_US * STEP_US
    return Asked(chosen if chosen is not None else options[0], end_us - days * DAY_US, end_us)


def _kept(at: Scene, draft: Draft, asked: Asked) -> tuple[LookBack, float]:
    """The answer and how long it took, from the session if the same was asked before."""
    kept: dict[str, tuple[LookBack, float]] = st.session_state.setdefault(KEPT, {})
    said = json.dumps([draft.body, draft.scope, list(draft.target)], sort_keys=True, default=str)
    key = f"{at.access.factory.id}|{at.plant.revision}|{said}|{asked}"
    if key not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = _asked(at, draft, asked)
    return kept[key]


def _asked(at: Scene, draft: Draft, asked: Asked) -> tuple[LookBack, float]:
    named = Draft(draft.name or "draft", draft.body, draft.description, draft.scope, draft.target)
    began = time.perf_counter()
    place = st.empty()

    def progress(share: float) -> None:
        if asked.machine == EVERY:
            place.progress(share, f"Looking back: {percent(share, 0)}")

    machines = None if asked.machine == EVERY else [asked.machine]
    found = look_back(at.access, named, asked.start_us, asked.end_us, machines=machines, progress=progress)
    place.empty()
    return found, time.perf_counter() - began


def _figures(found: LookBack, took_s: float) -> None:
    load = found.load
    icon, color = VERDICTS[load.verdict]
    stops = len(found.preceded) + len(found.missed)
    cells = st.grid("auto", min_column_width=150, gap="small", key="re-lb-figures")
    cells.metric("Alerts", number(load.count), border=True, help=f"{number(load.per_day, 1)} a day")
    cells.metric(
        "Per 10 minutes", number(load.per_window, 3), border=True,
        help=f"ISA-18.2: up to {ACCEPTABLE:g} is acceptable, up to {MANAGEABLE:g} manageable.",
    )  # fmt: skip
    cells.metric("Most in 10 minutes", number(load.peak), border=True)
    cells.metric(
        "Stops preceded", f"{number(len(found.preceded))} of {number(stops)}", border=True,
        help="Unplanned stops with an alert in the half hour before them.",
    )  # fmt: skip
    flood = f"; {percent(load.share_in_flood)} of the time in a flood" if load.share_in_flood else ""
    st.markdown(
        f":{color}[{icon} **{load.verdict.capitalize()}**] by ISA-18.2{flood}. "
        f"{_held(found)}Computed in {number(took_s, 2)} s."
    )


def _held(found: LookBack) -> str:
    if not found.suppressed:
        return ""
    return f"{many(found.suppressed, 'more alert')} would have been suppressed by design. "


def _by_machine(at: Scene, found: LookBack, watched: list[Machine]) -> None:
    counts: dict[str, int] = {}
    for one in found.alerts:
        counts[one.machine] = counts.get(one.machine, 0) + 1
    frame = pd.DataFrame(
        {
            "Machine": [machine.name for machine in watched],
            "Alerts": [counts.get(machine.device_key, 0) for machine in watched],
            "Stops preceded": [_of(found.preceded, machine) for machine in watched],
            "Stops missed": [_of(found.missed, machine) for machine in watched],
        }
    ).sort_values("Alerts", ascending=False, kind="stable", ignore_index=True)
    data_table(frame, key="re-lb-machines", label="Alerts by machine", height=fitting(len(frame), 12))


def _of(stops: tuple[tuple[str, int], ...], machine: Machine) -> int:
    return sum(key == machine.device_key for key, _ in stops)


def _stops(at: Scene, found: LookBack) -> None:
    """The stops, the newest first, with links to the machine on that day."""
    rows = [(key, start, "preceded") for key, start in found.preceded]
    rows += [(key, start, "missed") for key, start in found.missed]
    rows.sort(key=lambda one: -one[1])
    title = f"{many(len(found.preceded), 'stop')} preceded, {number(len(found.missed))} missed"
    with st.expander(title, icon=":material/front_hand:", key="re-lb-stops"):
        if not rows:
            st.caption("No unplanned stop was recorded in this range.")
            return
        frame = pd.DataFrame(
            {
                "Machine": [_name(at, key) for key, _, _ in rows],
                "Stopped": [moment(start, at.zone) for _, start, _ in rows],
                "Alert": [word for _, _, word in rows],
                "Open": [machine_day(at, key, start) for key, start, _ in rows],
            }
        )
        data_table(
            frame, key="re-lb-stop-table", label="Unplanned stops", height=fitting(len(frame), 10),
            columns={"Open": st.column_config.LinkColumn(display_text="that day")},
        )  # fmt: skip


def _alerts(at: Scene, found: LookBack) -> None:
    with st.expander(
        f"{many(len(found.alerts), 'alert')}", icon=":material/notifications:", key="re-lb-list"
    ):
        if not found.alerts:
            st.caption("It would have raised none.")
            return
        rows = found.alerts[::-1]
        frame = pd.DataFrame(
            {
                "Machine": [_name(at, one.machine) for one in rows],
                "Raised": [moment(one.raised_us, at.zone) for one in rows],
                "Cleared": [
                    moment(one.cleared_us, at.zone) if one.cleared_us is not None else "still active"
                    for one in rows
                ],
                "Lasted": [_lasted(one) for one in rows],
                "Worst": [worst(one) for one in rows],
            }
        )
        data_table(
            frame, key="re-lb-alerts", label="Alerts that the draft would have raised",
            height=fitting(len(frame), 10), download_name="look-back",
        )  # fmt: skip


def _lasted(one: Raised) -> str:
    return duration((one.cleared_us - one.raised_us) / 60_000_000) if one.cleared_us is not None else ""


def worst(one: Raised) -> str:
    """The worst severity of an alert."""
    return SEVERITIES[max(rank for _, rank in one.marks) - 1]


def _name(at: Scene, key: str) -> str:
    machine = at.plant.machine_by_key.get(key)
    return machine.name if machine else "several machines"


def machine_day(at: Scene, key: str, moment_us: int) -> str:
    """The address of the machine's page on the day of a moment."""
    day = local_datetime(moment_us, at.zone).date()
    return address("machine", link_params(range_key=RangeKey.CUSTOM, days=(day, day), machines=[key]))
