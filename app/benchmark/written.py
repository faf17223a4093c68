"""The figures of a run in `docs/benchmarks.md`, with the machine that they were taken on."""

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app.settings import ROOT

DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"
HEADING: Final = "## As printed last"
GB: Final = 2**30


def machine() -> str:
    """Cores, memory and the versions that the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, DuckDB {version('duckdb')}; "
        f"load {load:.1f} at the end"
    )


def keep(part: str, command: str, lines: Sequence[str], document: Path = DOCUMENT) -> None:
    """Put the lines of a run under its own heading, in the place of those of the run before."""
    text = document.read_text("utf-8").rstrip("\n")
    if HEADING not in text:
        text += f"\n\n{HEADING}\n\nWritten by `python -m app benchmark --write`."
    made = "\n".join([f"### `{command}`", "", f"{machine()}.", "", "```", *lines, "```"])
    known = re.compile(rf"### `benchmark {re.escape(part)}\b[^`]*`\n.*?\n```\n.*?\n```(?=\n|$)", re.DOTALL)
    text = known.sub(lambda _: made, text) if known.search(text) else f"{text}\n\n{made}"
    document.write_text(text + "\n", "utf-8")
