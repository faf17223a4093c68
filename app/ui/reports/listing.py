"""All reports; the chosen one can be downloaded, made again or deleted, and tells what proves it."""

from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError, NotFound
from app.bootstrap import Access
from app.reports.asking import again, delete_report, file_of
from app.reports.drafts import SECTIONS
from app.reports.listing import COMPLETE, MAKING, STATES, ReportShown, count_reports, one_report, reports
from app.reports.rendering import ENDINGS, MEDIA
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.downloads import file_name
from app.ui.formats import many, moment
from app.ui.reports.dialog import report_dialog
from app.ui.reports.words import FORMATS, STATUS, size
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import to_us

SHOWN: Final = 500


def report_list(at: Scene) -> None:
    """The filter, the table, and the chosen report."""
    actions = st.container(horizontal=True, vertical_alignment="bottom", key="report-actions")
    with actions:
        status = st.selectbox("Status", ["", *STATES], key="r_status", bind="query-params",
                              format_func=lambda one: STATUS.get(one, "All"))  # fmt: skip
    found = reports(at.access, status or "", limit=SHOWN)
    one = _table(at, found)
    with actions:
        if st.button("New report", type="primary", icon=":material/add:", key="re-new"):
            report_dialog(at)
        _actions(at, one)
    total = count_reports(at.access, status or "")
    if total > SHOWN:
        st.caption(f"The newest {SHOWN} of {many(total, 'report')}.")
    shown = one or _named(at)
    if shown is not None:
        _detail(at, one_report(at.access, shown.key))


def _named(at: Scene) -> ReportShown | None:
    """The report that the address names, as mails do."""
    key = st.query_params.get("r_report", "")
    if not key:
        return None
    try:
        return one_report(at.access, key)
    except NotFound:
        st.caption(":material/info: The report of this link is no longer kept.")
        return None


def _table(at: Scene, found: list[ReportShown]) -> ReportShown | None:
    if not found:
        empty_state(
            "No report yet",
            "*New report* makes one of what the pages show; a schedule makes one after each shift, day, "
            "week or month.",
            icon="summarize",
            key="reports",
        )
        return None
    zone = at.zone
    frame = pd.DataFrame(
        {
            "Title": [one.title for one in found],
            "Status": [STATUS[one.status] for one in found],
            "Format": [FORMATS[one.format] for one in found],
            "From": [moment(one.start_us, zone) for one in found],
            "To": [moment(one.end_us, zone) for one in found],
            "Size": [size(one.size_bytes) if one.status == COMPLETE else "" for one in found],
            "Made by": [one.asked_by for one in found],
            "Asked for": [moment(to_us(one.created_at), zone) for one in found],
            "Kept until": [moment(to_us(one.expires_at), zone) for one in found],
            "Problem": [one.problem for one in found],
        }
    )
    row = data_table(
        frame, key="reports", label="Reports", selectable=True, height=fitting(len(found), 12),
        download_name="reports",
    )  # fmt: skip
    return found[row] if row is not None else None


def _actions(at: Scene, one: ReportShown | None) -> None:
    hint = "Choose a report in the table first." if one is None else None
    if st.button("Make again", icon=":material/refresh:", key="re-again", disabled=one is None, help=hint):
        _again(at.access, one)
    is_fixed = one is None or one.status in (COMPLETE, MAKING)
    words = hint or "Complete reports are kept for their days; one that is made now is stopped first."
    if st.button("Delete", icon=":material/delete:", key="re-delete", disabled=is_fixed, help=words) and one:
        confirm_dialog(
            f"Delete {one.title}?",
            "It is taken off the list for good.",
            lambda: delete_report(at.access, one.key),
            confirm="Delete report",
            key="re-delete-yes",
        )


def _again(access: Access, one: ReportShown | None) -> None:
    if one is None:
        return
    try:
        again(access, one.key)
    except GembaError as error:
        error_card(error)
        return
    st.rerun()


def _detail(at: Scene, one: ReportShown) -> None:
    with st.container(border=True, key="report-detail"):
        st.markdown("##### " + _plain(one.title))
        if one.problem:
            st.error(one.problem, icon=":material/error:")
        parts = [SECTIONS[name] for name in one.sections if name in SECTIONS]
        st.caption(" · ".join(parts))
        if one.status == COMPLETE:
            st.download_button(
                f"Download ({size(one.size_bytes)})", partial(_body, at.access, one.key),
                file_name(one.title, ENDINGS[one.format]), MEDIA[one.format], type="primary",
                icon=":material/download:", key="re-download", on_click="ignore",
            )  # fmt: skip
            _evidence(one)
        for address, state, problem in one.mails:
            st.caption(
                f":material/mail: {_plain(address)}: {state}{f' ({_plain(problem)})' if problem else ''}"
            )


def _body(access: Access, key: str) -> bytes:
    return file_of(access, key)[1]


def _evidence(one: ReportShown) -> None:
    rows: dict[str, Any] = {
        "Content digest": one.content_digest,
        "Digest of the file": one.digest,
        "Fingerprint of the inputs": one.fingerprint,
        "Code version": one.code_version,
        "Entry of the audit log": str(one.log_position),
    }
    with st.expander("What proves it", icon=":material/verified:"):
        for name, value in rows.items():
            st.markdown(f"{name}  \n`{value}`")
        st.caption("Anybody who has the file checks it: `python -m app report verify FILE`")


def _plain(text: str) -> str:
    """A text without meaning as Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|<>~$:" else letter for letter in text)
