"""How the C library of this process deals with memory that was freed."""

import ctypes
from typing import Final

M_ARENA_MAX: Final = -8
"""`malloc.h` of glibc."""
ARENAS: Final = 2


def keep_arenas_few(most: int = ARENAS) -> bool:
    """Let all threads share so many arenas; call it before they start. False where the C library has none.

    glibc gives threads up to eight arenas a core, and what is free in one serves no thread of another: the
    process would hold the sum of what each of its threads once needed.
    """
    try:
        library = ctypes.CDLL(None)
        return bool(library.mallopt(M_ARENA_MAX, most))
    except (OSError, TypeError, AttributeError):
        return False
