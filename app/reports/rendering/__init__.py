"""The formats of a report, each made of the same document."""

from collections.abc import Callable
from typing import Final

from app.reports.content.document import Document
from app.reports.proof.evidence import Stamp

Renderer = Callable[[Document, Stamp, bytes], bytes]
ENDINGS: Final = {"pdf": "pdf", "excel": "xlsx", "csv": "zip", "json": "json"}
MEDIA: Final = {
    "pdf": "application/pdf",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
    "json": "application/json",
}


def rendered(form: str, document: Document, stamp: Stamp, logo: bytes) -> bytes:
    """The document as a file of this format; `logo` is a PNG, or nothing."""
    from app.reports.rendering.as_csv import as_csv
    from app.reports.rendering.as_json import as_json
    from app.reports.rendering.as_pdf import as_pdf
    from app.reports.rendering.as_xlsx import as_xlsx

    renderers: dict[str, Renderer] = {"pdf": as_pdf, "excel": as_xlsx, "csv": as_csv, "json": as_json}
    return renderers[form](document, stamp, logo)
