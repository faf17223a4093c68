"""Energy, its cost and its peaks."""

import numpy as np
import pandas as pd

from analytics.vocabulary import MICROSECONDS
from app.production.measured.energy import per_part
from app.production.measured.power import demand
from app.reports.content.document import Chart, Column, Fact, Section, table
from app.reports.content.inputs import Inputs
from data.models import to_us

MOST_POINTS = 3_000
UNKNOWN = "no part was made, or too little is known of the power of who made them"


def energy(inputs: Inputs) -> Section:
    """What each machine used, per part too, and the course of the demand."""
    used = inputs.energy
    if used.empty:
        return Section("energy", "Energy", ("No machine reports its power.",))
    kwh, price = float(used["kwh"].sum()), inputs.rates.energy_price
    made = inputs.by_machine.set_index("machine")["total"]
    question = inputs.question
    whole_s = (min(question.end_us, to_us(inputs.access.now)) - question.start_us) / MICROSECONDS
    facts = [Fact("Energy", kwh, "number", "kWh")]
    if price is not None:
        facts.append(Fact("Cost", kwh * price, "number", inputs.access.factory.currency))
    of_all = per_part(used, made, whole_s)
    facts.append(Fact("Per part", of_all, "number", "kWh", note="" if of_all is not None else UNKNOWN))
    frame = used.assign(
        name=inputs.names(used["machine"].tolist()),
        parts=used["machine"].map(made).fillna(0.0),
        hours=used["covered_s"] / 3_600,
    )
    alone = {key: per_part(used, made.loc[[key]], whole_s) for key in made.index}
    frame["per_part"] = frame["machine"].map(alone).astype(np.float64)
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


def _thinned(course: pd.DataFrame) -> pd.DataFrame:
    """At most MOST_POINTS rows: of neighbours the one with the highest demand stands for all."""
    size = -(-len(course) // MOST_POINTS)
    if size == 1:
        return course
    groups = np.arange(len(course)) // size
    return course.loc[course["kw"].groupby(groups).idxmax()].reset_index(drop=True)
