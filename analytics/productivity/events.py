"""Activity events as columns, and which of them say the same thing twice."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Flags, Floats, Int8s, Int64s, int64s, same_length, whole_numbers
from analytics.vocabulary import Activity

NOBODY: Final = -1
"""The worker of an event that names none, and the station of one that names no place."""

Ints = NDArray[np.integer[Any]]
Float32s = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ActivityEvents:
    """What cameras said, one row per event, in any order.

    `time_us`: event time, microseconds UTC; `kind`: `Activity`; `worker`, `station`: codes, -1 for none;
    `count`: units of a PRODUCT_COUNT (none given: 0); `confidence`: 0 to 1, NaN where the model gave none;
    `model`: code, -1 for none; `key`: a number that is the same for an event that comes twice (of its id or
    its content).
    """

    time_us: Int64s
    kind: Int8s
    worker: Ints
    station: Ints
    count: Float32s
    confidence: Float32s
    model: Ints
    key: Int64s

    def __len__(self) -> int:
        return len(self.time_us)

    def take(self, rows: NDArray[Any]) -> "ActivityEvents":
        """The events at these positions, or where these flags are set."""
        return ActivityEvents(
            self.time_us[rows],
            self.kind[rows],
            self.worker[rows],
            self.station[rows],
            self.count[rows],
            self.confidence[rows],
            self.model[rows],
            self.key[rows],
        )


def activity_events(
    time_us: object,
    kind: object,
    worker: object,
    station: object,
    *,
    count: object | None = None,
    confidence: object | None = None,
    model: object | None = None,
    key: object | None = None,
) -> ActivityEvents:
    """Checked events from columns of equal length; see `ActivityEvents` for units and missing values.

    Without `key` the content is the key: two events of one time, kind, worker and station are one. Errors:
    InvalidInput for columns of unequal length, an unknown kind, a confidence outside 0 to 1, a negative
    count.

    >>> len(activity_events([0, 0, 9], [0, 0, 1], [1, 1, 1], [2, 2, 2]))
    3
    """
    times = int64s(time_us, "time_us")
    rows = len(times)
    kinds = whole_numbers(kind, "kind").astype(np.int8, copy=False)
    if rows and not (kinds.min() >= 0 and kinds.max() <= max(Activity)):
        raise InvalidInput.at("kind", f"An activity is one of {', '.join(map(str, map(int, Activity)))}.")
    events = ActivityEvents(
        times,
        kinds,
        whole_numbers(worker, "worker"),
        whole_numbers(station, "station"),
        np.nan_to_num(_floats(count, rows, 0.0), nan=0.0),
        _floats(confidence, rows, np.nan),
        np.full(rows, NOBODY, np.int16) if model is None else whole_numbers(model, "model"),
        np.empty(0, np.int64) if key is None else int64s(key, "key"),
    )
    if key is None:
        events = _with_key(events)
    same_length(
        time_us=events.time_us,
        kind=events.kind,
        worker=events.worker,
        station=events.station,
        count=events.count,
        confidence=events.confidence,
        model=events.model,
        key=events.key,
    )
    if (events.confidence < 0).any() or (events.confidence > 1).any():
        raise InvalidInput.at("confidence", "A confidence lies between 0 and 1.")
    if (events.count < 0).any():
        raise InvalidInput.at("count", "A count is not negative.")
    return events


def _floats(values: object | None, rows: int, default: float) -> Float32s:
    if values is None:
        return np.full(rows, default, np.float32)
    return np.asarray(values, np.float32)


def _with_key(events: ActivityEvents) -> ActivityEvents:
    same_length(time_us=events.time_us, kind=events.kind, worker=events.worker, station=events.station)
    key = content_numbers(events.time_us, events.kind, events.worker, events.station)
    return ActivityEvents(
        events.time_us,
        events.kind,
        events.worker,
        events.station,
        events.count,
        events.confidence,
        events.model,
        key,
    )


def content_numbers(time_us: Int64s, kind: Int8s, worker: Ints, station: Ints) -> Int64s:
    """A 64-bit number of each event's content: time, kind, worker and station, mixed as splitmix64 mixes."""
    mixed = time_us.astype(np.uint64)
    for part in (worker, station, kind):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + part.astype(np.uint64)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return mixed.view(np.int64)


def confident(events: ActivityEvents, least: float) -> Flags:
    """Which events a threshold keeps: at least this confident, or without any confidence.

    A threshold cannot judge what a model did not say, so an event without confidence always counts.
    """
    return ~(events.confidence < np.float32(least))


def deduplicated(events: ActivityEvents) -> ActivityEvents:
    """The events without repeats, whichever order they come in.

    Of events with one key the earliest stays; at one time the one with the smallest worker, station, kind,
    model, confidence and count, so that the choice does not depend on the order. The order of the rest
    stays.
    """
    kept = np.ones(len(events), np.bool_)
    kept[_later_copies(events, np.arange(len(events)))] = False
    return events if kept.all() else events.take(kept)


def _later_copies(events: ActivityEvents, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of these rows those that repeat the key of another one that stays."""
    by_key = rows[np.argsort(events.key[rows], kind="stable")]
    key = events.key[by_key]
    same = key[1:] == key[:-1]
    if not same.any():
        return by_key[:0]
    shared = np.zeros(len(key), np.bool_)
    shared[1:] |= same
    shared[:-1] |= same
    some = by_key[shared]
    order = np.lexsort(
        (
            events.count[some],
            ranked(events.confidence[some]),
            events.model[some],
            events.kind[some],
            events.station[some],
            events.worker[some],
            events.time_us[some],
            events.key[some],
        )
    )
    some = some[order]
    repeats: NDArray[np.intp] = some[1:][events.key[some[1:]] == events.key[some[:-1]]]
    return repeats


def ranked(confidence: Float32s) -> Floats:
    """Confidence that can be compared: none counts as less than any."""
    return np.where(np.isnan(confidence), -1.0, confidence)
