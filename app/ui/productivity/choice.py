"""What the page is about: the selection bar's choice with a threshold on the cameras' confidence."""

from dataclasses import replace

import streamlit as st

from app.production.camera.figures import ActivityQuestion
from app.production.camera.reach import newest_activity
from app.ui.cards import empty_state
from app.ui.formats import day
from app.ui.scene import Scene
from app.ui.selecting.ranges import RangeKey, TimeRange, week_before
from app.ui.selecting.selection import DAYS_PARAM, RANGE_PARAM, Selection
from app.ui.selecting.zone import local_datetime

CONFIDENCE_PARAM = "conf"


def question_of(at: Scene, selection: Selection) -> ActivityQuestion:
    """The selection as the camera services take it, with the slider's threshold."""
    default = round(at.access.gemba.settings.camera_least_confidence, 2)
    least = st.slider(
        "Least confidence",
        0.0,
        0.95,
        default,
        0.05,
        format="%.2f",
        key=CONFIDENCE_PARAM,
        bind="query-params",
        width=320,
        help="Events that the cameras are less sure of count for nothing. Below you see what hangs on it.",
    )
    return ActivityQuestion(
        selection.start_us,
        selection.end_us,
        lines=selection.lines,
        machines=selection.machines,
        shifts=selection.shifts,
        least_confidence=float(least),
    )


def week_earlier(at: Scene, selection: Selection, question: ActivityQuestion) -> ActivityQuestion:
    """The same question for the comparable time before: the same hours, one or more weeks earlier."""
    start, end = week_before(
        TimeRange(selection.range_key, selection.start_us, selection.end_us, ""), at.zone
    )
    return replace(question, start_us=start, end_us=end)


def nothing_seen(at: Scene) -> None:
    """Say why the page is empty, and how camera events come in."""
    newest = newest_activity(at.access)
    if newest is None:
        empty_state(
            "No camera events yet",
            "Send them to `/api/events` or over MQTT (`factories/SLUG/devices/KEY/activity`), read them from "
            "a Productivity database on the page *Sources*, or import a file on the page *Import*.",
            icon="videocam_off",
            key="no-camera",
        )
        return
    last = local_datetime(newest, at.zone).date()

    def show() -> None:
        st.session_state[RANGE_PARAM] = RangeKey.CUSTOM.value
        st.session_state[DAYS_PARAM] = (last.fromordinal(last.toordinal() - 6), last)

    empty_state(
        "No camera event counts in this range",
        f"The newest event is of {day(newest, at.zone)}. A lower confidence or fewer filters show more.",
        ("Show the week up to then", show),
        icon="event_busy",
        key="no-camera-here",
    )
