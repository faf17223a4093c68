"""The plain form of a column's title: lower case, single spaces, no unit, no punctuation."""

import re
from typing import Final

from app.imports.parsing.durations import UNITS

_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]")
_OTHER: Final = re.compile(r"[^0-9a-z]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(title: str) -> str:
    """The title as the recognition compares it.

    >>> plain("Start_Time"), plain("startTime"), plain("Downtime (min)"), plain("planned_h")
    ('start time', 'start time', 'downtime', 'planned')
    """
    text = _OTHER.sub(" ", _HUMP.sub(" ", _BRACKETS.sub(" ", title)).lower()).strip()
    words = text.split()
    if len(words) > 1 and words[-1] in UNITS:
        words = words[:-1]
    return " ".join(words)
