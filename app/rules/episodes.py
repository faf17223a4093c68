"""Alerts as episodes: what a run of events says about each of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analytics.rules.life import CLEARED, RAISED, Event, Life
from analytics.rules.suppression import HUSHED, SHOWN


@dataclass(slots=True)
class Episode:
    """One alert: when it was raised, its ranks over time, when and why it ended. `is_final` as a whole."""

    raised_us: int
    marks: list[tuple[int, int]] = field(default_factory=list)
    cleared_us: int | None = None
    cause: str = ""
    is_final: bool = False
    """Whether nothing that comes late can change it any more."""
    settled_us: int | None = None
    """Of one that was raised before the events begin: marks before this moment are those that are stored."""
    hushes: list[tuple[int, bool]] = field(default_factory=list)
    """Moments at which it became suppressed by design (True) or was so no more."""

    @property
    def is_hushed(self) -> bool:
        """Whether it is suppressed now, or was when it ended."""
        return bool(self.hushes) and self.hushes[-1][1]

    @property
    def shown_us(self) -> int | None:
        """The first moment at which people may be told of it; None while it was suppressed all the time."""
        if not self.hushes or self.hushes[0][0] > self.raised_us or not self.hushes[0][1]:
            return self.raised_us
        return next((moment for moment, is_hushed in self.hushes if not is_hushed), None)

    @property
    def rank(self) -> int:
        """The rank now, or the last one."""
        return self.marks[-1][1] if self.marks else 0


def episodes(
    life: Life, settled_us: int, final: Iterable[Event], open_to_change: Iterable[Event]
) -> list[Episode]:
    """The alerts that the events from `settled_us` on tell of, and the one that `life` says was there."""
    found: list[Episode] = []
    current: Episode | None = None
    if life.rank and life.raised_us is not None:
        current = Episode(life.raised_us, [(life.raised_us, life.rank)], settled_us=settled_us)
        current.hushes = [(life.raised_us, True)] if life.is_hushed else []
        found.append(current)
    for events, is_final in ((final, True), (open_to_change, False)):
        for event in events:
            if event.kind == RAISED:
                current = Episode(event.at_us, [(event.at_us, event.rank)])
                found.append(current)
            elif current is not None and event.kind == CLEARED:
                current.cleared_us, current.cause = event.at_us, event.cause
                current.is_final = is_final
                current = None
            elif current is not None and event.kind in {HUSHED, SHOWN}:
                current.hushes.append((event.at_us, event.kind == HUSHED))
            elif current is not None:
                current.marks.append((event.at_us, event.rank))
    return found
