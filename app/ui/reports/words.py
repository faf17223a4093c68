"""How parts of a report are called on its page."""

from typing import Final

FORMATS: Final = {"pdf": "PDF", "excel": "Excel", "csv": "CSV (ZIP)", "json": "JSON"}
PERIODS: Final = {"day": "Yesterday", "week": "Last week", "month": "Last month", "shift": "Last shift"}
STATUS: Final = {"pending": "waiting", "running": "being made", "complete": "complete", "failed": "failed"}


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
