"""How right the models were: each model on each machine, by what it told before the fact."""

from typing import Final

import pandas as pd
import streamlit as st

from app.predict.scorecards import FAILURE, LIFE, LOSES_DAYS, Scorecard, scorecards
from app.ui.predict.risk_list import machine_name
from app.ui.predict.words import METHOD_WORDS
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

OF: Final = {FAILURE: "failures", LIFE: "remaining life"}
SHARES: Final = ("Precision", "Recall", "80 % band held", "95 % band held")


def score_list(at: Scene) -> None:
    """The scores of the last 90 days beside those of the naive rule."""
    st.subheader("How right they were", anchor=False)
    found = scorecards(at.access)
    if not found:
        st.caption(
            "No prediction has been matched with what happened yet. The job *Match predictions with what "
            "happened* does that every day at 10:00, once their time has passed."
        )
        return
    currency = at.access.factory.currency
    columns: dict[str, object] = {name: st.column_config.NumberColumn(format="%.0f %%") for name in SHARES}
    columns |= {name: st.column_config.NumberColumn(format="%.3f") for name in ("Error", "Naive error")}
    columns["Warning (h)"] = st.column_config.NumberColumn(format="%.1f")
    columns[f"Money ({currency})"] = st.column_config.NumberColumn(format="%.0f")
    data_table(
        _table(at, found, currency), key="scores", label="Scores of models", height=fitting(len(found), 14),
        download_name="model-scores", columns=columns,
    )  # fmt: skip
    st.caption(
        "Predictions of the last 90 days, matched once their time had passed. The error of failures is the "
        "Brier score, that of remaining lives is in hours, that of forecasts the MASE. Money: the lost time "
        "of failures that were foreseen, or by how much energy cost more than told. "
        f"A model that is no better than the naive rule for {LOSES_DAYS} days is switched off, and those who "
        "are told of alerts are told."
    )


def _table(at: Scene, found: list[Scorecard], currency: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Model": [METHOD_WORDS.get(one.model, one.model) for one in found],
            "Of": [OF.get(one.kind, one.of) for one in found],
            "Machine": [machine_name(at, one.machine) if one.machine else "several" for one in found],
            "Predictions": [one.predictions for one in found],
            "Error": [one.score for one in found],
            "Naive error": [one.naive_score for one in found],
            "Precision": [_percent(one.precision) for one in found],
            "Recall": [_percent(one.recall) for one in found],
            "Warning (h)": [one.lead_h for one in found],
            "80 % band held": [_percent(one.coverage_80) for one in found],
            "95 % band held": [_percent(one.coverage_95) for one in found],
            f"Money ({currency})": [one.money for one in found],
            "State": ["loses" if one.is_losing else "" for one in found],
        }
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
