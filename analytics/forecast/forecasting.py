"""What a series will be: the forecast, its intervals, and how it did against the naive guess."""

from collections.abc import Hashable
from typing import Any, get_args

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.forecast.axis import Floats, taken
from analytics.forecast.intervals import rough_spread, spread
from analytics.forecast.members import Method, Task, task
from analytics.forecast.trials import MEDIAN, NAIVE, Trials, default_methods, naive_model, trials


def forecast(
    history: "pd.Series[Any]",
    horizon: int,
    country: str | None = None,
    floor: float | None = None,
    levels: tuple[float, ...] = (0.80, 0.95),
    method: Method = "median",
) -> pd.DataFrame:
    """What will the next `horizon` values be, and how far off may that be?

    `history`: numbers over times (aware or naive), text that says times (ISO 8601), periods, or numbers of
    seconds; see `axis.taken` for gaps, repeats and changes of clocks. `country`: a code such as `DE` or
    `DE-BY`, for its public holidays. `floor`: nothing is told below; without it 0 where no value of the
    history is negative (`-inf`: none). `levels`: shares of the intervals. `method`: one model, or `median` of
    the three that did best in a rolling-origin backtest over this series at this horizon.
    Returns one row per stamp after the last one: `yhat` (a median: as often too high as too low) and for each
    level `lower_80`, `upper_80`. `.attrs` hold `method`, `models` (those the median is of), `mase`,
    `naive_mase`, `beats_naive`, `season` (of the naive guess, in intervals), `origins` (of the backtest),
    `ranking` (the MASE of each model, the best first) and `told` (a sentence); the figures are None where the
    history is too short for a backtest.
    Raises `InvalidInput` for what cannot be forecast and for settings that are none.
    """
    _check(levels, method, floor)
    given = taken(history, horizon)
    own = task(given, country, floor)
    tested = trials(own, default_methods(own) if method == MEDIAN else (method,))
    models, whose = _models(tested, method)
    told = _told(own, models, tested)
    width = spread(own, tested, whose) if tested else rough_spread(own)
    at = given.ahead - len(own.values)
    columns = {"yhat": told[at]}
    for level in sorted(levels):
        low, high = width.bounds(level)
        columns[f"lower_{level * 100:g}"] = np.maximum(told + low, own.floor)[at]
        columns[f"upper_{level * 100:g}"] = np.maximum(told + high, own.floor)[at]
    frame = pd.DataFrame(columns, index=given.future)
    frame.attrs = _summary(tested, whose, models)
    return frame


def backtest(
    history: "pd.Series[Any]",
    horizon: int,
    country: str | None = None,
    floor: float | None = None,
    methods: tuple[Method, ...] | None = None,
) -> pd.DataFrame:
    """Which model would have told this series best, `horizon` values ahead?

    Rolling origins over the last two fifths of the history. `methods`: by default those of which `forecast`
    chooses. Returns one row per model, the best first, and the median of the best three among them: `mae`,
    `mase` (in units of the naive guess's mean error over the values before the first origin), `beats_naive`,
    `origins`. Models that need more data are left out.
    Raises `InvalidInput` as `forecast` does, and where the history is too short for any origin.
    """
    own = task(taken(history, horizon), country, floor)
    for method in methods or ():
        _check((), method, floor)
    chosen = tuple(name for name in methods if name != MEDIAN) if methods else default_methods(own)
    tested = trials(own, chosen)
    if tested is None:
        raise InvalidInput.at("history", "The history is too short for a backtest.")
    names = sorted(tested.told, key=tested.error)
    rows = {
        "mae": [tested.error(name) for name in names],
        "mase": [tested.mase(name) for name in names],
        "beats_naive": [tested.error(name) < tested.error(NAIVE) for name in names],
        "origins": len(tested.origins),
    }
    return pd.DataFrame(rows, index=pd.Index(names, name="method"))


def _check(levels: tuple[float, ...], method: str, floor: float | None) -> None:
    if method not in get_args(Method):
        raise InvalidInput.at("method", f"There is no method '{method}': {', '.join(get_args(Method))}.")
    if any(not 0 < level < 1 for level in levels):
        raise InvalidInput.at("levels", "The level of an interval lies between 0 and 1.")
    if floor is not None and np.isnan(floor):
        raise InvalidInput.at("floor", "The floor is a number.")


def _models(tested: Trials | None, method: str) -> tuple[list[str], str]:
    """The models to fit, and whose errors make the intervals; the naive guess for what cannot be fitted."""
    if tested is None:
        return [NAIVE], NAIVE
    if method == MEDIAN:
        return tested.best, MEDIAN
    return ([method], method) if method in tested.told else ([NAIVE], NAIVE)


def _told(own: Task, models: list[str], tested: Trials | None) -> Floats:
    """The slots after the history, by the median of the models fitted on the whole of it."""
    count = len(own.values)
    origin = np.array([count], dtype=np.int64)
    season = tested.season if tested else 1
    found = []
    for name in models:
        model = naive_model(own, season) if name == NAIVE else own.fitted(name, count)
        if model is not None:
            found.append(np.maximum(model.predict(own.values, origin, own.reach)[0], own.floor))
    return np.asarray(np.median(found, axis=0))


def _summary(tested: Trials | None, method: str, models: list[str]) -> dict[Hashable | None, Any]:
    if tested is None:
        told = "The history is too short to be tested: the last value goes on."
        return {
            "method": method, "models": models, "mase": None, "naive_mase": None, "beats_naive": None,
            "season": 1, "origins": 0, "ranking": {}, "told": told,
        }  # fmt: skip
    mase, naive = tested.mase(method), tested.mase(NAIVE)
    is_better = tested.error(method) < tested.error(NAIVE)
    verdict = "beats" if is_better else "does not beat"
    return {
        "method": method, "models": models, "mase": mase, "naive_mase": naive, "beats_naive": is_better,
        "season": tested.season, "origins": len(tested.origins),
        "ranking": {name: tested.mase(name) for name in sorted(tested.told, key=tested.error)},
        "told": f"MASE {mase:.2f}; the naive guess has {naive:.2f}: the forecast {verdict} it.",
    }  # fmt: skip
