"""Lines and bars on paper, drawn straight from the rows of a table."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from reportlab.platypus.flowables import Flowable

from app.reports.content.document import Cell, Chart, Table
from app.reports.rendering.pdf.look import (
    ACCENT,
    BOLD,
    INK,
    NORMAL,
    QUIET,
    RULE,
    WIDTH,
    figure,
    fitted,
    series_color,
)
from data.models import from_us

GAP: Final = 16.0
HEIGHT: Final = 112.0
BAR: Final = 12.0
MOST_BARS: Final = 15
LABEL: Final = 130.0
LEFT: Final = 38.0
Points = list[tuple[float, float | None]]


class Drawn(Flowable):  # type: ignore[misc]
    """One chart, or two side by side."""

    def __init__(self, charts: Sequence[tuple[Chart, Table]], zone: ZoneInfo) -> None:
        super().__init__()
        self.charts, self.zone = charts, zone
        self.size = (WIDTH - GAP * (len(charts) - 1)) / len(charts)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size."""
        return width, max(_height(chart, one) for chart, one in self.charts) + 10

    def draw(self) -> None:
        """Each in its place."""
        whole = self.wrap(0, 0)[1]
        for place, (chart, one) in enumerate(self.charts):
            self.canv.saveState()
            self.canv.translate(place * (self.size + GAP), whole - _height(chart, one))
            _draw(self.canv, chart, one, self.zone, self.size)
            self.canv.restoreState()


def pairs(charts: Sequence[tuple[Chart, Table]], zone: ZoneInfo) -> list[Drawn]:
    """Charts of one line two by two, all others in full width."""
    small = [one for one in charts if one[0].form == "line" and len(one[0].y) == 1]
    small = small if len(small) > 1 else []
    large = [one for one in charts if one not in small]
    found = [Drawn([one], zone) for one in large]
    return found + [Drawn(small[k : k + 2], zone) for k in range(0, len(small), 2)]


def _is_flat(chart: Chart, one: Table) -> bool:
    """Whether bars lie: they have names that are texts."""
    return chart.form == "bar" and one.columns[one.column(chart.x)].kind == "text"


def _rows(chart: Chart, one: Table) -> Sequence[tuple[Cell, ...]]:
    return one.rows[chart.first : chart.last]


def _height(chart: Chart, one: Table) -> float:
    if _is_flat(chart, one):
        return 24 + BAR * min(len(_rows(chart, one)), MOST_BARS)
    return HEIGHT


def _draw(canvas: Any, chart: Chart, one: Table, zone: ZoneInfo, width: float) -> None:
    top = _height(chart, one)
    title = chart.title + (f" [{chart.unit}]" if chart.unit else "")
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 8)
    canvas.drawString(0, top - 8, fitted(title, width, 8, BOLD))
    if _is_flat(chart, one):
        _bars(canvas, chart, one, width, top - 18)
    else:
        _axes(canvas, chart, one, zone, width, top - 20)


def _bars(canvas: Any, chart: Chart, one: Table, width: float, top: float) -> None:
    """Lying bars with their name before and their value behind."""
    x, y = one.column(chart.x), one.column(chart.y[0])
    rows = [(str(row[x]), cast("float", row[y] or 0)) for row in _rows(chart, one)][:MOST_BARS]
    most = max((value for _, value in rows), default=0) or 1
    room = width - LABEL - 60
    for number, (name, value) in enumerate(rows):
        base = top - BAR * (number + 1)
        canvas.setFillColor(INK)
        canvas.setFont(NORMAL, 7)
        canvas.drawRightString(LABEL - 6, base + 3, fitted(name, LABEL - 8, 7))
        canvas.setFillColor(ACCENT)
        canvas.rect(LABEL, base + 1.5, max(room * value / most, 0.5), BAR - 4, stroke=0, fill=1)
        canvas.setFillColor(QUIET)
        canvas.drawString(LABEL + room * value / most + 4, base + 3, figure(value, one.columns[y].kind))


