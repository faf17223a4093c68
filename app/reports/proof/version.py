"""Which code made a report."""

from functools import cache
from hashlib import sha256
from tomllib import loads

from app.settings import ROOT

ROOMS = ("analytics", "app", "data")


@cache
def code_version() -> str:
    """The version of Gemba and a digest of its own source files: 0.1.0+1f0c9ab3d2e4."""
    found = sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\x00")
            found.update(sha256(path.read_bytes()).digest())
    project = loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return f"{project['version']}+{found.hexdigest()[:12]}"
