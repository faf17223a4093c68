"""The list of sources, and what is known of the chosen one."""

from datetime import datetime

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.imports.layout.kinds import KIND_LABELS
from app.sources import store, watch
from app.sources.drafts import Known
from app.sources.runs import Run, cancel_run
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.live import live
from app.ui.sources.form import begin
from app.ui.tables import data_table, fitting

STATES = {
    "running": "reading", "done": "done", "failed": "failed", "cancelled": "stopped",
    "interrupted": "interrupted",
}  # fmt: skip
REFRESH_S = 2.0
SHOWN_REJECTS = 200


def source_list(access: Access) -> None:
    """The list with its actions, and the detail of the chosen source."""
    found = store.list_sources(access)
    if not found:
        empty_state(
            "No source yet",
            "Gemba can read the MySQL, MariaDB, PostgreSQL, SQLite, MongoDB or InfluxDB that the plant has "
            "already. It never writes there.",
            ("Add a source", lambda: begin(None)),
            icon="database",
            key="sources",
        )
        return
    actions = st.container(horizontal=True)
    row = data_table(
        _frame(access, found, watch.last_runs(access)),
        key="sources", label="Sources", selectable=True, height=fitting(len(found)),
    )  # fmt: skip
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    with actions:
        if st.button("Add a source", type="primary", icon=":material/add:", key="so-add"):
            begin(None)
            st.rerun()
        _actions(access, chosen)
    if chosen is None:
        st.caption("Choose a source to see how far it was read.")
        return
    st.markdown(f"##### {chosen.name}")
    _now(access, chosen.id)
    _detail(access, chosen)


def _frame(access: Access, found: list[Known], last: dict[int, Run]) -> pd.DataFrame:
    runs = [last.get(one.id) for one in found]
    return pd.DataFrame(
        {
            "Name": [one.name for one in found],
            "Address": [one.address for one in found],
            "State": ["on" if one.is_on else "off" for one in found],
            "Every (min)": [one.every_s / 60 for one in found],
            "Last read": [_when(access, run.started_at) if run else "never" for run in runs],
            "Outcome": [STATES[run.state] if run else "" for run in runs],
            "New": [run.tally.new if run else 0 for run in runs],
            "Rejected": [run.tally.rejected if run else 0 for run in runs],
            "Problem": [run.problem if run else "" for run in runs],
        }
    )


