"""Crews that rotate through the shifts: who works which shift on which date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from analytics.errors import InvalidInput

FREE: Final = "-"


@dataclass(frozen=True, slots=True)
class CrewRotation:
    """A crew's days, repeated for ever: the key of its shift on each day, or "-" for a free day.

    `sequence[0]` is the day `anchor`; dates before it count backwards.
    """

    key: str
    name: str
    sequence: tuple[str, ...]
    anchor: date

    def shift_on(self, day: date) -> str | None:
        """The key of the shift that the crew's rotation names for this date; None on a free day."""
        if not self.sequence:
            return None
        found = self.sequence[(day - self.anchor).days % len(self.sequence)]
        return None if found == FREE else found


def crew_on(day: date, shift: str, crews: Sequence[CrewRotation]) -> tuple[CrewRotation, ...]:
    """Which crews work this shift on this date? Several where rotations say so, none where nobody does.

    >>> eight = ("early", "early", "late", "late", "night", "night", "-", "-")
    >>> crews = [CrewRotation(key, key, eight[2 * n:] + eight[:2 * n], date(2026, 1, 5))
    ...          for n, key in enumerate("ABCD")]
    >>> [one.key for one in crew_on(date(2026, 1, 7), "night", crews)]
    ['B']
    """
    return tuple(crew for crew in crews if crew.shift_on(day) == shift)


def rotation(text: str, letters: dict[str, str]) -> tuple[str, ...]:
    """The sequence that people write as letters, such as EELLNN--: a letter per day.

    `letters` gives the shift key of each letter; "-" is a free day; case and spaces do not matter. Errors:
    InvalidInput at `rotation` for a letter that no shift has, or without a working day.

    >>> rotation("ee--", {"E": "early"})
    ('early', 'early', '-', '-')
    """
    marks = [mark.upper() for mark in text if not mark.isspace()]
    unknown = sorted({mark for mark in marks if mark != FREE and mark not in letters})
    if unknown:
        known = ", ".join(f"{letter} ({key})" for letter, key in letters.items())
        raise InvalidInput.at("rotation", f"No shift has the letter {', '.join(unknown)}; there are {known}.")
    found = tuple(FREE if mark == FREE else letters[mark] for mark in marks)
    if all(mark == FREE for mark in found):
        raise InvalidInput.at("rotation", "Write a letter for each day, such as EELLNN--.")
    return found


def shift_letters(shifts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """A letter for each (key, name), in order: the first of its name that is still free.

    >>> shift_letters([("early", "Early"), ("evening", "Evening")])
    {'E': 'early', 'V': 'evening'}
    """
    found: dict[str, str] = {}
    for key, name in shifts:
        letter = next(
            (mark for mark in (name + key).upper() + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             if mark.isalnum() and mark not in found),
            None,
        )  # fmt: skip
        if letter is not None:
            found[letter] = key
    return found
