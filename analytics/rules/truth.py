"""Truth over time: false, unknown or true on half-open stretches, and Kleene's logic on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

I64: TypeAlias = npt.NDArray[np.int64]
U8: TypeAlias = npt.NDArray[np.uint8]
F64: TypeAlias = npt.NDArray[np.float64]

FALSE: Final = 0
UNKNOWN: Final = 1
TRUE: Final = 2
LONG_AGO: Final = -(2**62)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A truth over [start_us, end_us): `truth[i]` holds from `times[i]` to the next time.

    `times` ascends and begins at `start_us`; neighbours differ.
    """

    start_us: int
    end_us: int
    times: I64
    truth: U8

    def at(self, moment_us: int) -> int:
        """The truth at a moment inside."""
        return int(self.truth[np.searchsorted(self.times, moment_us, "right") - 1])

    @property
    def ends(self) -> I64:
        """The end of each piece."""
        return np.append(self.times[1:], self.end_us)


def constant(start_us: int, end_us: int, truth: int) -> Pieces:
    """The same truth all the time."""
    return Pieces(start_us, end_us, np.array([start_us], np.int64), np.array([truth], np.uint8))


def cut(start_us: int, end_us: int, times: I64, truth: U8) -> Pieces:
    """Pieces from changes that may lie before, in or behind the stretch; before the first it is unknown.

    `times` ascends; of several changes at one time the last counts.
    """
    place = int(np.searchsorted(times, start_us, "right"))
    first = truth[place - 1] if place else np.uint8(UNKNOWN)
    stop = int(np.searchsorted(times, end_us, "left"))
    inner = slice(place, max(stop, place))
    all_times = np.concatenate([np.array([start_us], np.int64), times[inner]])
    all_truth = np.concatenate([np.array([first], np.uint8), truth[inner]])
    return Pieces(start_us, end_us, *compacted(all_times, all_truth))


def compacted(times: I64, values: U8) -> tuple[I64, U8]:
    """Changes without those that change nothing; of several at one time the last stays."""
    last = np.append(times[1:] != times[:-1], True)
    times, values = times[last], values[last]
    moved = np.append(True, values[1:] != values[:-1])
    return times[moved], values[moved]


def sampled(pieces: Pieces, times: I64) -> U8:
    """The truth at each of some moments inside."""
    return pieces.truth[np.searchsorted(pieces.times, times, "right") - 1]


def distinct(moments: I64) -> I64:
    """The moments in order, each once. A stable sort merges runs that are in order already in one pass."""
    ordered = np.sort(moments, kind="stable")
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]


def merged_times(parts: Sequence[Pieces]) -> I64:
    """Every time at which one of them changes."""
    return distinct(np.concatenate([part.times for part in parts]))


def combined(parts: Sequence[Pieces], reduce: Callable[[U8], U8]) -> Pieces:
    """One truth from several over the same stretch; `reduce` takes a row for each of them."""
    times = merged_times(parts)
    truth = reduce(np.stack([sampled(part, times) for part in parts]))
    return Pieces(parts[0].start_us, parts[0].end_us, *compacted(times, truth))


def all_of(parts: Sequence[Pieces]) -> Pieces:
    """Kleene AND: false where one is false, true where all are true, else unknown."""
    return combined(parts, lambda rows: rows.min(axis=0))


def any_of(parts: Sequence[Pieces]) -> Pieces:
    """Kleene OR: true where one is true, false where all are false, else unknown."""
    return combined(parts, lambda rows: rows.max(axis=0))


def none_of(parts: Sequence[Pieces]) -> Pieces:
    """Kleene NOT of their OR; of one part its negation."""
    return combined(parts, lambda rows: (TRUE - rows.max(axis=0)).astype(np.uint8))


def at_least(parts: Sequence[Pieces], k: int) -> Pieces:
    """True where at least `k` are true, false where so many cannot be, else unknown."""

    def reduce(rows: U8) -> U8:
        certain = (rows == TRUE).sum(axis=0)
        possible = (rows != FALSE).sum(axis=0)
        return np.where(certain >= k, TRUE, np.where(possible < k, FALSE, UNKNOWN)).astype(np.uint8)

    return combined(parts, reduce)


def for_a_while(pieces: Pieces, length_us: int, ended: tuple[int, int]) -> tuple[Pieces, tuple[int, int]]:
    """Has it been true without a break for `length_us`? False and unknown stretches reach so much further.

    `ended` is when it was last false and last unknown, before the stretch; the second result is the same at
    the end of the stretch, to go on from.
    """
    ends = pieces.ends
    false_end = np.where(pieces.truth == FALSE, ends, LONG_AGO)
    unknown_end = np.where(pieces.truth == UNKNOWN, ends, LONG_AGO)
    behind = (max(ended[0], int(false_end.max())), max(ended[1], int(unknown_end.max())))
    if length_us <= 0:
        return pieces, behind
    reached = np.concatenate([ends + length_us, np.array(ended, np.int64) + length_us])
    inner = reached[(reached > pieces.start_us) & (reached < pieces.end_us)]
    times = distinct(np.concatenate([pieces.times, inner]))
    place = np.searchsorted(pieces.times, times, "right") - 1
    now = pieces.truth[place]
    last_false = _last_before(false_end, ended[0], place)
    last_unknown = _last_before(unknown_end, ended[1], place)
    truth = np.where(
        (now == FALSE) | (times - last_false < length_us),
        FALSE,
        np.where((now == UNKNOWN) | (times - last_unknown < length_us), UNKNOWN, TRUE),
    ).astype(np.uint8)
    return Pieces(pieces.start_us, pieces.end_us, *compacted(times, truth)), behind


def _last_before(ends: I64, earlier: int, place: npt.NDArray[np.intp]) -> I64:
    """The latest of the ends of earlier pieces, for each piece that `place` names."""
    latest = np.maximum.accumulate(np.append(np.int64(earlier), ends))
    return latest[place]
