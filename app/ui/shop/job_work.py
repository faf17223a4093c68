"""What can be done with a production job: start, pause, resume, enter parts, finish, cancel."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from app.auth.permissions import Permission
from app.shop.figures import job_figures
from app.shop.fittings import fittings
from app.shop.jobs import ALIVE, BEGUN, PAUSED, RUNNING, WAITING, StoredJob
from app.shop.working import cancel_job, enter_parts, finish_job, pause_job, resume_job, start_job
from app.ui.formats import moment, number
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shop.words import STATE_WORDS, job_word, plain


def may_work(at: Scene) -> bool:
    """Whether who looks may work on jobs."""
    return at.access.principal.may(Permission.ENTER_PRODUCTION)


def work_dialog(at: Scene, one: StoredJob) -> None:
    """One job with all that can be done with it now."""
    Problems("pwork").clear()

    @st.dialog(f"Job {one.draft.key}", width="medium", icon=":material/assignment:")
    def dialog() -> None:
        problems = Problems("pwork")
        machine = at.plant.machine_by_key.get(one.draft.machine)
        st.markdown(plain(job_word(one)))
        begun = f" · begun {moment(one.start_us, at.zone)}" if one.start_us is not None else ""
        st.caption(f"{machine.name if machine else one.draft.machine} · {STATE_WORDS[one.state]}{begun}")
        with st.container(horizontal=True, key="pwork-buttons"):
            move_buttons(at, one, problems, "pwork", again)
        for field in ("tool", "start"):
            problems.here(field)
        problems.rest()
        if one.state in BEGUN:
            with st.expander("Parts and the end", icon=":material/check:", expanded=True):
                _parts_form(at, one, problems)
        if one.state in ALIVE:
            with st.expander("Cancel", icon=":material/close:"):
                why = st.text_input("Why is it given up?", max_chars=500, key="pwork-why")
                if st.button("Cancel this job", key="pwork-cancel", disabled=not (why or "").strip()):
                    done(problems, lambda: cancel_job(at.access, one.id, one.version, why or ""))

    dialog()


def move_buttons(
    at: Scene,
    one: StoredJob,
    problems: Problems,
    key: str,
    after: Callable[[bool], object],
    wide: bool = False,
) -> None:
    """Start, pause and resume, as the job stands; a tool that is not fitted is fitted with the start.

    `after` is told whether it was done.
    """
    width: Literal["stretch", "content"] = "stretch" if wide else "content"

    def act(action: Callable[[], object]) -> None:
        after(problems.attempt(action))

    if one.state in WAITING:
        fit = one.draft.tool is not None and not any(
            each.tool == one.draft.tool
            for each in fittings(at.access, machine=one.draft.machine, only_now=True)
        )
        label = f"Fit tool {one.draft.tool} and start" if fit else "Start"
        if st.button(label, icon=":material/play_arrow:", type="primary", key=f"{key}-start", width=width):
            act(lambda: start_job(at.access, one.id, one.version, fit=fit))
    if one.state == RUNNING and st.button("Pause", icon=":material/pause:", key=f"{key}-pause", width=width):
        act(lambda: pause_job(at.access, one.id, one.version))
    if one.state == PAUSED and st.button(
        "Go on", icon=":material/play_arrow:", type="primary", key=f"{key}-resume", width=width
    ):
        act(lambda: resume_job(at.access, one.id, one.version))


def again(was_done: bool) -> None:
    """Close the dialog, or draw it again with what was refused."""
    if was_done:
        st.rerun()
    st.rerun(scope="fragment")


def done(problems: Problems, action: Callable[[], object]) -> None:
    """Do it and close the dialog, or show what was refused in it."""
    again(problems.attempt(action))


def _parts_form(at: Scene, one: StoredJob, problems: Problems) -> None:
    made = job_figures(at.access, [one])[one.id].parts
    st.caption(
        f"{number(made.good)} good and {number(made.scrap)} bad parts of {number(one.draft.quantity)} so far."
    )
    with st.form("pwork-form", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        good = left.number_input("Good parts since then", 0.0, None, 0.0, 1.0, "%.0f", key="pwork-good")
        scrap = right.number_input("Bad parts since then", 0.0, None, 0.0, 1.0, "%.0f", key="pwork-scrap")
        problems.here("good")
        problems.here("scrap")
        st.caption("Leave both at 0 on a machine that counts its parts itself.")
        with st.container(horizontal=True):
            is_finished = st.form_submit_button("Finish the job", type="primary", icon=":material/check:")
            is_entered = st.form_submit_button("Only enter the parts", icon=":material/add:")
    if is_finished:
        done(problems, lambda: finish_job(at.access, one.id, one.version, good=good, scrap=scrap))
    if is_entered:
        done(problems, lambda: enter_parts(at.access, one.id, one.version, good, scrap))
