"""Energy, its cost and its peaks."""

import numpy as np
import pandas as pd

from app.production.measured.power import demand
from app.reports.content.document import Chart, Column, Fact, Section, table
from app.reports.content.inputs import Inputs

MOST_POINTS = 3_000


def energy(inputs: Inputs) -> Section:
    """What each machine used, per part too, and the course of the demand."""
    used = inputs.energy
    if used.empty:
        return Section("energy", "Energy", ("No machine reports its power.",))
    kwh, price = float(used["kwh"].sum()), inputs.rates.energy_price
    parts = float(inputs.totals["total"])
    facts = [Fact("Energy", kwh, "number", "kWh")]
    if price is not None:
        facts.append(Fact("Cost", kwh * price, "number", inputs.access.factory.currency))
    facts.append(Fact("Per part", kwh / parts if parts else None, "number", "kWh", note=_why(parts)))
    made = inputs.by_machine.set_index("machine")["total"]
    frame = used.assign(
        name=inputs.names(used["machine"].tolist()),
        parts=used["machine"].map(made).fillna(0.0),
        hours=used["covered_s"] / 3_600,
    )
    frame["per_part"] = frame["kwh"] / frame["parts"].where(frame["parts"] > 0)
    columns = {
        "name": Column("Machine"), "kwh": Column("Energy", "number", "kWh"),
        "parts": Column("Parts", "whole"),
        "per_part": Column("Per part", "number", "kWh"), "hours": Column("Power known", "number", "h"),
    }  # fmt: skip
    if price is not None:
        frame["cost"] = frame["kwh"] * price
        columns["cost"] = Column("Cost", "number", inputs.access.factory.currency)
    frame = frame.sort_values("kwh", ascending=False, ignore_index=True)
    course = inputs.fingerprint.add("demand", demand(inputs.access, inputs.question))
    tables = [table("energy", "Energy by machine", frame, columns)]
    charts = [Chart("Energy by machine", "bar", "energy", "Machine", ("Energy",), "kWh", 0, 30)]
    if len(course):
        peak = int(course["kw"].to_numpy(np.float64).argmax())
        facts.append(Fact("Peak demand", float(course["kw"].iloc[peak]), "number", "kW"))
        tables.append(
            table("demand", "Demand by quarter of an hour", _thinned(course),
                  {"time_us": Column("Time", "moment"), "kw": Column("Power", "number", "kW")})
        )  # fmt: skip
        charts.append(Chart("Demand", "line", "demand", "Time", ("Power",), "kW"))
    return Section("energy", "Energy", (), tuple(facts), tuple(tables), tuple(charts))


def _why(parts: float) -> str:
    return "" if parts else "no part was made"


def _thinned(course: pd.DataFrame) -> pd.DataFrame:
    """At most MOST_POINTS rows: of neighbours the one with the highest demand stands for all."""
    size = -(-len(course) // MOST_POINTS)
    if size == 1:
        return course
    groups = np.arange(len(course)) // size
    return course.loc[course["kw"].groupby(groups).idxmax()].reset_index(drop=True)
