"""The chart of a look-back: the rule's signals of a machine, its limits, the alerts as bands, the stops."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.rules.conditions import Aggregate, Frequent, Leaf, Threshold, leaves
from analytics.rules.rule import Rule
from app.production.measured.signals import lines
from app.rules.backtest import LookBack
from app.rules.drafts import Draft, checked
from app.rules.running import is_figure, rule_parameters, running_figures
from app.ui.charts.chart import plot
from app.ui.figures.frame import Figure
from app.ui.figures.telemetry import SignalLine, telemetry
from app.ui.formats import many
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_datetime, local_times
from data.models import Machine, Parameter

MOST_BANDS: Final = 400
BAND_TOKENS: Final = ("@state.idle", "@state.idle", "@state.down", "@state.down")
"""The colour of a band by rank: low and medium, high and critical."""


def history_chart(at: Scene, draft: Draft, machine: Machine, found: LookBack) -> None:
    """Draw it; a rule that reads no numbers of the machine has the bands alone."""
    rule = checked(at.plant, Draft(draft.name or "draft", draft.body, "", draft.scope, draft.target))
    listed = [one for one in rule_parameters(at.plant, machine.id) if one.key in rule.parameters]
    numeric = [one for one in listed if one.data_type != "string"]
    table = _values(at, machine, [one.key for one in numeric], found)
    sent = set(table["parameter"])
    signals = [_signal(at, rule, one, table) for one in numeric if one.key in sent]
    start, end = (
        local_datetime(edge, at.zone).replace(tzinfo=None) for edge in (found.start_us, found.end_us)
    )
    figure = telemetry(
        signals, title="", zone_title=axis_zone(at.zone, found.start_us, found.end_us), start=start, end=end
    )
    bands = _bands(at, machine, found)
    if not signals:
        figure["layout"]["annotations"] = []
    figure["layout"]["shapes"] = [*bands, *figure["layout"].get("shapes", [])]
    _draw(figure, machine, found, f"{machine.id}|{found.start_us}|{rule.parameters}")


def _values(at: Scene, machine: Machine, keys: list[str], found: LookBack) -> pd.DataFrame:
    """What the machine sent, thinned, and the figures of its shifts."""
    sent = [key for key in keys if not is_figure(key)]
    table = lines(at.access, machine.device_key, sent, found.start_us, found.end_us)
    named = [key for key in keys if is_figure(key)]
    if not named:
        return table
    figures = running_figures(at.access, [machine], found.start_us, found.end_us)
    told = [
        pd.DataFrame({"parameter": key, "time_us": series.times, "value": series.value})
        for key in named
        if (series := figures.get((machine.id, key))) is not None
    ]
    return pd.concat([table, *told], ignore_index=True)


def _draw(figure: Figure, machine: Machine, found: LookBack, revision: str) -> None:
    said = f"{machine.name}: {many(len(found.alerts), 'alert')} would have been raised"
    plot(figure, key="re-lb-chart", label=said, revision=revision)
    more = f" The first {MOST_BANDS} are drawn." if len(found.alerts) > MOST_BANDS else ""
    st.caption(f"Bands are alerts; dotted lines are unplanned stops; dashed lines are limits.{more}")


def _signal(at: Scene, rule: Rule, parameter: Parameter, table: pd.DataFrame) -> SignalLine:
    mine = table[table["parameter"] == parameter.key]
    values = mine["value"].to_numpy(np.float64)
    limits: dict[float, list[str]] = {}
    for level in rule.levels:
        for leaf in leaves(level.condition):
            for limit in _limits(leaf) if getattr(leaf, "parameter", "") == parameter.key else ():
                limits.setdefault(limit, []).append(level.severity)
    told = tuple((", ".join(dict.fromkeys(words)), limit) for limit, words in sorted(limits.items()))
    return SignalLine(
        parameter.display_name or parameter.key, parameter.unit,
        local_times(mine["time_us"].to_numpy(np.int64), at.zone), values, values, told,
    )  # fmt: skip


def _limits(leaf: Leaf) -> Iterator[float]:
    """The limits that a leaf compares the value itself with."""
    if not isinstance(leaf, Threshold | Frequent | Aggregate):
        return
    if getattr(leaf, "measure", "") not in {"count", "std"}:
        for value in (leaf.threshold, leaf.upper):
            if isinstance(value, float):
                yield value


def _bands(at: Scene, machine: Machine, found: LookBack) -> list[dict[str, Any]]:
    own = [one for one in found.alerts if one.machine in {machine.device_key, ""}][:MOST_BANDS]
    begins = local_times([one.raised_us for one in own], at.zone)
    ends = local_times(
        [one.cleared_us if one.cleared_us is not None else found.end_us for one in own], at.zone
    )
    bands: list[dict[str, Any]] = [
        {
            "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
            "x0": begin.item(), "x1": end.item(), "line": {"width": 1, "color": f"{token}/0.5"},
            "fillcolor": f"{token}/0.22",
        }
        for one, begin, end in zip(own, begins, ends, strict=True)
        for token in [BAND_TOKENS[max(rank for _, rank in one.marks) - 1]]
    ]  # fmt: skip
    stops = [start for key, start in (*found.preceded, *found.missed) if key == machine.device_key]
    bands += [
        {
            "type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "x0": when.item(),
            "x1": when.item(), "line": {"color": "@muted", "width": 1, "dash": "dot"},
        }
        for when in local_times(stops[:MOST_BANDS], at.zone)
    ]  # fmt: skip
    return bands
