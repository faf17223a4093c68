"""Numbers as people and programs write them: decimal comma or point, thousands in groups of three."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Bools, Floats, as_bools, filled, matches, taken

EITHER: Final = "either"
"""The mark of workbooks, whose typed numbers come with a point and whose texts may have a comma."""
_SPACES: Final = r"[\x{a0}\x{2009}\x{202f}]"
_SPACE: Final = r"[\x{a0}\x{2009}\x{202f} ]"
_TAIL: Final = r"([eE][+-]?\d{1,3})?$"
_STRICT: Final = {
    ".": r"^[+-]?((\d+|\d{1,3}([ ,']\d{3})+)(\.\d*)?|\.\d+)" + _TAIL,
    ",": r"^[+-]?((\d+|\d{1,3}([ .']\d{3})+)(,\d*)?|,\d+)" + _TAIL,
}
_GROUPS: Final = {".": "[ ,']", ",": "[ .']"}
_ONLY_COMMA: Final = r"^[+-]?\d{1,3},\d{3}$"
_ONLY_POINT: Final = r"^[+-]?\d{1,3}\.\d{3}$"
_PROVES: Final = {
    ",": r"^[+-]?(\d{1,3}([ .'\x{a0}\x{202f}]\d{3})+,\d+|\d+,(\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+)$",
    ".": r"^[+-]?(\d{1,3}([ ,'\x{a0}\x{202f}]\d{3})+\.\d+|\d+\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+)$",
}


def numbers(column: Any, mark: str) -> tuple[Floats, Bools]:
    """What number is each cell? Values as float64 (NaN for an empty or wrong cell), and which are wrong.

    `mark` is the decimal mark, "." or ",", or EITHER (point first). Groups of thousands may be divided by
    the other mark, a space or an apostrophe and must have three digits. Infinity and NaN are wrong.

    >>> from app.imports.parsing.columns import text_column
    >>> numbers(text_column(["1.234,5", "12,34,5", ""]), ",")[0].tolist()[0]
    1234.5
    """
    given = filled(column)
    if mark == EITHER:
        values, wrong = numbers(column, ".")
        if wrong.any():
            second, still = numbers(taken(column, wrong), ",")
            values[wrong] = second
            wrong[wrong] = still
        return values, wrong
    plain = pc.replace_substring_regex(column, _SPACES, " ")
    plain = pc.replace_substring(plain, "\u2212", "-")
    sound = matches(plain, _STRICT[mark])
    chosen = pc.replace_substring_regex(taken(plain, sound), _GROUPS[mark] + r"|^\+", "")
    if mark == ",":
        chosen = pc.replace_substring(chosen, ",", ".")
    values = np.full(len(column), np.nan)
    values[sound] = pc.cast(chosen, pa.float64()).to_numpy(zero_copy_only=False)
    infinite = np.isinf(values)
    values[infinite] = np.nan
    return values, (given & ~sound) | infinite


def decimal_mark(columns: Iterable[Any], delimiter: str) -> tuple[str, str]:
    """Which decimal mark do these columns use? The mark, and a cell that could be read both ways or "".

    Cells that only one reading allows decide. Where none does, a comma before three digits divides
    thousands, unless the file is divided by semicolons, as programs with a decimal comma write it.
    """
    votes, doubt = {",": 0, ".": 0}, {",": "", ".": ""}
    for column in columns:
        for mark, pattern in _PROVES.items():
            votes[mark] += int(matches(column, pattern).sum())
        for mark, pattern in ((",", _ONLY_COMMA), (".", _ONLY_POINT)):
            found = taken(column, matches(column, pattern))
            doubt[mark] = doubt[mark] or (found[0].as_py() if len(found) else "")
    if votes[","] != votes["."]:
        return (",", "") if votes[","] > votes["."] else (".", "")
    if doubt[","]:
        return ("," if delimiter == ";" else "."), doubt[","]
    return ".", doubt["."] if delimiter == ";" else ""


def looks_numeric(column: Any) -> float:
    """The share of the filled cells that are numbers with either mark; 0 for a column without any."""
    given = filled(column)
    if not given.any():
        return 0.0
    plain = pc.replace_substring_regex(taken(column, given), _SPACE, "")
    either = pc.or_(*(pc.match_substring_regex(plain, pattern) for pattern in _STRICT.values()))
    return float(as_bools(either).mean())
