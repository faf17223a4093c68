"""A change of level in a short series, and which other series rank alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

STRONG: Final = 4.0
"""From this strength on a change is one that chance rarely makes in a series of a month of days."""


@dataclass(frozen=True, slots=True)
class Split:
    """The level was `before` up to `position`, and `after` from there on.

    `strength` is the difference of the two means over its standard error, with the spread within both parts
    pooled; it is infinite where both parts are constant.
    """

    position: int
    before: float
    after: float
    strength: float

    @property
    def is_strong(self) -> bool:
        """Whether the change is larger than chance explains, see STRONG."""
        return self.strength >= STRONG


def split(values: npt.ArrayLike, least: int = 3) -> Split | None:
    """Where did the level of a series change the most?

    The cut is the one that leaves the least squared distance to the two means (least-squares segmentation in
    two). Missing values (NaN) are left out; `position` counts them. Each part has at least `least` known
    values; None where the series is shorter than both, or constant. Of equal cuts the first is taken.
    """
    series = np.asarray(values, dtype=np.float64)
    places = np.flatnonzero(~np.isnan(series))
    known = series[places]
    many = len(known)
    if many < 2 * least or np.ptp(known) == 0:
        return None
    sums = np.cumsum(known)
    first = np.arange(least, many - least + 1)
    left, right = sums[first - 1] / first, (sums[-1] - sums[first - 1]) / (many - first)
    between = first * (many - first) / many * (right - left) ** 2
    best = int(np.argmax(between))
    at = int(first[best])
    before, after = float(known[:at].mean()), float(known[at:].mean())
    within = float(((known[:at] - before) ** 2).sum() + ((known[at:] - after) ** 2).sum())
    error = np.sqrt(within / (many - 2) * (1 / at + 1 / (many - at)))
    strength = abs(after - before) / error if error > 0 else np.inf
    return Split(int(places[at]), before, after, float(strength))


def moves_together(target: pd.Series, others: pd.DataFrame, least: int = 10) -> pd.DataFrame:
    """Which columns rank like the target over the same moments? The closest first.

    Columns: name, rank_correlation (Spearman's, ties with their mean rank), moments (where both are known).
    A column with fewer than `least` common moments, or that is constant there, is left out. What moves
    together need not be a cause.
    """
    rows = []
    for name in others.columns:
        both = pd.DataFrame({"a": target, "b": others[name]}).dropna().rank()
        if len(both) < least or both["a"].nunique() < 2 or both["b"].nunique() < 2:
            continue
        rows.append((str(name), float(both["a"].corr(both["b"])), len(both)))
    found = pd.DataFrame(rows, columns=["name", "rank_correlation", "moments"])
    return found.sort_values("rank_correlation", key=lambda c: -c.abs(), kind="stable", ignore_index=True)
