"""One alert: its chart, why it was raised, what happened to it."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.alerts.listing import Shown, history
from app.maintenance.orders import OrderDraft
from app.production.measured.signals import lines
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure
from app.ui.figures.telemetry import SignalLine, telemetry
from app.ui.maintenance.behind import order_part
from app.ui.scene import Scene
from app.ui.selecting.links import go
from app.ui.selecting.ranges import RangeKey
from app.ui.selecting.selection import link_params
from app.ui.selecting.zone import axis_zone, local_datetime, local_times
from app.ui.tables import data_table, fitting
from data.models import to_us

BEFORE_US: Final = 1_800_000_000
AFTER_US: Final = 600_000_000
MOST_SIGNALS: Final = 4


def alert_detail(at: Scene, one: Shown) -> None:
    """Draw everything that is known of an alert."""
    with st.container(border=True):
        st.markdown(f"##### {one.rule_name}: {one.machine_name}")
        st.markdown(one.message)
        said = [f"version {one.rule_version} of the rule", f"worst {one.worst}"]
        if one.cause:
            said.append(f"ended: {one.cause}")
        if not one.is_final:
            said.append("late data may still change it")
        if one.revision > 1:
            said.append(f"revision {one.revision}")
        if one.shelve_reason and one.state == "shelved":
            said.append(f"shelved by {one.shelved_by}: {one.shelve_reason}")
        st.caption(" · ".join(said))
        if one.machine_key:
            _chart(at, one)
            day = one.raised_at.astimezone(at.zone).date()
            if st.button(
                "Open the machine at this time", icon=":material/open_in_new:", key=f"al-open-{one.id}"
            ):
                go(
                    "machine",
                    link_params(range_key=RangeKey.CUSTOM, days=(day, day), machines=[one.machine_key]),
                )
            if one.machine_key in at.plant.machine_by_key:
                title = f"{one.rule_name}: {one.message}"[:200]
                begun = OrderDraft(one.machine_key, title, alert_id=one.id)
                order_part(at, begun, key=f"al-order-{one.id}")
        left, right = st.columns(2)
        with left:
            st.markdown("**Why**")
            _evidence(one)
        with right:
            st.markdown("**What happened**")
            _history(at, one)


def _chart(at: Scene, one: Shown) -> None:
    keys = [key for key, value in one.snapshot.items() if isinstance(value, int | float)][:MOST_SIGNALS]
    if not keys:
        return
    start = to_us(one.raised_at) - BEFORE_US
    end = min((to_us(one.cleared_at) if one.cleared_at else at.now_us) + AFTER_US, at.now_us + AFTER_US)
    table = lines(at.access, one.machine_key, keys, start, end)
    known = {row.key: row for row in at.plant.parameters(one.machine_id or 0)}
    signals = []
    for key in keys:
        mine = table[table["parameter"] == key]
        values = mine["value"].to_numpy(np.float64)
        times = local_times(mine["time_us"].to_numpy(np.int64), at.zone)
        row = known.get(key)
        name = (row.display_name or key) if row else key
        signals.append(SignalLine(name, row.unit if row else "", times, values, values))
    figure = telemetry(
        signals,
        title="",
        zone_title=axis_zone(at.zone, start, end),
        start=local_datetime(start, at.zone).replace(tzinfo=None),
        end=local_datetime(end, at.zone).replace(tzinfo=None),
    )
    _band(at, figure, one, end)
    frame = pd.DataFrame(
        {
            "signal": table["parameter"].to_numpy(object),
            "time": local_times(table["time_us"].to_numpy(np.int64), at.zone),
            "value": table["value"].to_numpy(np.float64),
        }
    )
    chart_card(
        figure, frame, key=f"alert-{one.id}", title="Around the alert",
        finding="The shaded stretch is the alert.", revision=f"{one.id}-{one.revision}",
    )  # fmt: skip


def _band(at: Scene, figure: Figure, one: Shown, end_us: int) -> None:
    """Shade the stretch in which the alert was active."""
    last = min(to_us(one.cleared_at) if one.cleared_at else at.now_us, end_us)
    band: dict[str, Any] = {
        "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0},
        "x0": local_datetime(to_us(one.raised_at), at.zone).replace(tzinfo=None),
        "x1": local_datetime(last, at.zone).replace(tzinfo=None),
        "fillcolor": "rgba(208, 84, 60, 0.18)", "layer": "below",
    }  # fmt: skip
    figure["layout"]["shapes"] = [*figure["layout"].get("shapes", []), band]


def _evidence(one: Shown) -> None:
    rows = [
        {
            "Machine": line.get("machine", ""),
            "Condition": line.get("said", ""),
            "Then": line.get("truth", ""),
            "Value": "" if line.get("value") is None else str(line["value"]),
        }
        for line in one.evidence
    ]
    if rows:
        data_table(
            pd.DataFrame(rows), key=f"al-evidence-{one.id}", label="Evaluated conditions",
            height=fitting(len(rows), 8),
        )  # fmt: skip
    else:
        st.caption("No evidence was stored.")


def _history(at: Scene, one: Shown) -> None:
    found = history(at.access, one.id)
    frame = pd.DataFrame(
        {
            "When": [line.at.astimezone(at.zone).strftime("%m-%d %H:%M:%S") for line in found],
            "Who": [line.actor for line in found],
            "What": [f"{line.kind}: {line.text}" for line in found],
        }
    )
    data_table(frame, key=f"al-history-{one.id}", label="History", height=fitting(len(found), 8))
