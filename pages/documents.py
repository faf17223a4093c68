"""Documents: what other systems logged, as it came."""

from app.ui.documents.browser import document_browser
from app.ui.parts import page_header
from app.ui.scene import scene

at = scene()
page_header("Documents", "What other systems logged: anomalies, scans, changes. Kept as they came.")
document_browser(at)
