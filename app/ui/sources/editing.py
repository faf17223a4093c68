"""The form of a source: connection, streams, timing, saving."""

import streamlit as st

from app.bootstrap import Access
from app.sources import store
from app.ui.forms import Problems
from app.ui.sources.connection import connection
from app.ui.sources.form import Form, leave
from app.ui.sources.streams import stream_list


def source_form(access: Access, form: Form) -> None:
    """Draw the form; saving closes it."""
    problems = Problems("source")
    with st.container(border=True):
        connection(access, form, problems)
    with st.container(border=True):
        stream_list(access, form)
    with st.container(border=True):
        _timing(form, problems)
    problems.rest()
    with st.container(horizontal=True):
        if st.button("Cancel", key="so-cancel"):
            problems.clear()
            leave()
            st.rerun()
        if st.button("Save", icon=":material/save:", key="so-save"):
            _saved(access, form, problems, switch_on=False)
        if st.button("Save and read it", type="primary", icon=":material/play_arrow:", key="so-save-on"):
            _saved(access, form, problems, switch_on=True)


def _timing(form: Form, problems: Problems) -> None:
    st.markdown("##### 3. How often")
    cells = st.columns(4)
    with cells[0]:
        minutes = st.number_input(
            "Read it every (min)", 0.2, 10_080.0, form.every_s / 60, 1.0, key="so-every", format="%g"
        )
        form.every_s = round(60 * (minutes or 1))
        problems.here("every_s")
    with cells[1]:
        form.overlap_s = int(
            st.number_input(
                "Look back (s)", 0, 604_800, form.overlap_s, 60, key="so-overlap",
                help="Rows this old are read again, for what was written late. Nothing is stored twice.",
            )
        )  # fmt: skip
        problems.here("overlap_s")
    with cells[2]:
        form.page_rows = int(
            st.number_input(
                "Rows in memory", 100, 100_000, form.page_rows, 1_000, key="so-rows",
                help="At most so many rows are held at once.",
            )
        )  # fmt: skip
        problems.here("page_rows")
    with cells[3]:
        form.timeout_s = int(
            st.number_input(
                "Wait for an answer (s)", 1, 3_600, form.timeout_s, 10, key="so-timeout",
                help="A source that is silent for longer counts as away.",
            )
        )  # fmt: skip
        problems.here("timeout_s")


def _saved(access: Access, form: Form, problems: Problems, *, switch_on: bool) -> None:
    def save() -> None:
        if form.id is None:
            form.id = store.add_source(access, form.draft())
        else:
            store.edit_source(access, form.id, form.version, form.draft())
        if switch_on:
            store.switch_source(access, form.id, is_on=True)
            store.want_run(access, form.id)

    if problems.attempt(save):
        leave()
    st.rerun()
