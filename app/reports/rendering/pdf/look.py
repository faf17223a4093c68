"""How a printed report looks: page, fonts, colours, and how figures are written."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

import reportlab
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.reports.content.document import Cell, Column, Kind
from data.models import from_us

PAGE: Final = A4
MARGIN: Final = 48.0
WIDTH: Final = A4[0] - 2 * MARGIN
INK: Final = HexColor("#1B232B")
QUIET: Final = HexColor("#6B7581")
RULE: Final = HexColor("#D5DAE0")
PALE: Final = HexColor("#F4F6F8")
ACCENT: Final = HexColor("#1F6F78")
SERIES: Final = (ACCENT, HexColor("#3E6CB5"), HexColor("#C88700"), HexColor("#8E5BC0"))
WIDE_FONTS: Final = (Path("/usr/share/fonts/truetype/dejavu"), "DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
OWN_FONTS: Final = (Path(reportlab.__file__).parent / "fonts", "Vera.ttf", "VeraBd.ttf")
NORMAL: Final = "Gemba"
BOLD: Final = "Gemba-Bold"


@cache
def use_fonts() -> None:
    """Take the fonts with the most letters that are there; those of the library know Western Europe's."""
    folder, plain, bold = WIDE_FONTS if (WIDE_FONTS[0] / WIDE_FONTS[2]).exists() else OWN_FONTS
    pdfmetrics.registerFont(TTFont(NORMAL, str(folder / plain)))
    pdfmetrics.registerFont(TTFont(BOLD, str(folder / bold)))
    pdfmetrics.registerFontFamily(NORMAL, normal=NORMAL, bold=BOLD, italic=NORMAL, boldItalic=BOLD)


def series_color(place: int) -> Color:
    """The colour of a series."""
    return SERIES[place % len(SERIES)]


def figure(value: float | int | None, kind: Kind) -> str:
    """A figure as people read it."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "whole":
        return f"{value:,.0f}"
    size = abs(value)
    decimals = 0 if size >= 10_000 else 1 if size >= 100 else 2
    return f"{value:,.{decimals}f}"


def writer(column: Column, zone: ZoneInfo) -> Callable[[Cell], str]:
    """How the cells of a column are written."""
    if column.kind == "moment":
        return lambda cell: (
            "" if cell is None else f"{from_us(cast('int', cell)).astimezone(zone):%Y-%m-%d %H:%M}"
        )
    if column.kind == "day":
        return lambda cell: "" if cell is None else f"{cast('date', cell):%a %d %b %Y}"
    if column.kind == "text":
        return lambda cell: "" if cell is None else " ".join(str(cell).split())
    kind = column.kind
    return lambda cell: "" if cell is None else figure(cast("float", cell), kind)


def fitted(text: str, width: float, size: float, font: str = NORMAL) -> str:
    """The text, shortened where it is wider than the place that it has."""
    if len(text) * size * 0.4 < width and len(text) * size * 0.75 < width:
        return text
    if pdfmetrics.stringWidth(text, font, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(text + "…", font, size) > width:
        text = text[: max(len(text) - 1, int(len(text) * 0.9))] if len(text) > 12 else text[:-1]
    return text.rstrip() + "…"
