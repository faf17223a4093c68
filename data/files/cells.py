"""Cells of files that a spreadsheet opens."""

from typing import Any, Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(value: Any) -> Any:
    """A text that starts as a formula (= + - @ tab, line break) behind an apostrophe; all else as it is.

    Numbers and times are not texts, so negative numbers stay numbers. See OWASP, "CSV injection".
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
