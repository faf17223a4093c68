"""Where the time went: the waterfall from calendar time to fully productive time, and the six big losses."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.oee.columns import SUMMED_COLUMNS
from analytics.oee.figures import check_cells, ratio
from analytics.timeline.arrays import Int64s
from analytics.vocabulary import Loss

WATERFALL_COLUMNS: Final = (
    "calendar_us",
    "not_scheduled_us",
    "unknown_us",
    "planned_stop_us",
    "unplanned_stop_us",
    "setup_us",
    "minor_stop_us",
    "speed_us",
    "defect_us",
    "startup_us",
    "undivided_us",
    "fully_productive_us",
)
"""The first is the sum of all the others, exactly."""

LOSS_COLUMNS: Final[dict[Loss, str]] = {
    Loss.BREAKDOWN: "unplanned_stop_us",
    Loss.SETUP: "setup_us",
    Loss.MINOR_STOP: "minor_stop_us",
    Loss.REDUCED_SPEED: "speed_us",
    Loss.DEFECT: "defect_us",
    Loss.STARTUP: "startup_us",
}


def waterfall(cells: pd.DataFrame) -> pd.DataFrame:
    """Which losses lead from calendar time down to fully productive time?

    Takes cells or a roll-up; returns its key columns and int64 microseconds: calendar = not scheduled +
    unknown + planned stops + unplanned stops + set-up + minor stops + speed + defects + start-up +
    undivided + fully productive, exactly. fully_productive_us / planned_production_us is the capped OEE of
    `figures` (to a rounded microsecond). Also scheduled_us, planned_production_us, run_us, net_run_us
    (ideal time of all parts, at most run_us) and over_speed_us, by which the ideal time exceeds the run
    time.

    A machine that is faster than its ideal cycle makes up for lost time: the speed loss is reduced first,
    then the minor stops, so that no loss is negative. The time of rejected parts is divided between defects
    and start-up by their ideal time. Without ideal cycle times the producing time cannot be divided and is
    undivided.
    """
    check_cells(cells)
    number = {name: cells[name].to_numpy() for name in SUMMED_COLUMNS}
    run = number["producing_us"] + number["minor_stop_us"]
    planned = run + number["unplanned_stop_us"] + number["setup_us"]
    lacking = number["total_without_ideal"] > 0
    net = np.where(lacking, 0, np.minimum(number["ideal_us"], run))
    performance_loss = run - net
    minor = np.minimum(number["minor_stop_us"], performance_loss)
    share = np.where(number["total"] > 0, ratio(number["good"], number["total"]), 0.0)
    productive = np.rint(net * np.minimum(share, 1.0)).astype(np.int64)
    rejected = number["ideal_scrap_us"] + number["ideal_startup_us"]
    startup_share = np.where(rejected > 0, ratio(number["ideal_startup_us"], rejected), 0.0)
    startup = np.rint((net - productive) * startup_share).astype(np.int64)
    result = cells[[name for name in cells.columns if name not in SUMMED_COLUMNS]].copy()
    for name in ("calendar_us", "not_scheduled_us", "unknown_us", "planned_stop_us"):
        result[name] = number[name]
    result["unplanned_stop_us"], result["setup_us"] = number["unplanned_stop_us"], number["setup_us"]
    result["minor_stop_us"] = minor
    result["speed_us"] = np.where(lacking, 0, performance_loss - minor)
    result["defect_us"] = net - productive - startup
    result["startup_us"] = startup
    result["undivided_us"] = np.where(lacking, performance_loss - minor, 0)
    result["fully_productive_us"] = productive
    result["scheduled_us"] = planned + number["planned_stop_us"]
    result["planned_production_us"] = planned
    result["run_us"] = run
    result["net_run_us"] = net
    result["over_speed_us"] = np.where(lacking, 0, np.maximum(number["ideal_us"] - run, 0))
    return result


def six_big_losses(cells: pd.DataFrame) -> pd.DataFrame:
    """How much time did each of the six big losses take?

    Returns one row per row of `cells` and Loss: the key columns, loss (its word), loss_us and share, the
    part of planned production time (NaN where there is none). The shares and the capped OEE add up to 1
    where the ideal cycle times are known. Source: Nakajima, Introduction to TPM (1988).
    """
    flow = waterfall(cells)
    keys = [name for name in cells.columns if name not in SUMMED_COLUMNS]
    planned: Int64s = flow["planned_production_us"].to_numpy()
    parts = []
    for loss, column in LOSS_COLUMNS.items():
        part = flow[keys].copy()
        part["loss"] = loss.value
        part["loss_us"] = flow[column]
        part["share"] = ratio(flow[column].to_numpy(), planned)
        parts.append(part)
    order = np.arange(len(flow) * len(parts)).reshape(len(parts), len(flow)).T.ravel()
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
