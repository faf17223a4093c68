"""The whole plant on one screen: each machine now and over a range, each line's loss, what needs a look."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.oee import figures, rollup, waterfall
from analytics.vocabulary import State
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import NO_REASON, Question, selected, stops_by_reason
from app.production.plant import Plant, plant
from app.production.terms.targets import target
from data.models import Machine, to_us
from data.queries.production import current_states

SILENT_US = 15 * 60_000_000
"""A machine that misses more than this in the range is named under "needs attention"."""


@dataclass(frozen=True, slots=True)
class MachineNow:
    """One machine: its state now and its figures over the range; None where not evaluable."""

    key: str
    name: str
    line: str
    state: State
    since_us: int | None
    reason: str
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    coverage: float | None
    good: float
    expected: float | None
    lost_us: int
    missing: str
    note: str


@dataclass(frozen=True, slots=True)
class LineLoss:
    """What a line lost, and the largest single piece of it."""

    key: str
    name: str
    oee: float | None
    target: float | None
    lost_us: int
    top_us: int
    top: str
    machine: str
    machine_key: str


@dataclass(frozen=True, slots=True)
class Concern:
    """What somebody should look at: `kind` is down, silent, not_evaluable, over_speed or overlap."""

    kind: str
    machine_key: str
    text: str
    since_us: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The screen's content; machines worst first."""

    machines: tuple[MachineNow, ...]
    lines: tuple[LineLoss, ...]
    concerns: tuple[Concern, ...]


def overview(access: Access, question: Question) -> Overview:
    """What does the plant look like over the range, and at this moment?"""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    cells = selected(access, question)
    rows = figures(rollup(cells, ["machine"])) if len(cells) else pd.DataFrame()
    flow = waterfall(rollup(cells, ["machine"])) if len(cells) else pd.DataFrame()
    by_key = {str(row["machine"]): row for _, row in rows.iterrows()}
    lost = {str(row["machine"]): _lost(row) for _, row in flow.iterrows()}
    with access.read() as session:
        rows_now = current_states(session, to_us(access.now)).to_dict("records")
    states = {int(row["machine"]): row for row in rows_now}
    machines = [
        _machine(access, known, machine, by_key[machine.device_key], lost[machine.device_key], states)
        for machine in known.active
        if machine.device_key in by_key
    ]
    machines.sort(key=_worst_first)
    stops = stops_by_reason(access, question, ("machine", "reason"))
    return Overview(
        tuple(machines),
        _line_losses(access, known, cells, flow, stops),
        tuple(_concerns(machines, rows)),
    )


def _lost(row: "pd.Series[Any]") -> int:
    return int(row["planned_production_us"] - row["fully_productive_us"])


def _known(value: Any) -> float | None:
    return None if math.isnan(float(value)) else float(value)


def _machine(
    access: Access,
    known: Plant,
    machine: Machine,
    row: "pd.Series[Any]",
    lost: int,
    states: dict[int, dict[Any, Any]],
) -> MachineNow:
    now = states.get(machine.id)
    ended = now is not None and 0 <= int(now["end_us"]) <= to_us(access.now)
    reason = known.reason_by_id.get(int(now["reason"])) if now is not None else None
    return MachineNow(
        key=machine.device_key,
        name=machine.name,
        line=known.line_name(machine),
        state=State.UNKNOWN if now is None or ended else State(int(now["state"])),
        since_us=None if now is None else int(now["end_us"] if ended else now["start_us"]),
        reason=reason.name if reason and not ended else "",
        oee=_known(row["oee"]),
        availability=_known(row["availability"]),
        performance=_known(row["performance"]),
        quality=_known(row["quality"]),
        coverage=_known(row["coverage"]),
        good=float(row["good"]),
        expected=_expected(row, _target(access, known, machine)),
        lost_us=lost,
        missing=str(row["missing"]),
        note=str(row["note"]),
    )


def _target(access: Access, known: Plant, machine: Machine) -> float | None:
    line = known.line_by_id.get(machine.line_id or 0)
    return target(access, known, line=line.key if line else "")


