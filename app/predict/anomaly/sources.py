"""What a scan looks at, signals or shift records, and what it takes where nothing is said."""

from dataclasses import dataclass
from typing import Final, Literal

Source = Literal["signals", "records"]

SIGNALS: Final = "signals"
RECORDS: Final = "records"
SOURCES: Final = (SIGNALS, RECORDS)
MARK: Final = f"{RECORDS}:"


@dataclass(frozen=True, slots=True)
class Usual:
    """The detector, the days looked at, the days before them that are normal, the false alarms of a week."""

    method: str
    days: float
    normal_days: int
    false_alarms_per_week: float


USUAL: Final[dict[str, Usual]] = {
    SIGNALS: Usual("pca", 1, 14, 1.0),
    RECORDS: Usual("isolation_forest", 7, 180, 0.25),
}
"""Shifts are few: half a year of them is as much to learn from as some hours of signals."""


def detector_key(source: str, method: str) -> str:
    """Under which name scans and labels keep a detector, so that those of records stay apart from signals'.

    >>> detector_key("records", "isolation_forest"), detector_key("signals", "pca")
    ('records:isolation_forest', 'pca')
    """
    return MARK + method if source == RECORDS else method


def source_of(detector: str) -> Source:
    """What the detector of a scan or a label looked at.

    >>> source_of("records:isolation_forest"), source_of("pca")
    ('records', 'signals')
    """
    return "records" if detector.startswith(MARK) else "signals"


def method_of(detector: str) -> str:
    """The method of the detector of a scan or a label.

    >>> method_of("records:isolation_forest"), method_of("pca")
    ('isolation_forest', 'pca')
    """
    return detector.removeprefix(MARK)
