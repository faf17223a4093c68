"""Samples that came too late for rules: of which parameter, why, and how far behind."""

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.ingest.late import REASON_LABELS, Reason, late_samples
from app.ui.formats import duration, moment
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

DAYS = 7


def late_list(access: Access) -> None:
    """The late samples of a week, the most frequent first."""
    st.subheader(f"Too late for rules in the last {DAYS} days", anchor=False)
    found = late_samples(access, DAYS)
    if not found:
        st.caption(":material/check: Every sample came within the time that rules wait.")
        return
    st.caption(
        "They are stored, and figures and charts have them. Rules had gone on: no alert changes. A rule "
        "waits as long as its *Wait for late data* says."
    )
    zone = access.factory.zone
    frame = pd.DataFrame(
        {
            "Machine": [one.machine for one in found],
            "Parameter": [one.parameter for one in found],
            "Samples": [one.count for one in found],
            "Why": [REASON_LABELS[Reason(one.reason)] for one in found],
            "Farthest behind": [duration(one.most_late_us / 60e6) for one in found],
            "Measured from": [moment(one.first_us, zone) for one in found],
            "to": [moment(one.last_us, zone) for one in found],
            "Last came": [one.last_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for one in found],
        }
    )
    data_table(
        frame,
        key="ingest-late",
        label="Late samples",
        height=fitting(len(found)),
        download_name="late-samples",
    )


def late_note(at: Scene) -> None:
    """One line where rules are listed, when some samples came too late for them."""
    total = sum(one.count for one in late_samples(at.access, DAYS))
    if total:
        st.caption(
            f":material/schedule: {total:,} samples came too late for rules in the last {DAYS} days; the "
            "page *Ingest* lists them."
        )
