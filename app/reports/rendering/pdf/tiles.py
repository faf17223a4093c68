"""Figures in tiles, and the QR code."""

from collections.abc import Sequence
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.platypus.flowables import Flowable

from app.reports.content.document import Fact
from app.reports.rendering.code import code_matrix
from app.reports.rendering.pdf.look import BOLD, INK, NORMAL, PALE, QUIET, WIDTH, figure, fitted

ACROSS: Final = 4
TILE: Final = 50.0
GAP: Final = 8.0


class Tiles(Flowable):  # type: ignore[misc]
    """Figures, four in a row, each with that of the time before."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self.facts = facts

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size."""
        return width, -(-len(self.facts) // ACROSS) * (TILE + GAP)

    def draw(self) -> None:
        """Each tile."""
        size = (WIDTH - GAP * (ACROSS - 1)) / ACROSS
        top = self.wrap(0, 0)[1]
        for number, fact in enumerate(self.facts):
            left = number % ACROSS * (size + GAP)
            base = top - (number // ACROSS + 1) * (TILE + GAP) + GAP
            self._tile(fact, left, base, size)

    def _tile(self, fact: Fact, left: float, base: float, size: float) -> None:
        canvas = self.canv
        canvas.setFillColor(PALE)
        canvas.roundRect(left, base, size, TILE, 3, stroke=0, fill=1)
        canvas.setFillColor(QUIET)
        canvas.setFont(NORMAL, 7)
        canvas.drawString(left + 8, base + TILE - 13, fitted(fact.name, size - 16, 7))
        said = f"{figure(fact.value, fact.kind)} {fact.unit}".strip()
        canvas.setFillColor(INK)
        wide = pdfmetrics.stringWidth(said, BOLD, 13)
        canvas.setFont(BOLD, 13 * min(1.0, (size - 14) / max(wide, 1.0)))
        canvas.drawString(left + 8, base + TILE - 30, said)
        below = fact.note or (f"before: {figure(fact.before, fact.kind)}" if fact.before is not None else "")
        canvas.setFillColor(QUIET)
        canvas.setFont(NORMAL, 6.5)
        canvas.drawString(left + 8, base + 8, fitted(below, size - 14, 6.5))


class Code(Flowable):  # type: ignore[misc]
    """The QR code of a text."""

    def __init__(self, text: str, size: float) -> None:
        super().__init__()
        self.matrix, self.size = code_matrix(text), size

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size."""
        return self.size, self.size

    def draw(self) -> None:
        """Dark runs of each line as rectangles."""
        module = self.size / len(self.matrix)
        self.canv.setFillColor(INK)
        for number, row in enumerate(self.matrix):
            base = self.size - (number + 1) * module
            start = -1
            for place, dark in enumerate((*row, 0)):
                if dark and start < 0:
                    start = place
                elif not dark and start >= 0:
                    self.canv.rect(start * module, base, (place - start) * module, module, stroke=0, fill=1)
                    start = -1
