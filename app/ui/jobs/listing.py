"""All jobs with filters; the chosen one with what it found or why it failed."""

from datetime import datetime
from typing import Any, Final

import orjson
import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.asking import retry
from app.jobs.listing import JobFilter, JobShown, count_jobs, list_jobs, result_of
from app.jobs.running.claims import STATES
from app.ui.cards import error_card
from app.ui.formats import duration, many
from app.ui.jobs.asking import ask_for_job
from app.ui.jobs.running import ask_to_cancel
from app.ui.jobs.words import title_of, titles
from app.ui.tables import data_table, fitting

SHOWN: Final = 200


def job_list(access: Access) -> None:
    """The filters, the table, and the chosen job."""
    st.subheader("All jobs", anchor=False)
    actions = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = _filters(actions)
    found = list_jobs(access, chosen, limit=SHOWN)
    one = _table(access, found)
    with actions:
        if st.button("New job", type="primary", icon=":material/add:", key="jo-new"):
            ask_for_job(access)
        _actions(access, one)
    total = count_jobs(access, chosen)
    if total > SHOWN:
        st.caption(f"The newest {SHOWN} of {many(total, 'job')}.")
    if one is not None:
        _detail(access, one)


def _filters(place: Any) -> JobFilter:
    known = titles()
    with place:
        states = st.multiselect("State", STATES, key="j_state", bind="query-params", placeholder="All")
        kinds = st.multiselect(
            "Kind", list(known), key="j_kind", bind="query-params", format_func=title_of, placeholder="All"
        )
    return JobFilter(tuple(states), tuple(kinds))


def _table(access: Access, found: list[JobShown]) -> JobShown | None:
    if not found:
        st.caption("No job yet that fits. *New job* asks for one; schedules ask by the clock.")
        return None
    frame = pd.DataFrame(
        {
            "Kind": [title_of(one.kind) for one in found],
            "State": [one.state for one in found],
            "Asked for": [_when(access, one.created_at) for one in found],
            "By": [one.asked_by for one in found],
            "Took": [_took(one) for one in found],
            "Errors": [one.error_attempts for one in found],
            "Crashes": [one.crash_attempts for one in found],
            "Problem": [one.problem for one in found],
        }
    )
    row = data_table(
        frame, key="jobs", label="Jobs", selectable=True, height=fitting(len(found), 12), download_name="jobs"
    )
    return found[row] if row is not None else None


def _when(access: Access, moment: datetime | None) -> str:
    return moment.astimezone(access.factory.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _took(one: JobShown) -> str:
    if one.started_at is None or one.finished_at is None:
        return ""
    seconds = (one.finished_at - one.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds / 60)


def _actions(access: Access, one: JobShown | None) -> None:
    hint = "Choose a job in the table first." if one is None else None
    is_open = one is not None and one.state in ("waiting", "running")
    if st.button("Cancel", icon=":material/stop_circle:", key="jo-stop", disabled=not is_open, help=hint):
        ask_to_cancel(access, _given(one))
    is_over = one is not None and one.state in ("failed", "cancelled")
    if st.button("Try again", icon=":material/restart_alt:", key="jo-retry", disabled=not is_over, help=hint):
        try:
            retry(access, _given(one).key)
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def _given(one: JobShown | None) -> JobShown:
    assert one is not None  # noqa: S101 - the button is off without a job
    return one


def _detail(access: Access, one: JobShown) -> None:
    st.markdown(f"##### {title_of(one.kind)}, {_when(access, one.created_at)}")
    if one.problem:
        st.error(one.problem, icon=":material/error:")
    if one.parameters:
        st.caption("Parameters: " + ", ".join(f"{name} {value}" for name, value in one.parameters.items()))
    if one.state != "done":
        return
    try:
        result = result_of(access, one.key)
    except GembaError as error:
        error_card(error)
        return
    _result(result)
    st.download_button(
        "Result as JSON", orjson.dumps(result, option=orjson.OPT_INDENT_2), f"{one.kind}-{one.key}.json",
        "application/json", icon=":material/download:", key="jo-result",
    )  # fmt: skip
    st.caption(f"Also at `/api/v1/analytics/jobs/{one.key}/result`.")


def _result(result: dict[str, Any]) -> None:
    """Plain values in one line, each list of objects as a table."""
    plain = {name: value for name, value in result.items() if not isinstance(value, list | dict)}
    if plain:
        st.markdown("  ·  ".join(f"{name.replace('_', ' ')} **{value}**" for name, value in plain.items()))
    for name, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            frame = pd.DataFrame([{key: _cell(inner) for key, inner in row.items()} for row in value])
            data_table(frame, key=f"jo-result-{name}", label=name, height=fitting(len(value)))


def _cell(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value
