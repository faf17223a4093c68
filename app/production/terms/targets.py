"""What a figure should reach: the most specific target that is in force, else the line's or the factory's."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from analytics.kpis import BY_ID, KPIS
from app.bootstrap import Access
from app.production.plant import Plant
from data.models import Target


@dataclass(frozen=True, slots=True)
class Figure:
    """What can have a target. With the unit % a target is a share from 0 to 1."""

    key: str
    name: str
    unit: str
    better: str


OF_KPI: Final = {
    "effectiveness": "performance", "quality_ratio": "quality", "throughput_rate": "parts_per_hour"
}  # fmt: skip
NAMES: Final = {"performance": "Performance", "quality": "Quality", "parts_per_hour": "Parts per hour"}
"""KPIs whose target has the name that pages use for them; the other targets are named like their KPI."""
FIRST: Final = ("oee", "availability", "effectiveness", "quality_ratio", "throughput_rate")
WITHOUT: Final = frozenset({"loss_money"})
"""A sum over a range: no number is right for a day and for a month."""


def of_kpi(kpi: str) -> str:
    """The figure whose target is that of a KPI."""
    return OF_KPI.get(kpi, kpi)


def _figures() -> dict[str, Figure]:
    names = [*FIRST, *(one.id for one in KPIS if one.id not in {*FIRST, *WITHOUT})]
    known = [BY_ID[name] for name in names if BY_ID[name].better != "neither"]
    keys = {of_kpi(one.id): one for one in known}
    return {key: Figure(key, NAMES.get(key, one.name), one.unit, one.better) for key, one in keys.items()}


FIGURES: Final = _figures()


def target(
    access: Access,
    known: Plant,
    figure: str = "oee",
    *,
    line: str = "",
    product: str = "",
    shift: str = "",
    day: date | None = None,
) -> float | None:
    """The target of a figure for a line, product and shift (keys; empty: of all) on a day (default today).

    A target counts where everything that it names is what is asked for. Of those the one that names most
    wins; of as many, line before product before shift; of the same, the newest. Without one, the OEE has the
    line's own target, else the factory's; other figures have none. Shares are from 0 to 1.
    """
    on = day or access.now.astimezone(access.factory.zone).date()
    wanted = {
        "line_id": _id(known.line_by_key.get(line)),
        "product_id": _id(known.product_by_key.get(product)),
        "shift_id": _id(known.shift_by_key.get(shift)),
    }
    found = [
        one
        for one in known.rows.targets
        if one.figure == figure
        and one.valid_from <= on
        and all(getattr(one, name) in (None, value) for name, value in wanted.items())
    ]
    if found:
        return max(found, key=_rank).value
    if figure != "oee":
        return None
    row = known.line_by_key.get(line)
    return row.oee_target if row and row.oee_target is not None else access.factory.oee_target


def _id(row: object) -> int:
    """The id, or one that no row has."""
    return int(getattr(row, "id", -1))


def _rank(one: Target) -> tuple[int, bool, bool, bool, date, int]:
    named = (one.line_id is not None, one.product_id is not None, one.shift_id is not None)
    return (sum(named), *named, one.valid_from, one.id)
