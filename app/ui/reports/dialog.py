"""The dialog that asks for a report."""

from datetime import date, timedelta
from typing import Final

import streamlit as st

from app.production.cells import production_day
from app.reports.asking import ask_report
from app.reports.drafts import ReportDraft
from app.reports.periods import day_start_us
from app.ui.forms import Problems
from app.ui.reports.choice import Choice, choose
from app.ui.reports.words import PERIODS
from app.ui.scene import Scene

DATES: Final = "dates"
DEFAULT_DAYS: Final = 7


def report_dialog(at: Scene) -> None:
    """Ask which report, then have it made."""
    Problems("report").clear()

    @st.dialog("New report", width="medium", icon=":material/summarize:")
    def dialog() -> None:
        problems = Problems("report")
        title = st.text_input("Title", key="re-title", max_chars=255, placeholder="The factory and the days")
        problems.here("title")
        when = {**PERIODS, DATES: "Days"}
        period = st.segmented_control("Time", list(when), default="week", required=True, key="re-period",
                                      format_func=when.__getitem__)  # fmt: skip
        problems.here("period")
        span = _days(at) if period == DATES else None
        problems.here("end_us")
        choice = choose(at, problems, "re")
        problems.rest()
        if st.button("Make the report", type="primary", icon=":material/summarize:", key="re-make"):
            draft = _draft(at, title or "", str(period), span, choice)
            if problems.attempt(lambda: ask_report(at.access, draft)):
                st.rerun()
            st.rerun(scope="fragment")

    dialog()


def _days(at: Scene) -> tuple[date, date] | None:
    today = production_day(at.access, at.now_us)
    found = st.date_input(
        f"First and last production day ({at.access.factory.timezone})",
        (today - timedelta(days=DEFAULT_DAYS), today - timedelta(days=1)), max_value=today, key="re-days",
    )  # fmt: skip
    return (found[0], found[1]) if isinstance(found, tuple) and len(found) == 2 else None


def _draft(at: Scene, title: str, period: str, span: tuple[date, date] | None, choice: Choice) -> ReportDraft:
    start = end = None
    if span is not None:
        start, end = (
            day_start_us(at.access, span[0]),
            day_start_us(at.access, span[1] + timedelta(days=1)),
        )
    return ReportDraft(
        title, choice.form, choice.sections, choice.machines, choice.lines, start, end,
        "" if period == DATES else period, choice.recipients,
    )  # fmt: skip