def _when(access: Access, moment: datetime | None) -> str:
    return moment.astimezone(access.factory.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _actions(access: Access, chosen: Known | None) -> None:
    off, hint = chosen is None, "Choose a source in the table first." if chosen is None else None
    if st.button("Read now", icon=":material/sync:", key="so-now", disabled=off, help=hint) and chosen:
        _done(lambda: store.want_run(access, chosen.id), f"{chosen.name} is read within seconds.")
    label = "Switch off" if chosen is not None and chosen.is_on else "Switch on"
    if st.button(label, icon=":material/power_settings_new:", key="so-switch", disabled=off) and chosen:
        _done(lambda: store.switch_source(access, chosen.id, is_on=not chosen.is_on), "")
    if st.button("Edit", icon=":material/edit:", key="so-edit", disabled=off) and chosen:
        begin(chosen)
        st.rerun()
    if st.button("Read again", icon=":material/restart_alt:", key="so-again", disabled=off) and chosen:
        confirm_dialog(
            f"Read {chosen.name} again from the beginning?",
            "What is stored already changes nothing; rows that were rejected are tried once more.",
            lambda: store.read_again(access, chosen.id),
            confirm="Read again",
            key="again",
        )
    if st.button("Remove", icon=":material/delete:", key="so-remove", disabled=off) and chosen:
        confirm_dialog(
            f"Remove {chosen.name}?",
            "Gemba forgets the address, the password and how far it was read. What was read stays.",
            lambda: store.remove_source(access, chosen.id),
            confirm="Remove source",
            key="remove-source",
        )


def _done(action: object, said: str) -> None:
    try:
        action()  # type: ignore[operator]
    except GembaError as error:
        error_card(error)
        return
    if said:
        st.toast(said, icon=":material/check:")
    else:
        st.rerun()


@live(REFRESH_S)
def _now(access: Access, source_id: int) -> None:
    """How the reading goes that runs now, or how the last one went."""
    newest = next(iter(watch.runs(access, source_id, 1)), None)
    _redraw_when_moved(source_id, (newest.id, newest.state) if newest else None)
    if newest is None:
        st.caption("It was never read.")
        return
    if newest.state == "running":
        st.progress(newest.share or 0.0, newest.stage or "Connecting ...")
        if st.button("Stop", icon=":material/stop_circle:", key="so-stop"):
            cancel_run(access, source_id)
        return
    tally = newest.tally
    counts = (
        f"{tally.rows:,} rows read; {tally.new:,} new, {tally.changed:,} changed, "
        f"{tally.unchanged:,} unchanged, {tally.rejected:,} rejected"
    )
    if newest.state == "failed":
        st.error(f"The last reading failed: {newest.problem}", icon=":material/error:")
    else:
        st.caption(f"Last reading {STATES[newest.state]} at {_when(access, newest.finished_at)}: {counts}.")


def _redraw_when_moved(source_id: int, seen: tuple[int, str] | None) -> None:
    """Run the whole page again when a reading has begun or ended, so that its tables tell the same."""
    key = f"so-seen-{source_id}"
    if st.session_state.setdefault(key, seen) != seen:
        st.session_state[key] = seen
        st.rerun()


def _detail(access: Access, chosen: Known) -> None:
    view = st.segmented_control(
        "Show", ["Streams", "Rejected rows", "Readings"], default="Streams", key="so-view",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    if view == "Rejected rows":
        _rejected(access, chosen)
    elif view == "Readings":
        _runs(access, chosen)
    else:
        _streams(access, chosen)


def _streams(access: Access, chosen: Known) -> None:
    positions = watch.positions(access, chosen.id)
    rows = []
    for stream in chosen.streams:
        own: list[watch.Position | None] = [one for one in positions if one.stream == stream.name]
        rows += [
            {
                "Stream": stream.name,
                "Brings": KIND_LABELS[stream.kind],
                "Read": "on" if stream.is_on else "off",
                "From": one.item if one else stream.item or "query",
                "Read up to": one.mark if one else "" if stream.order else "all, each time",
                "Rows so far": one.rows if one else 0,
                "At": _when(access, one.updated_at) if one else "",
            }
            for one in own or [None]
        ]
    if rows:
        data_table(
            pd.DataFrame(rows), key="so-streams", label="Streams", height=fitting(len(rows)),
            download_name=f"{chosen.name}-streams",
        )  # fmt: skip
    else:
        st.caption("It has no stream yet: edit it and add one.")


def _rejected(access: Access, chosen: Known) -> None:
    found = watch.rejected(access, chosen.id)
    if not found:
        st.caption(":material/check: No row was rejected.")
        return
    frame = pd.DataFrame(
        {
            "Stream": [one.stream for one in found],
            "From": [one.item for one in found],
            "Field": [one.field for one in found],
            "Why": [one.message for one in found],
            "Row": [one.row for one in found],
            "First met": [_when(access, one.first_at) for one in found],
            "Last met": [_when(access, one.last_at) for one in found],
        }
    )
    data_table(
        frame.head(SHOWN_REJECTS), key="so-rejects", label="Rejected rows", export=frame,
        height=fitting(len(found)), download_name=f"{chosen.name}-rejected",
    )  # fmt: skip
    st.caption("When the cause is mended, *Read again* takes them.")


def _runs(access: Access, chosen: Known) -> None:
    found = watch.runs(access, chosen.id)
    frame = pd.DataFrame(
        {
            "Began": [_when(access, run.started_at) for run in found],
            "Ended": [_when(access, run.finished_at) for run in found],
            "By": [run.actor for run in found],
            "Outcome": [STATES[run.state] for run in found],
            "Rows": [run.tally.rows for run in found],
            "New": [run.tally.new for run in found],
            "Changed": [run.tally.changed for run in found],
            "Unchanged": [run.tally.unchanged for run in found],
            "Rejected": [run.tally.rejected for run in found],
            "Problem": [run.problem for run in found],
        }
    )
    data_table(
        frame,
        key="so-runs",
        label="Readings",
        height=fitting(len(found)),
        download_name=f"{chosen.name}-runs",
    )
