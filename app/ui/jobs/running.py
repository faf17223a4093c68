"""What runs now, with its progress, and what waits."""

from typing import Final

import streamlit as st

from app.bootstrap import Access
from app.jobs.asking import cancel
from app.jobs.listing import JobFilter, JobShown, count_jobs, get_job, list_jobs
from app.ui.dialogs import confirm_dialog
from app.ui.formats import age, clock, many
from app.ui.jobs.words import title_of
from app.ui.live import live
from data.models import to_us

REFRESH_S: Final = 1.0
SHOWN: Final = 10
CHOSEN: Final = "jo-chosen"


@live(REFRESH_S)
def running_jobs(access: Access, kinds: tuple[str, ...] = ()) -> None:
    """Each running job with stage and estimate; the page is drawn again when one begins or ends.

    `kinds`: those that belong to a page, which then says nothing where nothing runs.
    """
    found = list_jobs(access, JobFilter(states=("running",), kinds=kinds), limit=SHOWN)
    waiting = count_jobs(access, JobFilter(states=("waiting",), kinds=kinds))
    _redraw_when_moved((tuple(one.key for one in found), waiting))
    if not found and not waiting and kinds:
        return
    if not found:
        nothing = "Nothing runs now." if not waiting else f"{many(waiting, 'job')} waiting for a runner."
        st.caption(f":material/hourglass_empty: {nothing}")
        return
    for one in found:
        _running(access, one)
    if waiting:
        st.caption(f"{many(waiting, 'job')} waiting.")


def _running(access: Access, one: JobShown) -> None:
    bar, button = st.columns([9, 1], vertical_alignment="center")
    with bar:
        st.progress(one.share, f"**{title_of(one.kind)}** – {_said(access, one)}")
    with button:
        stopping = one.is_cancel_asked
        if st.button("Cancel", key=f"jo-cancel-{one.id}", icon=":material/stop_circle:", disabled=stopping):
            st.session_state[CHOSEN] = one.key
            st.rerun()


def cancel_chosen(access: Access) -> None:
    """Ask about the job whose button was pressed; outside the part that refreshes, which would close it."""
    key = st.session_state.pop(CHOSEN, "")
    if key:
        ask_to_cancel(access, get_job(access, key))


def ask_to_cancel(access: Access, one: JobShown) -> None:
    """The question before a job is cancelled."""
    confirm_dialog(
        f"Cancel this {title_of(one.kind).lower()}?",
        "What it has found so far is not kept. It can be tried again.",
        lambda: cancel(access, one.key),
        confirm="Cancel the job",
        key="jo-cancel",
    )


def _said(access: Access, one: JobShown) -> str:
    now_us = to_us(access.now)
    parts = [one.stage or "starting", f"asked for by {one.asked_by}"]
    if one.is_cancel_asked:
        parts.insert(0, "is being cancelled")
    if one.started_at is not None:
        parts.append(f"began {age(to_us(one.started_at), now_us)}")
    if one.ends_at is not None:
        parts.append(f"about {clock(to_us(one.ends_at), access.factory.zone, seconds=True)} done")
    return ", ".join(parts)


def _redraw_when_moved(seen: tuple[tuple[str, ...], int]) -> None:
    if st.session_state.setdefault("jo-seen", seen) != seen:
        st.session_state["jo-seen"] = seen
        st.rerun()
