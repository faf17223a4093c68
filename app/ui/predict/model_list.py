"""The versions of failure models: how they were tested, and which of them tells the risk."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.predict.failure.models import (
    FAILURE,
    PROMOTED,
    RETIRED,
    ModelShown,
    models,
    promote,
    retire,
    roll_back,
)
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import many, moment
from app.ui.predict.risk_list import machine_name
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

TOLD: Final = "model-told"
TELLS: Final = {"failure": "risk", "life": "remaining life"}
COLORS: Final[dict[str, Any]] = {"promoted": "green", "candidate": "blue", "retired": "gray"}


def model_list(at: Scene) -> None:
    """The table of versions, and the chosen one with its card."""
    told = st.session_state.pop(TOLD, "")
    if told:
        st.toast(told, icon=":material/check:")
    found = models(at.access)
    if not found:
        empty_state(
            "No model yet",
            "*Teach models* on the page *Failure risk* fits one for each machine with enough failures.",
            icon="model_training",
            key="models",
        )
        return
    row = data_table(
        _table(at, found), key="models", label="Failure models", selectable=True,
        height=fitting(len(found), 14), download_name="failure-models",
        columns={name: st.column_config.NumberColumn(format="%.2f")
                 for name in ("Average precision", "of guessing", "Precision", "Recall", "Error (h)",
                              "of the mean (h)", "Ahead (h)")},
    )  # fmt: skip
    _one(at, found[row if row is not None else 0])


def _table(at: Scene, found: list[ModelShown]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Machine": [machine_name(at, one.machine) for one in found],
            "Tells": [TELLS[one.tells] for one in found],
            "Version": [one.number for one in found],
            "State": [one.state for one in found],
            "Beats naive": ["yes" if one.beats_naive else "no" for one in found],
            "Average precision": [one.metrics.get("average_precision") for one in found],
            "of guessing": [one.metrics.get("naive_average_precision") for one in found],
            "Precision": [one.metrics.get("precision") for one in found],
            "Recall": [one.metrics.get("recall") for one in found],
            "Ahead (h)": [one.horizon_h for one in found],
            "Error (h)": [one.metrics.get("error_h") for one in found],
            "of the mean (h)": [one.metrics.get("naive_error_h") for one in found],
            "Hours learned": [one.hours for one in found],
            "Failures, runs": [one.failures for one in found],
            "Made": [moment(one.made_us, at.zone) for one in found],
            "By": [one.made_by for one in found],
        }
    )


def _one(at: Scene, one: ModelShown) -> None:
    st.subheader(f"{machine_name(at, one.machine)}, version {one.number}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(one.state, color=COLORS.get(one.state, "gray"))
        if one.why:
            st.caption(f"because {one.why}")
        if one.moved_us is not None:
            st.caption(f"{one.moved_by}, {moment(one.moved_us, at.zone)}")
    _actions(at, one)
    with st.container(border=True, key="card-model"):
        st.markdown("**Model card**")
        st.markdown(one.card)
        alarm = f", alarm from {100 * one.threshold:.0f} %" if one.tells == FAILURE else ""
        st.caption(
            f"Learned from {moment(one.start_us, at.zone)} to {moment(one.end_us, at.zone)}, "
            f"{many(len(one.features), 'feature')}, method {one.method}{alarm}."
        )
        if one.file_gone_us is not None:
            st.caption(f"Its file was deleted on {moment(one.file_gone_us, at.zone)}: teach a new version.")
        st.caption(
            f"Fingerprint of the rows `{one.fingerprint[:16]}`, digest of the file `{one.digest[:16]}`"
        )
        with st.expander("Features and figures"):
            st.markdown(", ".join(f"`{name}`" for name in one.features))
            figures = pd.DataFrame(
                {"figure": [name.replace("_", " ") for name in one.metrics],
                 "value": [str(value) for value in one.metrics.values()]}
            )  # fmt: skip
            data_table(figures, key="model-figures", label="Figures", download_name="model-figures")


def _actions(at: Scene, one: ModelShown) -> None:
    with st.container(horizontal=True):
        off = one.state == PROMOTED or one.file_gone_us is not None
        if st.button("Promote", type="primary", icon=":material/verified:", key="mo-promote", disabled=off):
            if one.beats_naive:
                _do(lambda: promote(at.access, one.id, one.version), "Promoted. *Roll back* undoes it.")
            else:
                confirm_dialog(
                    "Promote a model that does not beat the naive rule?",
                    "When it was tested, it was no better than the naive rule: the usual share of hours "
                    "before a failure, or the mean of the runs.",
                    lambda: promote(at.access, one.id, one.version),
                    confirm="Promote anyway", key="mo-anyway",
                )  # fmt: skip
        if st.button("Roll back", icon=":material/undo:", key="mo-back", disabled=one.state != PROMOTED,
                     help="Promote the version that was promoted before this one."):  # fmt: skip
            _do(lambda: roll_back(at.access, one), "Rolled back.")
        if st.button("Retire", icon=":material/block:", key="mo-retire", disabled=one.state == RETIRED):
            confirm_dialog(
                f"Retire version {one.number}?",
                "It tells nothing any more. It can be promoted again.",
                lambda: retire(at.access, one.id, one.version, "somebody retired it"),
                confirm="Retire model", key="mo-retire-yes",
            )  # fmt: skip


def _do(action: Any, told: str) -> None:
    try:
        action()
    except GembaError as error:
        error_card(error)
        return
    st.session_state[TOLD] = told
    st.rerun()
