"""The operator's machine on a tablet: what it does, its job, its tools, its stops, alerts and signals."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.alerts.actions import acknowledge
from app.alerts.listing import Filter, Shown, list_alerts
from app.auth.permissions import Permission
from app.production.figures import Question
from app.production.measured.signals import known_parameters, latest
from app.shop.calls import call_for_help, open_call
from app.shop.figures import job_figures
from app.shop.jobs import RUNNING, WAITING, JobSearch, StoredJob, job_on, jobs
from app.shop.life import ToolLife, tool_lives
from app.ui.badges import stale_note
from app.ui.cards import empty_state
from app.ui.formats import clock, duration, measured, moment
from app.ui.forms import Problems
from app.ui.live import live
from app.ui.machine.head import head, machine_now
from app.ui.scene import Scene, scene, this_shift
from app.ui.shop.job_work import may_work, move_buttons, work_dialog
from app.ui.shop.tool_list import proposal
from app.ui.shop.words import STANDING_WORDS, job_word, plain
from app.ui.stops.asking import Asked, ask, asked_of
from app.ui.stops.listing import waiting
from app.ui.stops.read import stops_in
from app.ui.tiles import kpi_tile, tile_grid

REFRESH_S: Final = 5.0
MINUTE_US: Final = 60_000_000
TAPPED_STOP: Final = "operator-stop"
TAPPED_JOB: Final = "operator-job"
MOST_STOPS: Final = 6
MOST_ALERTS: Final = 5
MOST_SIGNALS: Final = 8
BIG: Final = """
<style>
[class*="st-key-op-"] button { min-height: 64px; font-size: 1.1rem; }
</style>
"""


def asked_now(at: Scene, machine: str) -> Question:
    """The running shift of one machine."""
    shift = this_shift(at)
    return Question(shift.start_us, shift.end_us, machines=(machine,))


def open_what_was_tapped(at: Scene, machine: str) -> None:
    """The dialog of the stop or job that was tapped in a part that refreshes itself."""
    stop: Asked | None = st.session_state.pop(TAPPED_STOP, None)
    number_: int | None = st.session_state.pop(TAPPED_JOB, None)
    if stop is not None and stop.machine == machine:
        ask(at, stop)
    elif number_ is not None:
        found, _ = jobs(at.access, JobSearch(machines=(machine,)))
        chosen = next((one for one in found if one.id == number_), None)
        if chosen is not None:
            work_dialog(at, chosen)


@live(REFRESH_S)
def machine_part(machine: str) -> None:
    """State, parts against what the target expects, and the job with its buttons."""
    at = scene()
    question = asked_now(at, machine)
    now = machine_now(at, question)
    if now is not None:
        head(at, now)
    job = job_on(at.access, machine)
    lives = tool_lives(at.access, machine)
    with tile_grid(key="operator-tiles"):
        _part_tiles(at, job)
        kpi_tile("Good parts", now.good if now else None, key="op-good", unit="", decimals=0,
                 target=now.expected if now else None, note="this shift")  # fmt: skip
        kpi_tile("OEE", now.oee if now else None, key="op-oee", decimals=0, note="this shift",
                 target=at.target(), missing=now.missing if now else "no data")  # fmt: skip
        worst = lives[0] if lives else None
        kpi_tile("Tool life left", worst.left if worst else None, key="op-life", decimals=0,
                 note=f"tool {worst.fitting.tool}: {proposal(at, worst)}" if worst else "",
                 missing="no tool is fitted" if worst is None else "its life is not known")  # fmt: skip
    _job_card(at, machine, job)
    _worn(lives)


def _part_tiles(at: Scene, job: StoredJob | None) -> None:
    if job is None:
        kpi_tile("Parts of the job", None, key="op-parts", unit="", missing="no job runs")
        return
    made = job_figures(at.access, [job])[job.id]
    left = ""
    if job.draft.cycle_s and job.draft.quantity:
        rest_min = max(job.draft.quantity - made.parts.good, 0.0) * job.draft.cycle_s / 60.0
        left = f"about {duration(rest_min)} to go"
    kpi_tile("Parts of the job", made.parts.good, key="op-parts", unit="", decimals=0,
             target=job.draft.quantity, note=left)  # fmt: skip


def _job_card(at: Scene, machine: str, job: StoredJob | None) -> None:
    problems = Problems("op-job")
    with st.container(border=True, key="op-job"):
        shown = job or _next_job(at, machine)
        if shown is None:
            st.markdown(":material/assignment: No job runs, and none waits for this machine.")
            return
        word = "Runs" if shown.state == RUNNING else "Paused" if job else "Next"
        st.markdown(f"**{word}: {plain(shown.draft.key)}**  \n{plain(job_word(shown))}")
        if shown.draft.planned_us is not None and job is None:
            st.caption(f"planned for {moment(shown.draft.planned_us, at.zone)}")
        if may_work(at):
            with st.container(horizontal=True, key="op-job-buttons"):
                move_buttons(at, shown, problems, "op-job", lambda _done: st.rerun(), wide=True)
                if job is not None and st.button(
                    "Parts and finish", icon=":material/check:", key="op-job-finish", width="stretch"
                ):
                    st.session_state[TAPPED_JOB] = job.id
                    st.rerun()
        problems.rest()


def _next_job(at: Scene, machine: str) -> StoredJob | None:
    found, _ = jobs(at.access, JobSearch(WAITING, (machine,)), most=1)
    return found[0] if found else None


def _worn(lives: list[ToolLife]) -> None:
    for one in lives:
        if one.standing in {"soon", "worn"}:
            st.markdown(
                f"Tool {one.fitting.tool} ({plain(one.fitting.tool_name)}): {STANDING_WORDS[one.standing]}"
            )


@live(REFRESH_S)
def stops_part(machine: str) -> None:
    """The stops of the shift that wait for a reason: one tap here, one on the reason."""
    at = scene()
    question = asked_now(at, machine)
    rows = waiting(at, question)
    st.markdown("**Why did it stop?**")
    if rows.empty:
        st.caption(":material/task_alt: Every stop of this shift has its reason.")
        return
    may = may_work(at)
    every = stops_in(at, question)
    with st.grid("auto", min_column_width=200, gap="small", key="op-stops"):
        for place in rows.index[:MOST_STOPS]:
            if _stop_button(at, every.loc[place], may):
                st.session_state[TAPPED_STOP] = asked_of(every, int(place))
                st.rerun()


def _stop_button(at: Scene, row: "pd.Series[Any]", may: bool) -> bool:
    start, end = int(row["start_us"]), int(row["end_us"])
    until = "still stopped" if row["is_open"] else f"to {clock(end, at.zone)}"
    said = f"**{duration((end - start) / MINUTE_US)}**  \n{clock(start, at.zone)} {until}"
    return st.button(said, key=f"op-stop-{start}", width="stretch", disabled=not may)


@live(REFRESH_S)
def alerts_part(machine: str) -> None:
    """The alerts of the machine that nobody has seen yet, with a button for each."""
    at = scene()
    number_ = at.plant.machine_by_key[machine].id
    found = list_alerts(
        at.access, Filter(machines=(number_,), states=("active", "returned")), limit=MOST_ALERTS
    )
    st.markdown("**Alerts**")
    if not found:
        st.caption(":material/task_alt: No alert of this machine waits to be seen.")
        return
    may = at.access.principal.may(Permission.ACKNOWLEDGE_ALERTS)
    for one in found:
        _alert_row(at, one, may)


def _alert_row(at: Scene, one: Shown, may: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"op-alert-{one.id}"):
        at_us = int(one.raised_at.timestamp() * 1e6)
        st.markdown(f"**{one.severity}** · {plain(one.message or one.rule_name)} · {moment(at_us, at.zone)}")
        if may and st.button("Seen", icon=":material/visibility:", key=f"op-seen-{one.id}"):
            acknowledge(at.access, [one.id])
            st.rerun()


@live(REFRESH_S)
def signals_part(machine: str) -> None:
    """The newest value of the machine's most important signals, against their limits."""
    at = scene()
    newest = latest(at.access, machine)
    st.markdown("**Now**")
    if not len(newest):
        st.caption("This machine has sent no values yet.")
        return
    stale_note(int(newest["time_us"].max()), at.now_us, what="Values")
    values = dict(zip(newest["parameter"].astype(str), newest["value"], strict=True))
    known = [one for one in known_parameters(at.access, at.plant, machine) if one.key in values]
    known.sort(key=lambda one: not one.is_kpi)
    with tile_grid(key="operator-signals"):
        for one in known[:MOST_SIGNALS]:
            value = values[one.key]
            if not isinstance(value, int | float):
                continue
            is_high = one.high_limit is not None and value > one.high_limit
            is_low = one.low_limit is not None and value < one.low_limit
            note = ":red[above its limit]" if is_high else ":red[below its limit]" if is_low else ""
            with st.container(border=True, key=f"tile-op-{one.key}", height="stretch"):
                st.metric(one.display_name or one.key, measured(float(value), one.unit))
                if note:
                    st.caption(note)


@live(REFRESH_S)
def help_part(machine: str) -> None:
    """Call for help: an alert that everybody gets who gets alerts; one call at a time."""
    at = scene()
    if not may_work(at):
        return
    problems = Problems("op-help")
    if open_call(at.access, machine) is not None:
        st.warning("Help was called. The call ends when somebody resolves its alert.", icon=":material/sos:")
        return
    with st.container(key="op-help"):
        words = st.text_input("What is needed? (may stay empty)", max_chars=500, key="op-help-words")
        if st.button(
            "Call for help", icon=":material/sos:", type="primary", key="op-help-call", width="stretch"
        ):
            problems.attempt(lambda: call_for_help(at.access, machine, words or ""))
            st.rerun()
        problems.rest()


def nothing_to_operate() -> None:
    """There is no machine yet."""
    empty_state("No machine yet", "Somebody who may manage machines adds them on the page *Machines*.",
                icon="precision_manufacturing", key="no-operator")  # fmt: skip
