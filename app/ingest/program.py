"""The program for gateways (`edge.py`) as a file to give away."""

from importlib import resources
from typing import Final

NAME: Final = "gemba_send.py"


def text() -> str:
    """The whole program."""
    return resources.files("app.ingest").joinpath("edge.py").read_text("utf-8")
