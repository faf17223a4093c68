"""How forecasts and models are called on pages."""

from typing import Final

from analytics.kpis import BY_ID
from app.predict.anomaly.scans import ScanShown
from app.predict.anomaly.sources import RECORDS
from app.predict.forecasts import ForecastShown
from app.production.plant import Plant

METHOD_WORDS: Final = {
    "median": "Median of the best three",
    "profile": "Hour-of-week profile",
    "boosting": "Gradient boosting",
    "theta": "Theta",
    "prophet": "Prophet",
    "seasonal_naive": "Seasonal naive",
}
SOURCE_WORDS: Final = {"signals": "Signals", "records": "Shift records"}
RECORD_WORDS: Final[dict[str, tuple[str, str, float]]] = {
    "operating_share": ("Operating time of planned time", "%", 100.0),
    "downtime_min_per_planned_h": ("Downtime per planned hour", "min", 1.0),
    "output_per_operating_h": ("Output per operating hour", "units", 1.0),
    "good_share": ("Good units of all", "%", 100.0),
}
"""What shift records tell: name, unit, and by how much the value is multiplied to be told in it."""
STEP_WORDS: Final = {900: "15 minutes", 3_600: "1 hour", 86_400: "1 day"}


def machines_of(known: Plant, keys: tuple[str, ...]) -> str:
    """The names of machines, or the whole plant."""
    named = [known.machine_by_key[key].name if key in known.machine_by_key else key for key in keys]
    return ", ".join(named) or "whole plant"


def contributors(known: Plant, scan: ScanShown) -> dict[str, str]:
    """The names of what a scan may say that contributed: parameters of its machine, or parts of records."""
    if scan.source == RECORDS:
        return {key: name for key, (name, _, _) in RECORD_WORDS.items()}
    machine = known.machine_by_key.get(scan.machine)
    return {p.key: p.display_name or p.key for p in known.parameters(machine.id)} if machine else {}


def subject_of(known: Plant, one: ForecastShown) -> str:
    """What a forecast is of: `Energy, whole plant`."""
    if one.target == "energy":
        return f"Energy, {machines_of(known, one.machines)}"
    if one.target == "kpi":
        name = BY_ID[one.name].name if one.name in BY_ID else one.name
        return f"{name}, {machines_of(known, one.machines)}"
    machine = known.machine_by_key.get(one.machines[0]) if one.machines else None
    shown = {p.key: p.display_name or p.key for p in known.parameters(machine.id)} if machine else {}
    return f"{shown.get(one.name, one.name)}, {machines_of(known, one.machines)}"


def against_naive(mase: float | None, naive: float | None, beats: bool | None) -> str:
    """A plain sentence about a model beside the naive guess."""
    if beats is None:
        return "The history is too short to test a model: the last value goes on. Read it as a guess."
    if mase is None or naive is None:
        return f"The history repeats itself without error, so MASE has no unit. {_verdict(beats)}"
    if beats:
        less = 100 * (1 - mase / naive) if naive > 0 else 0.0
        return (
            f"Beats the naive guess: its error in the backtest is {less:.0f} % smaller "
            f"(MASE {mase:.2f}, naive {naive:.2f})."
        )
    return (
        f"Does not beat the naive guess (MASE {mase:.2f}, naive {naive:.2f}): "
        "repeating what was one season ago is as good."
    )


def _verdict(beats: bool) -> str:
    return "The forecast beats the naive guess." if beats else "The forecast does not beat the naive guess."
