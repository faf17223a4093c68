"""What changed against the time before, ranked by what it costs: sentences with their numbers and links."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.insights import moves_together, split
from analytics.oee import figures, rollup, waterfall
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.insights.spans import Clock
from app.insights.words import HOUR_US, hours
from app.production.figures import NO_REASON, Question, selected, stops_by_reason
from app.production.plant import Plant, plant
from app.production.terms.rates import rates
from data.models import from_us, to_us
from data.telemetry.windows import Windows

LOOKED_DAYS: Final = 28
LEAST_US: Final = 15 * 60_000_000
LEAST_SHARE: Final = 0.01
"""A change below a quarter of an hour, or below 1 % of the planned time, is not told."""
EXPLAINED: Final = 5
TOLD: Final = 20
CLOSE: Final = 0.6
"""A signal whose days rank this much like the loss is named."""
SILENT_SHARE: Final = 0.9
Pieces = dict[Any, float]
Days = npt.NDArray[np.float64]
SPEED, DEFECTS, START_UP = "reduced speed", "defects", "start-up scrap"
FLOW: Final = {"speed_us": SPEED, "defect_us": DEFECTS, "startup_us": START_UP}
COLUMNS: Final = {word: column for column, word in FLOW.items()}
WITHOUT: Final = "stops without a reason"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one machine, and where to look.

    `kind` is loss (more than before), gain (less), or silent (no data). `changed_us` is the change of lost
    time against what the time before leads to expect; `money` its worth, None where no rate is set.
    `since_us` is the first day of the new level where a change of level is strong enough to be dated.
    """

    kind: str
    machine: str
    cause: str
    text: str
    changed_us: int
    money: float | None = None
    since_us: int | None = None
    numbers: dict[str, float] = field(default_factory=dict)


