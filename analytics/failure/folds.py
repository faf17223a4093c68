"""How rows are parted into those that teach and those that test."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.failure.features import Booleans

FOLDS: Final = 5
SEED: Final = 42

Parts = list[tuple[Any, Any]]


def folds(outcome: Booleans, groups: "pd.Series[Any] | None", times: "pd.Series[Any] | None") -> Parts:
    """Pairs of (rows that teach, rows that test), both outcomes among those that teach.

    Without `groups` and `times` five stratified folds; with `groups` whole groups change sides; with `times`
    the last four fifths are tested, each fifth by all rows before it (rows of one time stay together). Both
    at once are refused, as are groups or times for which no such parts exist.
    """
    if groups is not None and times is not None:
        raise InvalidInput.at("groups", "Pass groups or times, not both.")
    for name, given in (("groups", groups), ("times", times)):
        if given is not None and (len(given) != len(outcome) or pd.Series(given).isna().any()):
            raise InvalidInput.at(name, f"{name} needs one value for each row.")
    if times is not None:
        return _in_time(outcome, pd.Series(times).reset_index(drop=True))
    return _stratified(outcome, groups)


def _stratified(outcome: Booleans, groups: "pd.Series[Any] | None") -> Parts:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rows = np.arange(len(outcome))
    if groups is None:
        count = min(FOLDS, int(outcome.sum()), int((~outcome).sum()))
        return list(StratifiedKFold(count, shuffle=True, random_state=SEED).split(rows, outcome))
    codes = pd.factorize(pd.Series(groups))[0]
    count = min(FOLDS, int(codes.max()) + 1)
    if count < 2:
        raise InvalidInput.at("groups", "At least two groups are needed.")
    parts = StratifiedGroupKFold(count, shuffle=True, random_state=SEED).split(rows, outcome, codes)
    return _usable(list(parts), outcome, "groups")


def _in_time(outcome: Booleans, times: "pd.Series[Any]") -> Parts:
    rank = times.rank(method="min").to_numpy()
    edges = [np.sort(rank)[len(rank) * part // FOLDS] for part in range(1, FOLDS)] + [np.inf]
    parts = [
        (np.flatnonzero(rank < begin), np.flatnonzero((rank >= begin) & (rank < end)))
        for begin, end in pairwise(edges)
    ]
    return _usable(parts, outcome, "times")


def _usable(parts: Parts, outcome: Booleans, name: str) -> Parts:
    kept = [
        (seen, unseen) for seen, unseen in parts if len(unseen) and 0 < int(outcome[seen].sum()) < len(seen)
    ]
    tested = np.concatenate([unseen for _, unseen in kept]) if kept else np.empty(0, dtype=np.int64)
    if not kept or outcome[tested].all() or not outcome[tested].any():
        raise InvalidInput.at(name, f"By these {name} no fold has both failures to learn from and to test.")
    return kept
