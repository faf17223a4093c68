"""The theme as Streamlit sends it, made once a process.

Streamlit reads every theme option anew and builds the same message for every run of every session; with many
open pages that is a quarter of the server's work. The theme comes from `.streamlit/config.toml`, read at the
start only, so its messages are kept. A test compares a kept message with one that was made anew.
"""

from collections.abc import Callable
from typing import Any

from streamlit.runtime import app_session

Fill = Callable[..., None]


def keep_theme() -> None:
    """Let sessions copy the theme instead of making it; once is enough, a second call changes nothing."""
    made: Fill = app_session._populate_theme_msg
    if not isinstance(made, Kept):
        app_session._populate_theme_msg = Kept(made)


class Kept:
    """Streamlit's own filling, run once for each section and copied from then on."""

    def __init__(self, fill: Fill) -> None:
        """Keep what `fill` writes."""
        self.fill = fill
        self.sections: dict[str, Any] = {}

    def __call__(self, msg: Any, section: str = "theme") -> None:
        """Write the section's options into the empty `msg`."""
        if section not in self.sections:
            found = type(msg)()
            self.fill(found, section)
            self.sections[section] = found
        msg.MergeFrom(self.sections[section])