def findings(access: Access, question: Question) -> tuple[Finding, ...]:
    """What changed in this range, and since when; the costliest first.

    Each machine's losses (stops by reason, reduced speed, defects, start-up scrap) are held against the range
    of equal length that ended where this one began, scaled by the planned production time of both. Machines
    without planned time before are left out. The first five findings are dated over the last 28 days and held
    beside the machine's signals.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    length = question.end_us - question.start_us
    before = replace(question, start_us=question.start_us - length, end_us=question.start_us)
    now_flow, was_flow = _flow(access, question), _flow(access, before)
    changes = _changes(
        _pieces(access, question, now_flow), _pieces(access, before, was_flow), now_flow, was_flow
    )
    rate = rates(access).hour_rate
    found = [_finding(access, known, row, rate, _span(length)) for row in changes[:TOLD]]
    days = _days(access, question)
    lost = _lost(access, days, found[:EXPLAINED])
    first = [_explained(access, known, days, lost[place], one) for place, one in enumerate(found[:EXPLAINED])]
    return (*first, *found[EXPLAINED:], *_silent(known, _totals(access, question)))


def _flow(access: Access, question: Question) -> pd.DataFrame:
    cells = selected(access, question)
    if not len(cells):
        return pd.DataFrame(columns=["machine", "planned_production_us", *FLOW])
    return waterfall(rollup(cells, ["machine"]))


def _totals(access: Access, question: Question) -> pd.DataFrame:
    cells = selected(access, question)
    return (
        figures(rollup(cells, ["machine"])) if len(cells) else pd.DataFrame(columns=["machine", "coverage"])
    )


def _pieces(access: Access, question: Question, flow: pd.DataFrame) -> "pd.Series[float]":
    """Lost microseconds by (machine, cause)."""
    stops = stops_by_reason(access, question, ("machine", "reason"))
    causes = stops["name"].where(stops["name"] != NO_REASON, WITHOUT)
    planned = stops["category"].isin(["planned", "not_scheduled"])
    parts = [pd.DataFrame({"machine": stops["machine"], "cause": causes, "us": stops["time_us"]})[~planned]]
    parts += [
        pd.DataFrame({"machine": flow["machine"], "cause": word, "us": flow[column]})
        for column, word in FLOW.items()
    ]
    both = pd.concat(parts, ignore_index=True)
    both["us"] = both["us"].astype(np.float64)
    return both.groupby(["machine", "cause"])["us"].sum()


def _changes(
    now: "pd.Series[float]", was: "pd.Series[float]", now_flow: pd.DataFrame, was_flow: pd.DataFrame
) -> list[dict[Any, Any]]:
    """Machine, cause, us, expected_us and change_us of what changed, by the size of the change."""
    planned = now_flow.set_index("machine")["planned_production_us"].astype(np.float64)
    before = was_flow.set_index("machine")["planned_production_us"].astype(np.float64)
    table = pd.DataFrame({"us": now, "was": was}).fillna(0.0).reset_index()
    table["planned"] = table["machine"].map(planned).fillna(0.0)
    table["before"] = table["machine"].map(before).fillna(0.0)
    table = table[(table["before"] > 0) & (table["planned"] > 0)]
    table["expected"] = table["was"] * table["planned"] / table["before"]
    table["change"] = table["us"] - table["expected"]
    large = table["change"].abs() >= np.maximum(LEAST_US, LEAST_SHARE * table["planned"])
    table = table[large].sort_values("change", ascending=False, kind="stable")
    losses, gains = table[table["change"] > 0], table[table["change"] < 0].iloc[::-1]
    return [*losses.to_dict("records"), *gains.to_dict("records")]


def _finding(access: Access, known: Plant, row: dict[Any, Any], rate: float | None, length: str) -> Finding:
    changed = round(row["change"])
    money = None if rate is None else changed / HOUR_US * rate
    name = known.machine_by_key[row["machine"]].name
    worth = "" if money is None else f", worth {abs(money):,.0f} {access.factory.currency}"
    is_more = changed > 0
    text = (
        f"{name} lost {hours(row['us'])} by {_lower(row['cause'])}: {hours(abs(changed))} "
        f"{'more' if is_more else 'less'} than at the rate of the {length} before{worth}."
    )
    numbers = {"lost_h": row["us"] / HOUR_US, "expected_h": row["expected"] / HOUR_US}
    kind = "loss" if is_more else "gain"
    return Finding(kind, row["machine"], row["cause"], text, changed, money, None, numbers)


def _span(length_us: int) -> str:
    """A length of time in days from two days on, else in hours."""
    days = length_us / (24 * HOUR_US)
    return f"{days:.0f} days" if days >= 2 else f"{length_us / HOUR_US:.0f} h"


def _lower(cause: str) -> str:
    return cause[:1].lower() + cause[1:] if cause[1:2].islower() else cause


def _stopped(access: Access, days: list[int], wanted: Sequence[Finding]) -> Pieces:
    """Stop time by (machine, cause, date), of the machines whose stops are wanted."""
    machines = tuple(sorted({one.machine for one in wanted if one.cause not in FLOW.values()}))
    if not machines:
        return {}
    question = Question(days[0], days[-1], machines=machines)
    stops = stops_by_reason(access, question, ("machine", "reason", "day"))
    causes = stops["name"].where(stops["name"] != NO_REASON, WITHOUT)
    lost = stops["time_us"].astype(np.float64)
    found: Pieces = lost.groupby([stops["machine"], causes, stops["day"]]).sum().to_dict()
    return found


def _explained(access: Access, known: Plant, days: list[int], lost: Days, finding: Finding) -> Finding:
    """The same with the day since when, and with the signal that ranks most like it."""
    numbers, text, since = dict(finding.numbers), finding.text, None
    cut = split(lost)
    if cut is not None and cut.is_strong and (cut.after > cut.before) == (finding.changed_us > 0):
        since = days[cut.position]
        day = from_us(since).astimezone(access.factory.zone)
        text += (
            f" The level changed on {day:%a} {day.day} {day:%b}: from {hours(cut.before)} "
            f"to {hours(cut.after)} a day."
        )
        numbers |= {"before_h": cut.before / HOUR_US, "after_h": cut.after / HOUR_US}
    close = _closest(access, known, days, lost, finding.machine)
    if close is not None:
        name, correlation, moments = close
        numbers |= {"rank_correlation": correlation}
        way = "rises with it" if correlation > 0 else "falls as it rises"
        text += f" Over {moments} days {name} {way} (rank correlation {correlation:+.2f})."
    return replace(finding, text=text, since_us=since, numbers=numbers)


def _days(access: Access, question: Question) -> list[int]:
    """The beginnings of the last 28 production days up to the end of the range, and that end."""
    factory = access.factory
    clock = Clock(min(question.end_us - 1, to_us(access.now)), factory.zone, factory.day_start_min)
    last = clock.day()
    return [clock.begin(last - timedelta(days=back)) for back in range(LOOKED_DAYS - 1, -1, -1)] + [
        min(question.end_us, clock.begin(last + timedelta(days=1)))
    ]


def _lost(access: Access, days: list[int], wanted: Sequence[Finding]) -> list[Days]:
    """Lost microseconds of each finding's cause on each day; NaN on days without planned production."""
    every = [np.full(len(days) - 1, np.nan) for _ in wanted]
    machines = tuple(sorted({one.machine for one in wanted}))
    if not machines:
        return every
    cells = selected(access, Question(days[0], days[-1], machines=machines))
    if not len(cells):
        return every
    stopped = _stopped(access, days, wanted)
    flow = waterfall(rollup(cells, ["machine", "day"]))
    zone = access.factory.zone
    by_date = {from_us(one).astimezone(zone).date(): place for place, one in enumerate(days[:-1])}
    for row in flow[flow["planned_production_us"] > 0].to_dict("records"):
        place = by_date.get(row["day"])
        for lost, one in zip(every, wanted, strict=True):
            if place is not None and row["machine"] == one.machine:
                at = (one.machine, one.cause, row["day"])
                column = COLUMNS.get(one.cause)
                lost[place] = float(row[column] if column else stopped.get(at, 0.0))
    return every


