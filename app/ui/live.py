"""A part of a page that draws itself again every few seconds, and heals by itself."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st
import structlog

from analytics.errors import GembaError
from app.ui.cards import error_card

P = ParamSpec("P")
log = structlog.get_logger()


def live(every_s: float) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a part refresh itself. An error is a card in its place, and the rest of the page stays.

    The part is tried again with each refresh, so that it comes back by itself when the cause is gone.
    """

    def wrap(part: Callable[P, None]) -> Callable[P, None]:
        @st.fragment(run_every=every_s)
        @wraps(part)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                part(*args, **kwargs)
            except GembaError as error:
                error_card(error)
            except Exception:
                log.exception("part of a page failed", part=part.__name__)
                error_card(GembaError("This part could not be drawn. The server's log has the details."))

        return drawn

    return wrap
