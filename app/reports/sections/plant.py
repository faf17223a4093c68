"""The executive summary and the overview of the machines."""

import pandas as pd

from app.alerts.listing import Filter, count_alerts
from app.production.figures import Question
from app.reports.content.document import Column, Fact, Section, known, table
from app.reports.content.inputs import Inputs

HOUR_US = 3_600_000_000
MUCH = 0.9
RATIOS = (
    ("OEE", "oee"), ("Availability", "availability"), ("Performance", "performance"), ("Quality", "quality"),
)  # fmt: skip


def summary(inputs: Inputs) -> Section:
    """How was it, compared with the time before, and what cost the most?"""
    now, then = inputs.totals, inputs.totals_before
    facts = [
        Fact(name, known(now[key]), "share", "", known(then[key]), _why(now, key)) for name, key in RATIOS
    ]
    facts += [
        Fact("Good parts", int(now["good"]), "whole", "", int(then["good"])),
        Fact("Rejected parts", int(now["total"] - now["good"]), "whole", "",
             int(then["total"] - then["good"])),
        Fact("Unplanned stops", float(now["unplanned_stop_us"]) / HOUR_US, "number", "h",
             float(then["unplanned_stop_us"]) / HOUR_US),
        Fact("Data coverage", known(now["coverage"]), "share", "", known(then["coverage"])),
        Fact("Alerts", _alerts(inputs, inputs.question), "whole", "", _alerts(inputs, inputs.before)),
        *_energy(inputs),
    ]  # fmt: skip
    return Section("summary", "Executive summary", tuple(_sentences(inputs)), tuple(facts))


def _why(row: "pd.Series[float]", key: str) -> str:
    """Why a figure is missing, or what a reader of it must know."""
    if known(row[key]) is None:
        return f"missing: {row['missing']}" if row["missing"] else "not evaluable"
    return str(row["note"]) if key == "oee" else ""


def _energy(inputs: Inputs) -> list[Fact]:
    if inputs.energy.empty:
        return []
    kwh = float(inputs.energy["kwh"].sum())
    found = [Fact("Energy", kwh, "number", "kWh")]
    price = inputs.rates.energy_price
    if price is not None:
        found.append(Fact("Energy cost", kwh * price, "number", inputs.access.factory.currency))
    return found


def _alerts(inputs: Inputs, question: Question) -> int:
    machines = () if inputs.is_whole_plant else inputs.ids
    return count_alerts(inputs.access, Filter(machines, start_us=question.start_us, end_us=question.end_us))


def _sentences(inputs: Inputs) -> list[str]:
    now, then = known(inputs.totals["oee"]), known(inputs.totals_before["oee"])
    said = []
    if now is None:
        said.append("OEE cannot be computed for this time: " + _why(inputs.totals, "oee") + ".")
    elif then is None:
        said.append(f"OEE was {100 * now:.1f} %; there is nothing to compare it with.")
    else:
        way = "up" if now > then else "down"
        seen = known(inputs.totals_before["coverage"]) or 0.0
        part = "" if seen >= MUCH else f", of which only {100 * seen:.0f} % is known"
        points = abs(100 * (now - then))
        said.append(f"OEE was {100 * now:.1f} %, {way} {points:.1f} points on the time before{part}.")
    target = inputs.access.factory.oee_target
    if now is not None and target is not None:
        word = "above" if now >= target else "below"
        said.append(f"That is {word} the target of {100 * target:.0f} %.")
    if len(inputs.stops):
        top = inputs.stops.iloc[0]
        said.append(
            f"The costliest reason was '{top['name']}': {float(top['minutes']) / 60:.1f} h "
            f"in {int(top['stops'])} stops, {100 * float(top['share']):.0f} % of all stop time."
        )
    ranked = inputs.by_machine.dropna(subset=["oee"]).sort_values("oee")
    if len(ranked) > 1:
        low, high = ranked.iloc[0], ranked.iloc[-1]
        names = inputs.names([low["machine"], high["machine"]])
        said.append(
            f"{names[0]} had the lowest OEE ({100 * float(low['oee']):.1f} %), "
            f"{names[1]} the highest ({100 * float(high['oee']):.1f} %)."
        )
    return said


def machines(inputs: Inputs) -> Section:
    """The figures of each machine, the lowest OEE first."""
    frame = inputs.by_machine.copy()
    frame["name"] = inputs.names(frame["machine"].tolist())
    known_machines = inputs.plant.machine_by_key
    frame["line"] = [inputs.plant.line_name(known_machines[str(key)]) for key in frame["machine"]]
    frame["run_h"] = (frame["producing_us"] + frame["minor_stop_us"]) / HOUR_US
    frame["stop_h"] = frame["unplanned_stop_us"] / HOUR_US
    energy = inputs.energy.set_index("machine")["kwh"] if len(inputs.energy) else pd.Series(dtype=float)
    frame["kwh"] = frame["machine"].map(energy).astype(float)
    frame = frame.sort_values(["oee", "machine"], na_position="last", ignore_index=True)
    columns = {
        "name": Column("Machine"), "machine": Column("Key"), "line": Column("Line"),
        **{key: Column(name, "share") for name, key in RATIOS},
        "good": Column("Good", "whole"), "total": Column("Total", "whole"),
        "run_h": Column("Run", "number", "h"), "stop_h": Column("Unplanned stops", "number", "h"),
        "coverage": Column("Coverage", "share"), "kwh": Column("Energy", "number", "kWh"),
    }  # fmt: skip
    return Section("machines", "Machine overview", (), (), (table("machines", "Machines", frame, columns),))
