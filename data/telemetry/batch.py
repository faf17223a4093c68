"""Points on their way into a store, checked: who, what, when, and a value that keeps its type."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NoReturn, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import RejectedPoints

EARLIEST_US: Final = 946_684_800_000_000
"""2000-01-01T00:00:00Z: a stamp before it comes from a clock that was never set."""
LATEST_US: Final = 4_102_444_800_000_000
"""2100-01-01T00:00:00Z: the bound of imports, which have no clock to compare with."""
LONGEST_KEY: Final = 200
LONGEST_TEXT: Final = 4_096
EXACT: Final = 2**53
"""Integers up to this size are exact as a double."""

I64: TypeAlias = npt.NDArray[np.int64]
I32: TypeAlias = npt.NDArray[np.int32]
U8: TypeAlias = npt.NDArray[np.uint8]
F64: TypeAlias = npt.NDArray[np.float64]
Texts: TypeAlias = npt.NDArray[np.object_]
Column: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series"


class Kind(IntEnum):
    """The type that a value had when it came. Stored as this number."""

    FLOAT = 1
    INT = 2
    BOOL = 3
    STRING = 4


KIND_WORDS: Final[dict[int, str]] = {kind.value: kind.name.lower() for kind in Kind}


def _plain(kind: int, number: float, whole: float, text: str | None) -> float | int | bool | str:
    if kind == Kind.STRING:
        return str(text)
    if kind == Kind.INT:
        return int(whole)
    return bool(number) if kind == Kind.BOOL else number


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """n values, each with its type.

    `number` is the value as a double (bool 0 or 1, text NaN). `whole` holds the exact integers where one of
    them is beyond 2**53, else None. `text` holds the strings (None elsewhere) where there is one, else
    None.
    """

    kind: U8
    number: F64
    whole: I64 | None = None
    text: Texts | None = None

    def __len__(self) -> int:
        return len(self.kind)

    def plain(self) -> list[float | int | bool | str]:
        """The values as they came.

        >>> typed([1.5, 2, True, "on"]).plain()
        [1.5, 2, True, 'on']
        """
        whole = self.number if self.whole is None else self.whole
        texts = [None] * len(self) if self.text is None else self.text.tolist()
        columns = zip(self.kind.tolist(), self.number.tolist(), whole.tolist(), texts, strict=True)
        return [_plain(*one) for one in columns]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """n checked points: point i belongs to series `keys[codes[i]]` = (machine, parameter).

    The order is the order of arrival: of two points with one (machine, parameter, time) the later one wins.
    """

    keys: tuple[tuple[str, str], ...]
    codes: I32
    times_us: I64
    values: Values

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self) -> Iterator[tuple[str, str, int, float | int | bool | str]]:
        """Machine, parameter, time and value of each point, in the order of arrival."""
        times = self.times_us.tolist()
        for place, (code, value) in enumerate(zip(self.codes.tolist(), self.values.plain(), strict=True)):
            yield (*self.keys[code], times[place], value)

    @classmethod
    def of(
        cls,
        machines: Column,
        parameters: Column,
        times_us: Column,
        values: Column,
        *,
        latest_us: int,
        earliest_us: int = EARLIEST_US,
    ) -> Self:
        """Which points are these, if a store can take all of them?

        Four columns of one length; times are int64 microseconds UTC in [earliest_us, latest_us). Values are
        float, int, bool or str and keep that type. RejectedPoints names the first bad point: NaN, infinity,
        an integer beyond 64 bits, None or another type, a time out of range, an empty or over-long key.

        >>> Batch.of(["saw"], ["power_kw"], [EARLIEST_US], [7.5], latest_us=EARLIEST_US + 1).keys
        (('saw', 'power_kw'),)
        """
        lengths = {len(machines), len(parameters), len(times_us), len(values)}
        if len(lengths) != 1:
            raise RejectedPoints(f"The columns of a batch differ in length: {sorted(lengths)}.")
        times = _times(times_us, earliest_us, latest_us)
        keys, codes = _series(machines, parameters)
        return cls(keys, codes, times, typed(values))

    @classmethod
    def of_frame(
        cls, frame: pd.DataFrame, *, latest_us: int = LATEST_US, earliest_us: int = EARLIEST_US
    ) -> Self:
        """`Batch.of` over the columns machine, parameter, time_us and value; others are ignored."""
        missing = [name for name in ("machine", "parameter", "time_us", "value") if name not in frame.columns]
        if missing:
            raise RejectedPoints(f"The frame lacks the columns {', '.join(missing)}.")
        columns = (frame["machine"], frame["parameter"], frame["time_us"], frame["value"])
        return cls.of(*columns, latest_us=latest_us, earliest_us=earliest_us)


def _refuse(position: int, message: str) -> NoReturn:
    raise RejectedPoints(f"Point {position + 1} of the batch: {message} Nothing of the batch was stored.")


def _times(times_us: Column, earliest_us: int, latest_us: int) -> I64:
    raw = np.asarray(times_us)
    if len(raw) and raw.dtype.kind not in "iu":
        raise RejectedPoints("Times must be whole microseconds since 1970-01-01 UTC (int64).")
    times = raw.astype(np.int64)
    bad = np.flatnonzero((times < earliest_us) | (times >= latest_us))
    if len(bad):
        stamp = np.datetime64(int(times[bad[0]]), "us")
        _refuse(int(bad[0]), f"its time {stamp} UTC is out of range; check the sender's clock.")
    return times


def _codes(column: Column) -> tuple[npt.NDArray[np.int64], list[Any]]:
    if isinstance(column, pd.Series) and isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), list(column.cat.categories)
    if isinstance(column, (pd.Series, np.ndarray)):
        codes, names = pd.factorize(column)
        return codes.astype(np.int64), list(names)
    seen: dict[Hashable, int] = {}
    listed = [seen.setdefault(key, len(seen)) for key in column]
    return np.array(listed, np.int64), list(seen)


def _series(machines: Column, parameters: Column) -> tuple[tuple[tuple[str, str], ...], I32]:
    machine_codes, machine_names = _codes(machines)
    parameter_codes, parameter_names = _codes(parameters)
    for codes, names, word in (
        (machine_codes, machine_names, "machine"),
        (parameter_codes, parameter_names, "parameter"),
    ):
        for code, name in enumerate([*names, None]):
            place = code if code < len(names) else -1
            if not _is_key(name) and bool((codes == place).any()):
                position = int(np.flatnonzero(codes == place)[0])
                _refuse(position, f"the {word} key {name!r} is not a text of 1 to {LONGEST_KEY} characters.")
    width = max(len(parameter_names), 1)
    pairs, places = _dense(machine_codes * width + parameter_codes, len(machine_names) * width)
    keys = tuple(
        (str(machine_names[pair // width]), str(parameter_names[pair % width])) for pair in pairs.tolist()
    )
    return keys, places


def _dense(pairs: I64, space: int) -> tuple[I64, I32]:
    """The distinct numbers below `space`, ascending, and the place of each one among them."""
    if space > 4 * len(pairs) + 1_000:
        distinct, codes = np.unique(pairs, return_inverse=True)
        return distinct, codes.astype(np.int32)
    distinct = np.flatnonzero(np.bincount(pairs, minlength=1))
    places = np.zeros(max(space, 1), np.int32)
    places[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, places[pairs]


def _is_key(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= LONGEST_KEY and name.isprintable() and _is_unicode(name)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text) if not text.isascii() else True


def typed(column: Column) -> Values:
    """Which value and which type has each element? RejectedPoints names the first that cannot be stored."""
    if isinstance(column, pd.Series):
        column = column.to_numpy() if column.dtype.kind in "fiub" else column.to_list()
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiub":
        return _of_array(column)
    return _of_list(list(column))


def _of_array(column: npt.NDArray[Any]) -> Values:
    kind = {"f": Kind.FLOAT, "b": Kind.BOOL}.get(column.dtype.kind, Kind.INT)
    whole: I64 | None = None
    if kind is Kind.INT:
        whole = _exact(column)
    number = column.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(number))
    if len(bad):
        _refuse(int(bad[0]), f"the value {number[bad[0]]} is not a finite number.")
    return Values(np.full(len(column), kind, np.uint8), number, whole)


def _exact(column: npt.NDArray[Any]) -> I64 | None:
    if column.dtype.kind == "u":
        bad = np.flatnonzero(column > np.uint64(2**63 - 1))
        if len(bad):
            _refuse(int(bad[0]), f"the integer {column[bad[0]]} is beyond 64 bits.")
    whole = column.astype(np.int64)
    return whole if bool(((whole > EXACT) | (whole < -EXACT)).any()) else None


def _of_list(column: list[Any]) -> Values:
    types = set(map(type, column))
    if types <= {float}:
        return _of_array(np.array(column, np.float64))
    if types == {bool}:
        return _of_array(np.array(column, np.bool_))
    kind = np.fromiter((_kind(value, n) for n, value in enumerate(column)), np.uint8, len(column))
    number = np.fromiter(
        (float("nan") if isinstance(v, str) else float(v) for v in column), np.float64, len(column)
    )
    whole: I64 | None = None
    if bool((np.abs(number[kind == Kind.INT]) >= EXACT).any()):
        exact = (int(v) if k == Kind.INT else 0 for v, k in zip(column, kind, strict=True))
        whole = np.fromiter(exact, np.int64, len(column))
    text: Texts | None = None
    if bool((kind == Kind.STRING).any()):
        text = np.array([str(v) if isinstance(v, str) else None for v in column], dtype=object)
    return Values(kind, number, whole, text)


def _kind(value: object, position: int) -> Kind:
    match value:
        case bool() | np.bool_():
            return Kind.BOOL
        case int() | np.integer():
            if not -(2**63) <= int(value) < 2**63:
                _refuse(position, f"the integer {value} is beyond 64 bits.")
            return Kind.INT
        case float() | np.floating():
            if not np.isfinite(value):
                _refuse(position, f"the value {value} is not a finite number.")
            return Kind.FLOAT
        case str():
            if len(value) > LONGEST_TEXT or not _is_unicode(value):
                _refuse(position, f"the text is longer than {LONGEST_TEXT} characters or not valid Unicode.")
            return Kind.STRING
        case _:
            _refuse(position, f"a value of type {type(value).__name__} is neither float, int, bool nor text.")
