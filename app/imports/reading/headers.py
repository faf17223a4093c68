"""Titles of columns: made distinct, found below title lines, recognised when they come again."""

import re
from collections.abc import Callable, Sequence
from typing import Final

_LAST_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)\D*$")


def distinct(cells: Sequence[str]) -> tuple[str, ...]:
    """The titles without outer spaces; empty ones get their place, equal ones a number.

    >>> distinct(["a", "", "a"])
    ('a', 'column 2', 'a (2)')
    """
    found: list[str] = []
    for place, cell in enumerate(cells, start=1):
        title = base = cell.strip() or f"column {place}"
        number = 1
        while title in found:
            number += 1
            title = f"{base} ({number})"
        found.append(title)
    return tuple(found)


def header_place(rows: Sequence[Sequence[str]], score: Callable[[Sequence[str]], float]) -> int:
    """Which of the first rows is the header: the one that scores best, the first of equals."""
    scores = [score(row) for row in rows]
    best = max(scores, default=0.0)
    if best <= 0.0:
        return next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    return scores.index(best)


def is_header_again(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row of data only says the titles again, word for word or by their numbers.

    >>> is_header_again(["Batch", "Factor 1", "2"], ["Batch", "1.0", "2.0"])
    True
    >>> is_header_again(["Batch", "Factor 1"], ["Batch", "7"])
    False
    """
    filled = [(title, cell) for title, cell in zip(header, row, strict=True) if cell.strip()]
    if len(filled) < min(2, len(header)):
        return False
    return all(_same(title, cell) for title, cell in filled)


def _same(title: str, cell: str) -> bool:
    if title.strip().casefold() == cell.strip().casefold():
        return True
    number = _LAST_NUMBER.search(title)
    if number is None:
        return False
    try:
        return float(cell) == float(number.group(1))
    except ValueError:
        return False
