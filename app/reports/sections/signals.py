"""What the machines measured: a line per parameter, and every step of it in the appendix."""

import numpy as np
import pandas as pd

from app.reports.content.document import Chart, Column, Section, Table, table
from app.reports.content.inputs import Inputs

CHARTS_PER_MACHINE = 4
MOST_CHARTS = 120
STEPS = "telemetry-steps"


def telemetry(inputs: Inputs) -> Section:
    """The course of the parameters that are KPIs (else the first ones), with what they came to."""
    frame = inputs.signals
    if frame.empty:
        return Section("telemetry", "Telemetry", ("Nothing was measured in this time.",))
    units, names = _words(inputs)
    steps = steps_table(inputs)
    runs = _runs(frame)
    charts = [
        Chart(
            f"{inputs.names([machine])[0]}: {names.get((machine, parameter), parameter)}", "line", STEPS,
            "Time", ("Mean",), units.get((machine, parameter), ""), first, last,
        )
        for (machine, parameter), (first, last) in _charted(inputs, runs).items()
    ]  # fmt: skip
    words: tuple[str, ...] = ()
    if len(charts) < len(runs):
        words = (f"{len(charts)} of {len(runs)} parameters are drawn; the tables have all of them.",)
    parts = (_summary(inputs, frame, units), steps)
    return Section("telemetry", "Telemetry", words, (), parts, tuple(charts))


def steps_table(inputs: Inputs) -> Table:
    """Every step of every parameter, by machine, parameter and time."""
    columns = {
        "machine": Column("Machine"), "parameter": Column("Parameter"), "start_us": Column("Time", "moment"),
        "mean": Column("Mean", "number"), "min": Column("Min", "number"), "max": Column("Max", "number"),
        "count": Column("Points", "whole"),
    }  # fmt: skip
    minutes = int(inputs.windows.edges_us[1] - inputs.windows.edges_us[0]) // 60_000_000
    return table(STEPS, f"Parameters in steps of {minutes} min", inputs.signals, columns)


def _words(inputs: Inputs) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    units, names = {}, {}
    for number in inputs.ids:
        machine = inputs.plant.machine_by_id[number].device_key
        for one in inputs.plant.parameters(number):
            units[machine, one.key] = one.unit
            names[machine, one.key] = one.display_name or one.key
    return units, names


def _runs(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Where each parameter's rows begin and end; the frame is sorted."""
    code = frame["machine"].cat.codes.to_numpy(np.int64) << 32 | frame["parameter"].cat.codes.to_numpy(
        np.int64
    )
    edges = np.flatnonzero(np.diff(code, prepend=code[0] - 1))
    ends = np.append(edges[1:], len(frame))
    return {
        (str(frame["machine"].iat[first]), str(frame["parameter"].iat[first])): (first, last)
        for first, last in zip(edges.tolist(), ends.tolist(), strict=True)
    }


def _charted(
    inputs: Inputs, runs: dict[tuple[str, str], tuple[int, int]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """The parameters that are drawn: KPIs first, a few of each machine."""
    kpis = {
        (inputs.plant.machine_by_id[number].device_key, one.key)
        for number in inputs.ids
        for one in inputs.plant.parameters(number)
        if one.is_kpi
    }
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for machine in sorted({key[0] for key in runs}):
        mine = sorted((key for key in runs if key[0] == machine), key=lambda key: (key not in kpis, key))
        for key in mine[:CHARTS_PER_MACHINE]:
            found[key] = runs[key]
    return dict(list(found.items())[:MOST_CHARTS])


def _summary(inputs: Inputs, frame: pd.DataFrame, units: dict[tuple[str, str], str]) -> Table:
    weighed = frame.assign(sum=frame["mean"] * frame["count"])
    rows = weighed.groupby(["machine", "parameter"], observed=True, as_index=False).agg(
        count=("count", "sum"), total=("sum", "sum"), least=("min", "min"), most=("max", "max")
    )
    rows["mean"] = rows["total"] / rows["count"]
    keys = zip(rows["machine"].astype(str), rows["parameter"].astype(str), strict=True)
    rows["unit"] = [units.get(key, "") for key in keys]
    rows["name"] = inputs.names(rows["machine"].tolist())
    columns = {
        "name": Column("Machine"), "parameter": Column("Parameter"), "unit": Column("Unit"),
        "mean": Column("Mean", "number"), "least": Column("Min", "number"), "most": Column("Max", "number"),
        "count": Column("Points", "whole"),
    }  # fmt: skip
    return table("telemetry", "Parameters", rows, columns)
