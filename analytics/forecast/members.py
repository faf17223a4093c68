"""The models that a forecast may consist of, each fitted on what was known at a cut."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np

from analytics.forecast.additive import LONGEST, additive
from analytics.forecast.axis import DAY_US, Axis, Booleans, Floats, History, Integers
from analytics.forecast.boosting import boosting
from analytics.forecast.days import Days, days, seasons
from analytics.forecast.naive import SeasonalNaive
from analytics.forecast.profile import profile
from analytics.forecast.theta import Theta

Method = Literal["median", "prophet", "profile", "seasonal_naive", "boosting", "theta"]

SINGLE: Final = ("profile", "theta", "boosting", "prophet", "seasonal_naive")


class Model(Protocol):
    """Tells `horizon` slots from each origin on, knowing the values before it."""

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats: ...


@dataclass(frozen=True)
class Task:
    """A history with its calendar, the slots to tell (`reach`), the seasons and the floor."""

    axis: Axis
    values: Floats
    known: Booleans
    calendar: Days
    reach: int
    seasons: tuple[int, ...]
    floor: float

    @property
    def day(self) -> int:
        """Slots of a day; 0 where a slot is longer."""
        is_daily = not self.axis.months and self.axis.step_us <= DAY_US
        return round(DAY_US / self.axis.step_us) if is_daily else 0

    @property
    def main_season(self) -> int:
        """The longest season up to a week (a year, with longer steps) that the history holds; 1: none."""
        fitting = [season for season in self.seasons if not self.day or season <= max(7 * self.day, 2)]
        return max(fitting or self.seasons, default=1)

    @property
    def is_affordable(self) -> bool:
        """Whether Prophet learns from the whole history within seconds."""
        return len(self.values) <= LONGEST

    def fitted(self, method: str, cut: int) -> Model | None:
        """The model that knows the slots before `cut`; None where they are too few for it."""
        makers: dict[str, Callable[[int], Model | None]] = {
            "profile": self._profile, "theta": self._theta, "boosting": self._boosting,
            "prophet": self._prophet,
        }  # fmt: skip
        return makers[method](cut)

    def naive(self) -> list[SeasonalNaive]:
        """The naive guesses: the last value, and as one season ago for each season."""
        return [SeasonalNaive(season) for season in (1, *self.seasons)]

    def _profile(self, cut: int) -> Model | None:
        season = self.main_season
        return profile(season, self.day, self.calendar) if 1 < season <= cut else None

    def _theta(self, cut: int) -> Model | None:
        return Theta(self.main_season) if cut >= 4 else None

    def _boosting(self, cut: int) -> Model | None:
        usable = tuple(season for season in self.seasons if season <= cut // 2)
        return boosting(self.values[:cut], self.known[:cut], self.reach, usable, self.calendar)

    def _prophet(self, cut: int) -> Model | None:
        return additive(self.values[:cut], self.known[:cut], self.axis, self.calendar, self.floor)


def task(history: History, country: str | None, floor: float | None) -> Task:
    """What is to be told of the history; without a floor it is 0 where no value is negative."""
    count = len(history.values)
    reach = int(history.ahead.max()) + 1 - count
    lowest = float(history.values.min())
    own = floor if floor is not None else (0.0 if lowest >= 0 else -np.inf)
    return Task(
        history.axis, history.values, history.known, days(history.axis, count + reach, country), reach,
        seasons(history.axis, history.values), own,
    )  # fmt: skip
