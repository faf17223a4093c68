"""The keys of the plant as files spell them: exact, in other case, by number or by a name that is unique."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from app.bootstrap import Access
from app.imports.parsing.columns import Ints, words
from app.production.plant import Plant, plant
from data.models import Shift

MISSING = 0


class Keys:
    """Texts that stand for the rows of one table. Ids of rows that are only planned are negative."""

    def __init__(self, entries: Iterable[tuple[int, str, str]]) -> None:
        self._exact: dict[str, int] = {}
        self._loose: dict[str, int] = {}
        self._label: dict[int, str] = {}
        listed = list(entries)
        names = Counter(name.casefold() for _, _, name in listed if name)
        for number, key, name in listed:
            self.add(number, key)
            if name and names[name.casefold()] == 1:
                self._loose.setdefault(name.casefold(), number)
        for number, key, _ in listed:
            self._loose[key.casefold()] = number

    def add(self, number: int, key: str) -> None:
        """One more row."""
        self._exact[key] = number
        self._loose.setdefault(key.casefold(), number)
        self._label[number] = key

    def plan(self, key: str) -> int:
        """A row that a load would create; returns its stand-in id."""
        number = -1 - len(self._exact)
        self.add(number, key)
        return number

    def find(self, text: str) -> int:
        """The id that a text stands for, or MISSING."""
        found = self._exact.get(text) or self._loose.get(text.casefold())
        return found or self._exact.get(text.removesuffix(".0"), MISSING)

    def ids(self, column: Any) -> Ints:
        """The id of each cell of a text column, MISSING where there is none."""
        codes, texts = words(column)
        return np.array([self.find(text) for text in texts], np.int64)[codes]

    def label(self, number: int) -> str:
        """The key of an id, or an empty word."""
        return self._label.get(number, "")

    def labels(self, numbers: Ints) -> list[str]:
        """The keys of ids."""
        return [self._label.get(number, "") for number in numbers.tolist()]

    def __len__(self) -> int:
        return len(self._exact)


class Lookup:
    """What can be referred to in one factory. It grows while files are planned or loaded."""

    def __init__(self, known: Plant) -> None:
        rows = known.rows
        self.machines = Keys((m.id, m.device_key, m.name) for m in rows.machines)
        self.products = Keys((p.id, p.key, p.name) for p in rows.products)
        self.reasons = Keys((r.id, r.code, r.name) for r in rows.reasons)
        self.lines = Keys((line.id, line.key, line.name) for line in rows.lines)
        self.parameters = {(p.machine_id, p.key) for p in rows.parameters}
        self._shifts = {word.casefold(): shift for shift in rows.shifts for word in (shift.name, shift.key)}
        self.planned_batches: set[str] = set()

    @classmethod
    def of(cls, access: Access) -> "Lookup":
        """The lookup of the factory as it is now."""
        return cls(plant(access))

    def shift(self, text: str) -> Shift | None:
        """The shift of a key or a name."""
        return self._shifts.get(text.strip().casefold())

    @property
    def shift_names(self) -> str:
        """The names of the shifts, for a message."""
        return ", ".join(dict.fromkeys(shift.name for shift in self._shifts.values())) or "none"
