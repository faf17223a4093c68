"""The episodes that scans found: machine, since when, how bad, which parameters."""

from typing import Final

import pandas as pd
import streamlit as st

from app.predict.anomaly.scans import Episode, ScanShown, episodes, scans
from app.ui.cards import empty_state
from app.ui.formats import duration, many, moment, percent
from app.ui.predict.words import SOURCE_WORDS, contributors
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

MACHINE_PARAM: Final = "an_machine"
JUDGED: Final = ("open", "real", "false alarm", "excused")
METHOD_NAMES: Final = {
    "pca": "PCA T² + Q",
    "isolation_forest": "Isolation forest",
    "robust_z": "Robust z",
    "ewma": "EWMA",
}
TOP: Final = 3


def judged(one: Episode) -> str:
    """What is thought of an episode: what a person said, or that it is like a false alarm."""
    if one.label is not None:
        return "real" if one.label.is_true else "false alarm"
    return "excused" if one.excused is not None else "open"


def episode_list(at: Scene) -> Episode | None:
    """The filters and the table; the chosen episode, else the worst that is open."""
    names = {one.device_key: one.name for one in at.plant.rows.machines}
    with st.container(horizontal=True, vertical_alignment="bottom", key="episode-filters"):
        machine = st.selectbox(
            "Machine", list(names), index=None, format_func=names.__getitem__, placeholder="All",
            key=MACHINE_PARAM, bind="query-params",
        )  # fmt: skip
        wanted = st.multiselect(
            "Judged", JUDGED, key="an_judged", bind="query-params", placeholder="All", width=320
        )
    found = [one for one in episodes(at.access, machine=machine or "") if not wanted or judged(one) in wanted]
    if not found:
        _nothing(at, machine or "")
        return None
    row = data_table(
        _table(at, found, names), key="episodes", label="Episodes", selectable=True,
        height=fitting(len(found), 8), download_name="anomalies",
        columns={"Highest score": st.column_config.NumberColumn(format="%.1f x limit")},
    )  # fmt: skip
    worst = max(found, key=lambda one: (judged(one) == "open", one.peak))
    return found[row] if row is not None else worst


def _nothing(at: Scene, machine: str) -> None:
    made = scans(at.access, machine=machine, limit=1)
    if made:
        empty_state(
            "No episode here",
            "The last scans found nothing that fits these filters. They are listed below.",
            icon="check_circle",
            key="episodes",
        )
        return
    empty_state(
        "Nothing was scanned yet",
        "*Start a scan* compares the signals of the machines, or their shift records, with the time before.",
        icon="troubleshoot",
        key="episodes",
    )


def _table(at: Scene, found: list[Episode], names: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Machine": [names.get(one.scan.machine, one.scan.machine) for one in found],
            "Severity": [one.severity for one in found],
            "Since": [moment(one.start_us, at.zone) for one in found],
            "Lasted": [duration((one.end_us - one.start_us) / 60e6) for one in found],
            "Highest score": [one.peak for one in found],
            "Mostly": [mostly(at, one) for one in found],
            "Judged": [judged(one) for one in found],
            "Looked at": [SOURCE_WORDS[one.scan.source] for one in found],
            "Detector": [METHOD_NAMES.get(one.scan.method, one.scan.method) for one in found],
        }
    )


def mostly(at: Scene, one: Episode) -> str:
    """The parameters that contributed most, with their shares where they are known."""
    shown = contributors(at.plant, one.scan)
    words = [
        f"{shown.get(name, name)} {percent(share, 0)}" if share > 0 else shown.get(name, name)
        for name, share in one.contributions[:TOP]
    ]
    return ", ".join(words)


def scan_list(at: Scene) -> None:
    """Every scan, with those that could not be made and why."""
    found = scans(at.access)
    if not found:
        return
    names = {one.device_key: one.name for one in at.plant.rows.machines}
    with st.expander(f"All scans ({many(len(found), 'machine')} looked at)", icon=":material/history:"):
        frame = pd.DataFrame(
            {
                "Machine": [names.get(one.machine, one.machine) for one in found],
                "Scanned": [moment(one.begun_us, at.zone) for one in found],
                "Status": [_status(one) for one in found],
                "From": [moment(one.start_us, at.zone) for one in found],
                "To": [moment(one.end_us, at.zone) for one in found],
                "Rows": [one.rows for one in found],
                "Anomalous": [one.anomalies for one in found],
                "Episodes": [one.episodes for one in found],
                "Looked at": [SOURCE_WORDS[one.source] for one in found],
                "Detector": [METHOD_NAMES.get(one.method, one.method) for one in found],
                "Problem": [one.problem for one in found],
                "By": [one.asked_by for one in found],
            }
        )
        data_table(frame, key="scans", label="Scans", height=fitting(len(found), 12), download_name="scans")


def _status(one: ScanShown) -> str:
    return "done" if one.status == "complete" else one.status.replace("_", " ")
