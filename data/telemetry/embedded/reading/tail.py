"""The log's points in memory: appended at the end, dropped at the front, seen through slices."""

import numpy as np

from data.telemetry.batch import I64, Texts
from data.telemetry.embedded.points import Points, joined

SMALLEST = 65_536


class Tail:
    """Buffers that grow by doubling. What a view holds stays as it was: appending only writes behind it."""

    def __init__(self) -> None:
        self._room = _room(SMALLEST)
        self._whole: I64 | None = None
        self._text: Texts | None = None
        self._start, self._end = 0, 0
        self._marks: list[tuple[int, int]] = []

    def append(self, seq: int, points: Points) -> None:
        """Add the points of log row `seq`."""
        if self._end + len(points) > len(self._room):
            self._rebase(max(2 * (self._end - self._start + len(points)), SMALLEST))
        place = slice(self._end, self._end + len(points))
        room = self._room
        room.series[place], room.time_us[place] = points.series, points.time_us
        room.number[place], room.kind[place] = points.number, points.kind
        if points.whole is not None and self._whole is None:
            self._whole = np.zeros(len(room), np.int64)
            self._whole[: self._end] = room.take(slice(0, self._end)).exact()
        if self._whole is not None:
            self._whole[place] = points.exact()
        if points.text is not None and self._text is None:
            self._text = np.full(len(room), None, object)
        if self._text is not None:
            self._text[place] = points.text
        self._end = place.stop
        self._marks.append((seq, self._end))

    def drop(self, watermark: int) -> None:
        """Forget log rows at or below the watermark."""
        kept = 0
        while kept < len(self._marks) and self._marks[kept][0] <= watermark:
            self._start = self._marks[kept][1]
            kept += 1
        del self._marks[:kept]

    def points(self) -> Points:
        """What is left, in the order of writing."""
        place = slice(self._start, self._end)
        room = self._room.take(place)
        whole = None if self._whole is None else self._whole[place]
        text = None if self._text is None else self._text[place]
        return Points(room.series, room.time_us, room.number, room.kind, whole, text)

    def _rebase(self, size: int) -> None:
        held = joined([self.points()])
        shift = self._start
        self._room, self._whole, self._text = _room(size), None, None
        marks, self._marks = [(seq, end - shift) for seq, end in self._marks], []
        self._start = self._end = 0
        self.append(0, held)
        self._marks = marks


def _room(size: int) -> Points:
    return Points(
        np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size), np.empty(size, np.uint8)
    )