def _closest(
    access: Access,
    known: Plant,
    days: list[int],
    lost: Days,
    machine: str,
) -> tuple[str, float, int] | None:
    """The machine's signal whose daily mean ranks most like the loss: its name, the correlation, the days."""
    if (~np.isnan(lost)).sum() < LOOKED_DAYS // 2:
        return None
    table = access.gemba.telemetry.matrix(
        access.factory.slug, Windows(np.asarray(days, np.int64)), [machine], None
    )
    if table.empty:
        return None
    table.columns = [str(name[1]) for name in table.columns]
    target = pd.Series(lost, index=np.asarray(days[:-1], np.int64))
    found = moves_together(target, table, LOOKED_DAYS // 2)
    if found.empty or abs(found["rank_correlation"].iloc[0]) < CLOSE:
        return None
    row = found.iloc[0]
    own = known.parameters(known.machine_by_key[machine].id)
    name = next((one.display_name for one in own if one.key == row["name"]), "") or str(row["name"])
    return name, float(row["rank_correlation"]), int(row["moments"])


def _silent(known: Plant, totals: pd.DataFrame) -> list[Finding]:
    """Machines of whose time less than nine tenths is known: their figures stand on little."""
    found = []
    for row in totals.to_dict("records"):
        coverage = row["coverage"]
        if coverage is None or np.isnan(coverage) or coverage >= SILENT_SHARE:
            continue
        name = known.machine_by_key[str(row["machine"])].name
        text = f"{name} has data for {100 * coverage:.0f} % of its time only: its figures stand on little."
        found.append(
            Finding(
                "silent", str(row["machine"]), "no data", text, 0, None, None, {"coverage": float(coverage)}
            )
        )
    return found
