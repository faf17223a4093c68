"""A report as PDF: a cover with the summary, a chapter per section, the evidence on the last page."""

import io
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    Image,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.flowables import AnchorFlowable, Flowable

from app.reports.content.document import Document, Section
from app.reports.proof.evidence import Stamp
from app.reports.rendering.pdf.charts import pairs
from app.reports.rendering.pdf.grid import grid
from app.reports.rendering.pdf.look import (
    ACCENT,
    BOLD,
    INK,
    MARGIN,
    NORMAL,
    PAGE,
    QUIET,
    RULE,
    WIDTH,
    fitted,
    use_fonts,
)
from app.reports.rendering.pdf.tiles import Code, Tiles
from data.models import from_us

LOGO: Final = (150.0, 56.0)
CODE: Final = 190.0
DRAWN_ROWS: Final = 60
"""The rows of a longer line are drawn, not printed; the other formats have them."""


class _Paper(BaseDocTemplate):  # type: ignore[misc]
    """Pages with a foot, and chapters in the outline."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the library's name
        """Put a chapter into the outline."""
        name = getattr(flowable, "chapter", "")
        if name:
            key = f"chapter-{self.page}-{name}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(name, key)


def as_pdf(document: Document, stamp: Stamp, logo: bytes) -> bytes:
    """The printed report."""
    use_fonts()
    stream = io.BytesIO()
    paper = _Paper(
        stream, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=document.title, author=document.factory, subject="Gemba report", creator="Gemba", invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN, WIDTH, PAGE[1] - 2 * MARGIN, 0, 0, 0, 0)
    paper.addPageTemplates(PageTemplate("page", [frame], onPage=_foot(document, stamp)))
    story = _cover(document, logo)
    for section in document.sections:
        story += _chapter(document, section)
    paper.build([*story, *_evidence(stamp)])
    return stream.getvalue()


def _style(size: float, *, bold: bool = False, color: Any = INK, after: float = 4.0) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}{bold}{color}", fontName=BOLD if bold else NORMAL, fontSize=size, leading=size * 1.35,
        textColor=color, spaceAfter=after,
    )  # fmt: skip


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


def _foot(document: Document, stamp: Stamp) -> Any:
    def foot(canvas: Any, paper: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, MARGIN - 10, PAGE[0] - MARGIN, MARGIN - 10)
        canvas.setFillColor(QUIET)
        canvas.setFont(NORMAL, 6.5)
        left = f"{document.title}  ·  content {stamp.content_digest[:16]}  ·  audit entry {stamp.position}"
        canvas.drawString(MARGIN, MARGIN - 20, fitted(left, WIDTH - 60, 6.5))
        canvas.drawRightString(PAGE[0] - MARGIN, MARGIN - 20, f"Page {paper.page}")
        canvas.restoreState()

    return foot


def _cover(document: Document, logo: bytes) -> list[Flowable]:
    zone = document.zone
    start, end, made = (
        f"{from_us(one).astimezone(zone):%a %d %b %Y, %H:%M}"
        for one in (document.start_us, document.end_us, document.made_us)
    )
    found: list[Flowable] = []
    if logo:
        image = Image(io.BytesIO(logo))
        ratio = min(LOGO[0] / image.imageWidth, LOGO[1] / image.imageHeight)
        image.drawWidth, image.drawHeight = image.imageWidth * ratio, image.imageHeight * ratio
        image.hAlign = "LEFT"
        found += [image, Spacer(0, 14)]
    machines = f"{len(document.machines)} machines"
    return [
        *found,
        _said(document.factory, _style(10, color=QUIET)),
        _said(document.title, _style(22, bold=True, after=8)),
        _said(f"{start}  to  {end}", _style(10.5, color=ACCENT)),
        _said(f"Times in {document.timezone}. {machines}. Made {made} by {document.made_by}.",
              _style(8, color=QUIET, after=16)),
    ]  # fmt: skip


def _chapter(document: Document, section: Section) -> list[Flowable]:
    """Head, sentences, tiles, charts, tables."""
    head = _said(section.title, _style(15, bold=True, after=8))
    head.chapter = section.title
    found: list[Flowable] = [CondPageBreak(180), AnchorFlowable(section.key), Spacer(0, 10), head]
    found += [_said(one, _style(9.5)) for one in section.sentences]
    if section.facts:
        found += [Spacer(0, 6), Tiles(section.facts), Spacer(0, 6)]
    tables = {one.key: one for one in section.tables}
    for drawn in pairs([(one, tables[one.table]) for one in section.charts], document.zone):
        found += [drawn, Spacer(0, 6)]
    drawn_only = {one.table for one in section.charts if one.form == "line"}
    for one in section.tables:
        if one.rows and not (one.key in drawn_only and len(one.rows) > DRAWN_ROWS):
            made, left_out = grid(one, document.zone)
            title = _said(one.title, _style(9.5, bold=True, after=2))
            note = [_said(left_out, _style(7, color=QUIET))] if left_out else []
            found += [CondPageBreak(90), Spacer(0, 8), KeepTogether([title, *note]), made]
    return found


def _evidence(stamp: Stamp) -> list[Flowable]:
    lines = {
        "Content digest (SHA-256)": stamp.content_digest,
        "Fingerprint of the inputs": stamp.fingerprint,
        "Code version": stamp.code_version,
        "Entry of the audit log": f"{stamp.position}",
        "Key of the log": str(stamp.proof["key"]),
    }
    head = _said("Evidence", _style(15, bold=True, after=8))
    head.chapter = "Evidence"
    told = (
        "This report stands in the plant's audit log. The code below holds the entry, its path to the root "
        "of the log and the signed checkpoint. The file itself carries this proof and that of its own bytes: "
        "python -m app report verify FILE checks both."
    )
    found: list[Flowable] = [PageBreak(), head, _said(told, _style(9.5, after=10))]
    for name, said in lines.items():
        found += [_said(name, _style(7, color=QUIET, after=0)), _said(said, _style(8, after=6))]
    code = Code(stamp.code, CODE)
    code.hAlign = "LEFT"
    return [*found, Spacer(0, 10), code]
