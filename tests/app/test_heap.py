"""Threads share few arenas of the C library."""

import os
import platform
import subprocess
import sys

import pytest

from app.heap import ARENAS, keep_arenas_few

COUNTS = """
import ctypes, sys, tempfile, threading
from app.heap import keep_arenas_few

if sys.argv[1] == "few":
    keep_arenas_few()
held, all_there = [], threading.Barrier(9)

def allocate():
    held.extend(bytes(10_000) for _ in range(100))
    all_there.wait()
    all_there.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for one in threads:
    one.start()
all_there.wait()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    out = ctypes.c_void_p(library.fopen(file.name.encode(), b"w"))
    library.malloc_info(0, out)
    library.fclose(out)
    print(file.read().count(b"<heap nr="))
all_there.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such arenas")
def test_threads_share_few_arenas_once_that_was_asked_for():
    assert _arenas("many") > ARENAS
    assert _arenas("few") <= ARENAS


def _arenas(how: str) -> int:
    """How many arenas eight threads brought about in a process of its own."""
    plain = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    order = [sys.executable, "-c", COUNTS, how]
    done = subprocess.run(order, env=plain, capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def test_a_c_library_without_that_setting_is_left_alone(monkeypatch):
    monkeypatch.setattr("app.heap.ctypes.CDLL", lambda name: object())
    assert not keep_arenas_few()
