"""Every KPI of the registry for a part of the plant and a time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from analytics.errors import InvalidInput
from analytics.kpis import BY_ID, KPIS, Result, evaluate
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.kpis.elements import Elements, elements
from app.production.figures import Question, selected

SHOWN_ELSEWHERE = {"oee": "oee", "ooe": "ooe", "teep": "teep", "availability": "availability",
                   "quality_ratio": "quality"}  # fmt: skip
"""KPIs that other pages show: their value is the same number, bit for bit."""

PARTLESS: Final = ("oee", "nee", "ooe", "teep")
"""KPIs that are 0 where no parts were made: the note of the figures says so."""


def kpi_values(access: Access, question: Question, only: Sequence[str] = ()) -> list[Result]:
    """What is each KPI worth? In the order of the registry; `only` names some by id.

    InvalidInput for an unknown id.
    """
    access.require(Permission.SEE_PLANT)
    unknown = [name for name in only if name not in BY_ID]
    if unknown:
        raise InvalidInput.at("kpi", f"There is no KPI '{unknown[0]}'.")
    known = elements(access, question)
    return [_result(known, one.id) for one in KPIS if not only or one.id in only]


def kpi_trend(access: Access, question: Question, kpi: str, by: str = "day") -> pd.DataFrame:
    """One KPI by day, machine, line or shift: columns of `by`, value, lower, upper, coverage, reason."""
    access.require(Permission.SEE_PLANT)
    if kpi not in BY_ID:
        raise InvalidInput.at("kpi", f"There is no KPI '{kpi}'.")
    rows = []
    for name, part in parts_of(access, question, by):
        found = _result(elements(access, part), kpi)
        rows.append((name, found.value, found.lower, found.upper, found.coverage, found.reason))
    return pd.DataFrame(rows, columns=[by, "value", "lower", "upper", "coverage", "reason"])


def _result(known: Elements, kpi: str) -> Result:
    inputs = BY_ID[kpi].inputs
    coverage = next((known.covered[one] for one in inputs if one in known.covered), known.coverage)
    found = evaluate(BY_ID[kpi], known.values, (known.lost, known.productive), coverage)
    told = [f"{one} ({known.why[one]})" if one in known.why else one for one in found.missing]
    if told:
        return replace(found, reason=f"not known: {', '.join(told)}")
    name = SHOWN_ELSEWHERE.get(kpi)
    if found.value is not None and kpi in PARTLESS and not found.value:
        found = replace(found, reason=known.note)
    if name is None or found.value is None:
        return found
    lower, upper = found.lower, found.upper
    if kpi == "oee":
        lower, upper = known.figures["oee_lower"], known.figures["oee_upper"]
    return replace(found, value=known.figures[name], lower=lower, upper=upper)


def parts_of(access: Access, question: Question, by: str) -> list[tuple[object, Question]]:
    """The question for each day, machine, line or shift that has cells."""
    cells = selected(access, question)
    lines, machines = question.lines, question.machines
    if by == "day":
        spans = cells.groupby("day").agg(start=("start_us", "min"), end=("end_us", "max"))
        return [
            (day, Question(max(int(row["start"]), question.start_us), min(int(row["end"]), question.end_us),
                           lines, machines, question.shifts, question.products))
            for day, row in spans.iterrows()
        ]  # fmt: skip
    if by not in {"machine", "line", "shift"}:
        raise InvalidInput.at("by", "A KPI can be shown by day, machine, line or shift.")
    names = sorted(str(one) for one in cells[by].unique() if one)
    span = (question.start_us, question.end_us)
    return [
        (name, Question(
            *span, (name,) if by == "line" else lines, (name,) if by == "machine" else machines,
            (name,) if by == "shift" else question.shifts, question.products,
        ))
        for name in names
    ]  # fmt: skip