def _expected(row: "pd.Series[Any]", target: float | None) -> float | None:
    """Good parts that the OEE target would have made in the planned production time so far."""
    planned = float(row["producing_us"] + row["minor_stop_us"] + row["unplanned_stop_us"] + row["setup_us"])
    if target is None or not row["total"] or not row["ideal_us"]:
        return None
    return target * planned / (float(row["ideal_us"]) / float(row["total"]))


def _worst_first(machine: MachineNow) -> tuple[int, float]:
    return (0 if machine.state is State.DOWN else 1, 2.0 if machine.oee is None else machine.oee)


def _line_losses(
    access: Access, known: Plant, cells: pd.DataFrame, flow: pd.DataFrame, stops: pd.DataFrame
) -> tuple[LineLoss, ...]:
    if not len(cells):
        return ()
    pieces = _pieces_of_loss(flow, stops)
    line_of = {m.device_key: known.line_by_id[m.line_id].key for m in known.active if m.line_id}
    pieces["line"] = pieces["machine"].map(line_of)
    by_line = rollup(cells, ["line"])
    total = {str(row["line"]): row for _, row in figures(by_line).iterrows()}
    lost = {str(row["line"]): _lost(row) for _, row in waterfall(by_line).iterrows()}
    found = []
    for line in known.rows.lines:
        if line.key not in total:
            continue
        mine = pieces[pieces["line"] == line.key].sort_values("time_us", ascending=False, kind="stable")
        top = mine.iloc[0] if len(mine) else None
        key = "" if top is None else str(top["machine"])
        found.append(
            LineLoss(
                key=line.key,
                name=line.name,
                oee=_known(total[line.key]["oee"]),
                target=target(access, known, line=line.key),
                lost_us=lost[line.key],
                top_us=0 if top is None else int(top["time_us"]),
                top="" if top is None else str(top["what"]),
                machine=known.machine_by_key[key].name if key else "",
                machine_key=key,
            )
        )
    return tuple(found)


def _pieces_of_loss(flow: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Every loss with a machine and a name: the stops by reason, slow running, defects, start-up."""
    reasons = stops["name"].where(stops["name"] != NO_REASON, "stops without a reason")
    parts = [pd.DataFrame({"machine": stops["machine"], "what": reasons, "time_us": stops["time_us"]})]
    for column, word in (
        ("speed_us", "reduced speed"),
        ("defect_us", "defects"),
        ("startup_us", "start-up scrap"),
    ):
        parts.append(pd.DataFrame({"machine": flow["machine"], "what": word, "time_us": flow[column]}))
    pieces = pd.concat(parts, ignore_index=True)
    return pieces[pieces["time_us"] > 0].copy()


def _concerns(machines: list[MachineNow], rows: pd.DataFrame) -> list[Concern]:
    found = [
        Concern("down", m.key, f"{m.name} is down: {m.reason or 'no reason given yet'}", m.since_us)
        for m in sorted(machines, key=lambda m: m.since_us or 0)
        if m.state is State.DOWN
    ]
    names = {m.key: m.name for m in machines}
    for _, row in rows.iterrows():
        key = str(row["machine"])
        if key not in names:
            continue
        if row["unknown_us"] > SILENT_US:
            hours = float(row["unknown_us"]) / 3.6e9
            found.append(Concern("silent", key, f"{names[key]}: no data for {hours:.1f} h of the range"))
        if row["total_without_ideal"] > 0:
            found.append(
                Concern("not_evaluable", key, f"{names[key]}: performance needs an ideal cycle time")
            )
        if row["over_speed"]:
            raw = 100 * float(row["performance_raw"])
            found.append(
                Concern(
                    "over_speed", key, f"{names[key]}: performance {raw:.0f} %; check its ideal cycle time"
                )
            )
        if row["overlap_us"] > 0:
            found.append(Concern("overlap", key, f"{names[key]}: stops overlap; the common time counts once"))
    return found
