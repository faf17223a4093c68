"""OEE and its losses, from the base cells to every roll-up."""

from analytics.oee.columns import CLASS_COLUMNS, COUNT_COLUMNS, NO_PRODUCT, SUMMED_COLUMNS, TIME_COLUMNS
from analytics.oee.elements import elements
from analytics.oee.figures import figures, rollup
from analytics.oee.identity import identity_check
from analytics.oee.losses import LOSS_COLUMNS, WATERFALL_COLUMNS, six_big_losses, waterfall
from analytics.oee.pareto import STOPS, pareto

__all__ = [
    "CLASS_COLUMNS",
    "COUNT_COLUMNS",
    "LOSS_COLUMNS",
    "NO_PRODUCT",
    "STOPS",
    "SUMMED_COLUMNS",
    "TIME_COLUMNS",
    "WATERFALL_COLUMNS",
    "elements",
    "figures",
    "identity_check",
    "pareto",
    "rollup",
    "six_big_losses",
    "waterfall",
]
