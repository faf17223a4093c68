"""How much of the stop time people caused, where the plant's reasons say so."""

import pandas as pd

from app.production.figures import OPERATOR_ERROR, Question, stops_by_cause
from app.ui.charts.chart_card import chart_card
from app.ui.figures.pareto import pareto
from app.ui.formats import duration, percent
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection


def says_causes(at: Scene) -> bool:
    """Whether any reason of the plant says if it is an operator's error."""
    return any(reason.is_operator_error is not None for reason in at.plant.rows.reasons)


def causes_card(at: Scene, selection: Selection, question: Question) -> None:
    """Operator errors against all other stops."""
    table = stops_by_cause(at.access, question)
    by_people = table[table["cause"] == OPERATOR_ERROR]
    finding = "No stop was an operator's error."
    if len(by_people):
        share = percent(float(by_people["share"].iloc[0]), 0)
        finding = (
            f"Operator errors took {duration(float(by_people['minutes'].iloc[0]))}, {share} of stop time."
        )
    shown = pd.DataFrame(
        {"cause": table["cause"], "minutes": table["minutes"].round(1), "stops": table["stops"]}
    )
    chart_card(
        pareto(list(table["cause"]), list(table["minutes"]), list(table["stops"]), title=""),
        shown,
        key="pareto-cause",
        title="Stops by operator error",
        finding=finding,
        zoom=False,
        revision=selection.revision,
    )
