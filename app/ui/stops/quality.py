"""How well stops are judged: tiles over the page, and the machines that lag behind."""

import math

import pandas as pd
import streamlit as st

from app.production.figures import Question
from app.stops.quality import GOOD_OTHER_SHARE
from app.ui.formats import duration, percent
from app.ui.scene import Scene
from app.ui.stops.read import quality_in
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

HOUR_US = 3_600_000_000


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def quality_tiles(at: Scene, question: Question) -> None:
    """Lost time, the share with a reason, the share of "other", the delay."""
    found, _ = quality_in(at, question)
    with tile_grid(key="stop-tiles"):
        kpi_tile("Stops", float(found.stops), key="q-stops", unit="", decimals=0, better="down",
                 note=f"{duration(found.lost_us / 60e6)} lost")  # fmt: skip
        kpi_tile("With a reason", _known(found.with_reason_time), key="q-with", decimals=0, target=0.95,
                 note="of the time lost", missing="no stop in this range")  # fmt: skip
        kpi_tile("“Other”", _known(found.other_time), key="q-other", decimals=0, better="down",
                 note=f"of the time with a reason; good is up to {percent(GOOD_OTHER_SHARE, 0)}",
                 missing="no stop has a reason yet")  # fmt: skip
        delay = _known(found.delay_median_s)
        kpi_tile("Delay", None if delay is None else delay / 60, key="q-delay", unit="min", better="down",
                 note="median from the end of a stop to its reason",
                 missing="nobody has judged a stop yet")  # fmt: skip


def quality_table(at: Scene, question: Question) -> None:
    """By machine, the least judged first."""
    _, by_machine = quality_in(at, question)
    names = at.names
    shown = pd.DataFrame(
        {
            "Machine": by_machine["machine"].map(names),
            "Stops": by_machine["stops"],
            "Lost h": by_machine["lost_us"] / HOUR_US,
            "With a reason": by_machine["with_reason_time"],
            "Other": by_machine["other_time"],
            "Delay min": by_machine["delay_median_s"] / 60,
            "Delay p90 min": by_machine["delay_p90_s"] / 60,
        }
    )
    share = {"format": "percent"}
    data_table(
        shown, key="label-quality", label="Label quality by machine", download_name="label-quality",
        columns={
            "Lost h": st.column_config.NumberColumn("Lost h", format="%.1f"),
            "With a reason": st.column_config.NumberColumn("With a reason", **share),  # type: ignore[arg-type]
            "Other": st.column_config.NumberColumn("Other", **share),  # type: ignore[arg-type]
            "Delay min": st.column_config.NumberColumn("Delay min", format="%.0f"),
            "Delay p90 min": st.column_config.NumberColumn("Delay p90 min", format="%.0f"),
        },
        height=fitting(len(shown), 14),
    )  # fmt: skip