def _axes(canvas: Any, chart: Chart, one: Table, zone: ZoneInfo, width: float, top: float) -> None:
    """Axes with their numbers, then the lines or standing bars."""
    x = one.column(chart.x)
    is_share = one.columns[one.column(chart.y[0])].kind == "share"
    factor = 100.0 if is_share else 1.0
    series = [_points(chart, one, x, one.column(name), factor) for name in chart.y]
    values = [value for points in series for _, value in points if value is not None]
    places = [place for place, _ in series[0]]
    if not values:
        return
    low, high, step = scale(min(values), max(values), from_zero=chart.form == "bar" or is_share)
    bottom, room = 14.0, width - LEFT
    first, last = (places[0], places[-1]) if len(places) > 1 else (places[0] - 1, places[0] + 1)
    margin = (last - first) / max(len(places), 2) / 2 if chart.form == "bar" else 0.0
    first, last = first - margin, last + margin

    def at(place: float, value: float) -> tuple[float, float]:
        return (
            LEFT + room * (place - first) / (last - first),
            bottom + (top - bottom) * (value - low) / (high - low),
        )

    _numbers(canvas, low, high, step, at, (first, last))
    _times(canvas, one.columns[x].kind, (first, last), at, low, zone)
    for number, points in enumerate(series):
        color = series_color(number)
        if chart.form == "bar":
            _standing(canvas, points, at, max(room / len(points) * 0.7, 0.6))
        else:
            _line(canvas, points, at, color)
    if len(series) > 1:
        _legend(canvas, chart.y, width, top + 12)


def _legend(canvas: Any, names: Sequence[str], width: float, base: float) -> None:
    canvas.setFont(NORMAL, 6.5)
    for number, name in enumerate(names):
        left = width - 74 * (len(names) - number)
        canvas.setFillColor(series_color(number))
        canvas.rect(left, base + 1, 7, 4, stroke=0, fill=1)
        canvas.setFillColor(QUIET)
        canvas.drawString(left + 10, base, name)


def _points(chart: Chart, one: Table, x: int, y: int, factor: float) -> Points:
    found: Points = []
    for place, row in enumerate(_rows(chart, one)):
        cell = row[x]
        at = (
            float(cell.toordinal())
            if isinstance(cell, date)
            else float(cell)
            if isinstance(cell, int)
            else place
        )
        value = row[y]
        found.append((at, None if value is None else factor * cast("float", value)))
    return found


def scale(low: float, high: float, *, from_zero: bool) -> tuple[float, float, float]:
    """A round axis over the values: its ends and its step.

    >>> scale(0.3, 8.7, from_zero=True)
    (0.0, 10.0, 2.0)
    """
    low = min(low, 0.0) if from_zero or 0 <= low < 0.3 * high else low
    span = high - low or max(abs(high), 1.0) * 0.1
    raw = span / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= raw * 0.999)
    return math.floor(low / step) * step, math.ceil((low + span) / step) * step, step


def _numbers(canvas: Any, low: float, high: float, step: float, at: Any, ends: tuple[float, float]) -> None:
    canvas.setFont(NORMAL, 6.5)
    canvas.setLineWidth(0.4)
    power = math.floor(math.log10(step) + 1e-9)
    is_quarter = abs(step / 10.0**power - 2.5) < 0.01
    decimals = max(0, min(4, is_quarter - power))
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        left, base = at(ends[0], value)
        canvas.setStrokeColor(RULE)
        canvas.line(left, base, at(ends[1], value)[0], base)
        canvas.setFillColor(QUIET)
        canvas.drawRightString(LEFT - 4, base - 2.2, f"{value:,.{decimals}f}")


def _times(canvas: Any, kind: str, ends: tuple[float, float], at: Any, low: float, zone: ZoneInfo) -> None:
    """Words below the axis: five moments or days."""
    canvas.setFillColor(QUIET)
    canvas.setFont(NORMAL, 6.5)
    seen = ""
    for number in range(5):
        place = ends[0] + (ends[1] - ends[0]) * (number + 0.5) / 5
        place = min(max(round(place), ends[0]), ends[1]) if kind == "day" else place
        left, base = at(place, low)
        if kind == "day":
            said = f"{date.fromordinal(round(place)):%d %b}"
        elif kind == "moment":
            is_long = ends[1] - ends[0] > 3 * 86_400_000_000
            said = f"{from_us(int(place)).astimezone(zone):{'%d %b' if is_long else '%d %b %H:%M'}}"
        else:
            said = f"{place:.0f}"
        if said != seen:
            canvas.drawCentredString(left, base - 9, said)
        seen = said


def _line(canvas: Any, points: Points, at: Any, color: Any) -> None:
    canvas.setStrokeColor(color)
    canvas.setLineWidth(0.9)
    path = canvas.beginPath()
    is_down = False
    for place, value in points:
        if value is None:
            is_down = False
            continue
        (path.lineTo if is_down else path.moveTo)(*at(place, value))
        is_down = True
    canvas.drawPath(path)


def _standing(canvas: Any, points: Points, at: Any, width: float) -> None:
    canvas.setFillColor(ACCENT)
    for place, value in points:
        if value:
            left, top = at(place, value)
            base = at(place, 0.0)[1]
            canvas.rect(left - width / 2, base, width, top - base, stroke=0, fill=1)
