"""A table on paper that breaks across pages; its header stands on each."""

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from reportlab.pdfbase import pdfmetrics
from reportlab.platypus.flowables import Flowable

from app.reports.content.document import Table
from app.reports.rendering.pdf.look import BOLD, INK, NORMAL, PALE, QUIET, RULE, WIDTH, fitted, writer

ROW: Final = 12.5
LINE: Final = 9.0
SIZE: Final = 7.2
PAD: Final = 3.0
MOST_COLUMNS: Final = 13
WIDEST: Final = 190.0
NARROWEST: Final = 78.0
MEASURED: Final = 200
MOST_ROWS: Final = 1_200
SHOWN_ROWS: Final = 120


class Grid(Flowable):  # type: ignore[misc]
    """Rows of texts under heads; `scale` makes a wide table smaller."""

    def __init__(
        self, heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], widths: Sequence[float],
        right: Sequence[bool], scale: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads, self.rows, self.widths, self.right, self.scale = heads, rows, widths, right, scale
        self.head = 13.0 + LINE * (max(len(lines) for lines in heads) - 1)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size."""
        return width, self.head + ROW * len(self.rows) + 2

    def split(self, width: float, height: float) -> list["Grid"]:
        """What fits, and the rest; nothing where not even a few rows fit."""
        fits = int((height - self.head - 2) // ROW)
        if fits < min(3, len(self.rows)):
            return []
        parts = (self.rows[:fits], self.rows[fits:])
        return [Grid(self.heads, part, self.widths, self.right, self.scale) for part in parts if part]

    def draw(self) -> None:
        """Heads, rows with a pale band on every second one, a rule below."""
        canvas = self.canv
        top = self.head + ROW * len(self.rows) + 2
        total, size = sum(self.widths), SIZE * self.scale
        canvas.setFillColor(QUIET)
        for lines, left, width, right in self._places(self.heads):
            for number, said in enumerate(lines, 1):
                whole = fitted(said, width - 2 * PAD * self.scale, size, BOLD)
                self._text(whole, left, width, top - LINE * number, right, BOLD)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.6)
        canvas.line(0, top - self.head, total, top - self.head)
        for number, row in enumerate(self.rows):
            base = top - self.head - ROW * (number + 1)
            if number % 2:
                canvas.setFillColor(PALE)
                canvas.rect(0, base, total, ROW, stroke=0, fill=1)
            canvas.setFillColor(INK)
            for said, left, width, right in self._places(row):
                self._text(
                    fitted(said, width - 2 * PAD * self.scale, size), left, width, base + 3.6, right, NORMAL
                )
        canvas.setStrokeColor(RULE)
        canvas.line(0, 2, total, 2)

    def _places(self, cells: Sequence[Any]) -> list[tuple[Any, float, float, bool]]:
        found, left = [], 0.0
        for cell, width, right in zip(cells, self.widths, self.right, strict=True):
            found.append((cell, left, width, right))
            left += width
        return found

    def _text(self, said: str, left: float, width: float, base: float, right: bool, font: str) -> None:
        if not said:
            return
        self.canv.setFont(font, SIZE * self.scale)
        if right:
            self.canv.drawRightString(left + width - PAD * self.scale, base, said)
        else:
            self.canv.drawString(left + PAD * self.scale, base, said)


def grid(one: Table, zone: ZoneInfo) -> tuple[Grid, str]:
    """A table as it is printed, and what of it is not."""
    columns = one.columns[:MOST_COLUMNS]
    rows = one.rows if len(one.rows) <= MOST_ROWS else one.rows[:SHOWN_ROWS]
    writers = [writer(column, zone) for column in columns]
    said = [[write(cell) for write, cell in zip(writers, row, strict=False)] for row in rows]
    right = [column.kind in {"number", "whole", "share"} for column in columns]
    heads = [_head(column.name, column.unit) for column in columns]
    widths = _widths(heads, said, [column.kind == "text" for column in columns])
    scale = min(1.0, WIDTH / sum(widths))
    made = Grid(heads, said, [width * scale for width in widths], right, scale)
    return made, _left_out(one, len(rows), len(columns))


def _head(name: str, unit: str) -> list[str]:
    """A name with its unit, on one line or two."""
    words = name.split()
    half = max(1, len(words) // 2)
    lines = [name] if len(words) == 1 else [" ".join(words[:half]), " ".join(words[half:])]
    if unit:
        lines = [*lines, f"[{unit}]"] if len(lines) == 1 else [lines[0], f"{lines[1]} [{unit}]"]
    return lines


def _widths(
    heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], is_text: Sequence[bool]
) -> list[float]:
    """What each column needs, in points; texts give way to figures, and take what is left."""
    needs = []
    for place, lines in enumerate(heads):
        cells = [pdfmetrics.stringWidth(row[place], NORMAL, SIZE) for row in rows[:MEASURED]]
        words = [pdfmetrics.stringWidth(said, BOLD, SIZE) for said in lines]
        needs.append(min(max(*cells, *words, 18.0) + 2 * PAD + 2, WIDEST))
    texts = sum(need for need, text in zip(needs, is_text, strict=True) if text)
    left = WIDTH - (sum(needs) - texts)
    if not texts:
        return [need * min(max(WIDTH / sum(needs), 1.0), 1.4) for need in needs]
    factor = left / texts
    return [
        max(need * factor, min(need, NARROWEST)) if text else need
        for need, text in zip(needs, is_text, strict=True)
    ]


def _left_out(one: Table, rows: int, columns: int) -> str:
    parts = []
    if rows < len(one.rows):
        parts.append(f"the first {rows:,} of {len(one.rows):,} rows")
    if columns < len(one.columns):
        parts.append(f"{columns} of {len(one.columns)} columns")
    return f"Printed are {' and '.join(parts)}; the Excel, CSV and JSON formats have all." if parts else ""
