"""The naive guess: as one season ago."""

from dataclasses import dataclass

import numpy as np

from analytics.forecast.axis import Floats, Integers


@dataclass(frozen=True)
class SeasonalNaive:
    """The value of the same slot in the last season that has passed at the origin; `season` 1: the last
    value."""

    season: int

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats:
        """(origins, horizon): what would have been told at each origin, which knows the slots before it."""
        ahead = np.arange(horizon)
        back = ahead - (ahead // self.season + 1) * self.season
        return np.asarray(values[np.maximum(origins[:, None] + back, 0)])


def last_seen(targets: Integers, origins: Integers, season: int, back: int | Integers) -> Integers:
    """The slot of the same phase in the `back`-th season (1: the last) that has passed at the origin; below 0
    where the history does not reach."""
    return np.asarray(targets - ((targets - origins) // season + back) * season)
